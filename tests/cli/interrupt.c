/* SPDX-License-Identifier: MIT
 * A file that is replaced, whatever ends the process that writes it. */
#include "config.h"
#include "src/cli/interrupt.h"
#include "src/base/replace.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		exit(99);
}

static bool holds(const char *path, const char *text)
{
	char found[64] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	if (!fgets(found, sizeof found, file))
		*found = '\0';
	fclose(file);
	return strcmp(found, text) == 0;
}

static int replace(const char *path, const char *text)
{
	struct plait__replace r;
	int status = plait__replace_begin(&r, path);

	return status < 0 ? status
			  : plait__replace_end(&r, plait__replace_write(&r, text, strlen(text), 0));
}

static int mode_of(const char *path)
{
	struct stat is;

	return stat(path, &is) == 0 ? (int)(is.st_mode & 07777) : -1;
}

static void test_mode(void)
{
	static const mode_t modes[] = { 0600, 0640, 0660, 0755, 0644 };

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		put("file", "old");
		chmod("file", modes[i]);
		is_int(replace("file", "new"), 0, "a file of mode %o is replaced", modes[i]);
		ok(holds("file", "new") && mode_of("file") == (int)modes[i], "and keeps its mode");
	}
	umask(027);
	unlink("file");
	ok(replace("file", "new") == 0 && mode_of("file") == 0640, "a new file has the umask's");
	umask(022);
	chmod("file", 0444);
	if (geteuid() != 0)
		ok(replace("file", "newer") < 0 && holds("file", "new"),
		   "a write-protected file is refused: %s", plait_error_message());
	unlink("file");
}

static void test_links(void)
{
	struct stat is;
	char to[64] = "";

	put("target", "old");
	chmod("target", 0600);
	if (symlink("target", "one") != 0 || symlink("./one", "two") != 0 ||
	    symlink("new", "dangling") != 0 || symlink("loop", "loop") != 0)
		exit(99);
	is_int(replace("two", "new"), 0, "a link to a link");
	ok(holds("target", "new") && mode_of("target") == 0600, "what it leads to is replaced");
	ok(lstat("one", &is) == 0 && S_ISLNK(is.st_mode) && readlink("two", to, 63) == 5,
	   "the links stay");
	is_int(replace("dangling", "made"), 0, "a link to what is not there");
	ok(holds("new", "made"), "makes it");
	ok(replace("loop", "new") < 0, "a link to itself: %s", plait_error_message());
	unlink("target");
	unlink("one");
	unlink("two");
	unlink("dangling");
	unlink("new");
	unlink("loop");
}

static void test_left_over(void)
{
	char dead[64], alive[64];
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	snprintf(dead, sizeof dead, "file.tmp-%ld-0", (long)child);
	snprintf(alive, sizeof alive, "file.tmp-%ld-7", (long)getppid());
	put(dead, "half");
	put(alive, "half");
	put("file.tmp-7", "mine");
	put("other.tmp-999999999-0", "mine");
	is_int(replace("file", "whole"), 0, "a file that a killed process was writing");
	ok(access(dead, F_OK) != 0, "what that has left is gone");
	ok(access(alive, F_OK) == 0, "what a process that lives is writing is there");
	ok(access("file.tmp-7", F_OK) == 0 && access("other.tmp-999999999-0", F_OK) == 0,
	   "and so is what has another name");
	unlink(alive);
	unlink("file.tmp-7");
	unlink("other.tmp-999999999-0");
	unlink("file");
}

/* -- signals --------------------------------------------------------------------------------- */

static void wait_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

/* A child that writes and is sent so many signals. */
static int end_by(int signal, bool watches, int times, int ms)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct plait__replace r;

		cli_catch_ends();
		if (watches)
			cli_watch_ends();
		if (plait__replace_begin(&r, "file") < 0)
			_exit(99);
		for (int i = 0; i < times; i++) {
			raise(signal);
			wait_ms(ms);
		}
		_exit(plait__replace_end(&r, PLAIT_EIO) == PLAIT_EIO ? cli_stop : 99);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_clean(void)
{
	return system("ls file.tmp-* >/dev/null 2>&1") != 0;
}

static void test_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (int i = 0; i < 3; i++) {
		int s = signals[i];

		is_int(end_by(s, false, 1, 0), 1000 + s, "signal %d ends who does not watch", s);
		ok(is_clean(), "the file that it was writing is gone");
		is_int(end_by(s, true, 1, 0), s, "the first one asks who watches");
		is_int(end_by(s, true, 2, 0), s, "one that comes twice at once is one");
		is_int(end_by(s, true, 2, 200), 1000 + s, "the second one ends it");
		ok(is_clean(), "the file that it was writing is gone");
		signal(s, SIG_IGN);
		is_int(end_by(s, true, 3, 150), 0, "one that is ignored stays ignored");
		signal(s, SIG_DFL);
	}
}

int main(void)
{
	char path[] = "plait-interrupt-XXXXXX", folder[4096];

	if (!mkdtemp(path) || chdir(path) != 0 || !getcwd(folder, sizeof folder))
		exit(99);
	umask(022);
	test_mode();
	test_links();
	test_left_over();
	test_signals();
	ok(chdir("..") == 0 && rmdir(folder) == 0, "nothing is left");
	return tap_done();
}
