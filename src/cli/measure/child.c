/* SPDX-License-Identifier: MIT
 * The child is in a process group of its own.  So Ctrl-C reaches only its parent, which then ends
 * it.  If the parent dies, the kernel ends the child. */
#include "config.h"
#include "src/cli/measure/child.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *cli_child_end_name(enum cli_child_end end)
{
	static const char *const name[] = { "ok", "failed", "timeout", "interrupted" };

	PLAIT__ASSERT((size_t)end < sizeof name / sizeof *name, "every end has a name");
	return name[end];
}

/* -- in the child ------------------------------------------------------------------------------ */

static void put(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno != EINTR)
			return;
		bytes += written > 0 ? written : 0;
		size -= written > 0 ? (size_t)written : 0;
	}
}

static void enter(const struct cli_child *child)
{
	if (!child->foreground)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (const struct cli_setting *s = child->setting; s && s->name; s++)
		if (s->value)
			setenv(s->name, s->value, 1);
		else
			unsetenv(s->name);
	if (child->output < 0)
		return;
	dup2(child->output, STDOUT_FILENO);
	dup2(child->output, STDERR_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void run(const struct cli_child *child, int fd)
{
	void *result = calloc(1, child->result_size + 1);
	int status = CLI_FAILED;

	/* A signal before the fork was for the parent. */
	cli_stop_forget();
	enter(child);
	if (result)
		status = child->work(child->user, result);
	if (result && status == CLI_DONE)
		put(fd, result, child->result_size);
	fflush(NULL);
	/* exit would call the parent's exit handlers. */
	_exit(status);
}

/* -- in the parent ------------------------------------------------------------------------ */

/* Waits until something can be read, a signal comes or so many seconds are over.  Signals are
 * blocked outside of it, so that none comes between a look at cli_stop and the waiting. */
static bool wait_for(int fd, double seconds, const sigset_t *unblocked)
{
	struct timespec limit = { .tv_sec = (time_t)seconds };
	fd_set set;

	limit.tv_nsec = (long)((seconds - (double)limit.tv_sec) * 1e9);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return pselect(fd + 1, &set, NULL, NULL, &limit, unblocked) > 0;
}

/* Passes on a signal that came to this process alone, to a child that answers it itself. */
static void pass_on(const struct cli_child *child, pid_t pid, int *passed)
{
	if (!child->foreground || !cli_stop || *passed)
		return;
	*passed = cli_stop;
	if (cli_stop_was_sent())
		kill(pid, cli_stop);
}

/* Reads the result until the pipe is closed, which happens when the child ends. */
static enum cli_child_end read_result(const struct cli_child *child, pid_t pid, int fd,
				      char *result, const sigset_t *unblocked)
{
	int passed = 0;
	double end = starpu_timing_now() + child->limit * 1e6;
	size_t size = 0;

	for (;;) {
		double left = child->limit > 0 ? (end - starpu_timing_now()) / 1e6 : 1;
		ssize_t bytes;
		char rest;

		PLAIT__ASSERT(size <= child->result_size, "a result is not longer than its room");
		if (cli_stop && (!child->foreground || cli_stop_at_once()))
			return CLI_CHILD_INTERRUPTED;
		pass_on(child, pid, &passed);
		if (left <= 0)
			return CLI_CHILD_TIMEOUT;
		if (!wait_for(fd, left < 1 ? left : 1, unblocked))
			continue;
		bytes = size < child->result_size
				? read(fd, result + size, child->result_size - size)
				: read(fd, &rest, 1);
		if (bytes > 0)
			size += (size_t)bytes;
		else if (bytes == 0 || errno != EINTR)
			return size == child->result_size ? CLI_CHILD_DONE : CLI_CHILD_FAILED;
	}
}

static enum cli_child_end collect(const struct cli_child *child, pid_t pid, int fd, char *result)
{
	sigset_t blocked, before;
	enum cli_child_end end;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	end = read_result(child, pid, fd, result, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return end;
}

/* The last line that is not empty, without what the program's messages begin with. */
static bool last_line(int fd, char *line, size_t size)
{
	static const char prefix[] = "plait: ";
	char text[4096];
	off_t end = lseek(fd, 0, SEEK_END), from = end > 4095 ? end - 4095 : 0;
	ssize_t length = end > 0 ? pread(fd, text, sizeof text - 1, from) : 0;
	char *start;

	while (length > 0 && strchr("\n\r ", text[length - 1]))
		length--;
	if (length <= 0)
		return false;
	text[length] = '\0';
	start = strrchr(text, '\n');
	start = start ? start + 1 : text;
	if (strncmp(start, prefix, sizeof prefix - 1) == 0)
		start += sizeof prefix - 1;
	snprintf(line, size, "%.*s", (int)size - 1, start);
	return true;
}

static void explain(const struct cli_child *child, int status, struct cli_child_result *r)
{
	if (r->end == CLI_CHILD_TIMEOUT)
		snprintf(r->why, sizeof r->why, "not done after %g s", child->limit);
	else if (child->output >= 0 && last_line(child->output, r->why, sizeof r->why))
		return;
	else if (WIFSIGNALED(status))
		snprintf(r->why, sizeof r->why, "ended by signal %d, %s", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(r->why, sizeof r->why, "exit status %d", WEXITSTATUS(status));
}

static struct cli_child_result cannot(const char *what)
{
	struct cli_child_result r = { .end = CLI_CHILD_FAILED, .status = CLI_FAILED };

	snprintf(r.why, sizeof r.why, "%s: %s", what, strerror(errno));
	return r;
}

/* Waits for the end of a child, which is killed first if it was interrupted or took too long. */
static struct cli_child_result reap(const struct cli_child *child, pid_t pid,
				    enum cli_child_end end)
{
	struct cli_child_result r = { .end = end };
	int status = 0;

	if (end == CLI_CHILD_TIMEOUT || end == CLI_CHILD_INTERRUPTED) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL); /* it may not have made its group yet */
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (end == CLI_CHILD_DONE && r.status != 0)
		r.end = CLI_CHILD_FAILED;
	if (r.end != CLI_CHILD_DONE)
		explain(child, status, &r);
	return r;
}

struct cli_child_result cli_child_run(const struct cli_child *child, void *result)
{
	enum cli_child_end end;
	int ends[2];
	pid_t pid;

	fflush(NULL);
	if (child->output >= 0 &&
	    (ftruncate(child->output, 0) != 0 || lseek(child->output, 0, SEEK_SET) != 0))
		return cannot("its output cannot be kept");
	if (pipe(ends) != 0)
		return cannot("no pipe can be made");
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return cannot("no process can be made");
	}
	if (pid == 0) {
		close(ends[0]);
		run(child, ends[1]);
	}
	close(ends[1]);
	end = collect(child, pid, ends[0], result);
	close(ends[0]);
	return reap(child, pid, end);
}
