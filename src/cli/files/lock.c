/* SPDX-License-Identifier: MIT
 * One process at a time for a file that is read and then replaced: two would each undo what the
 * other has written.  The file itself cannot carry the lock, as another one takes its place with
 * every write; so FILE.plait-lock does.  The kernel lets go of it when the process ends in whatever
 * way, so that what a killed one leaves is no obstacle. */
#include "config.h"
#include "src/cli/files/files.h"
#include "src/cli/complain.h"
#include "src/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static struct {
	char *path;
	int fd;
	pid_t owner;
} held;

/* A forked process has its parent's lock, too, and leaves it. */
static void release(void)
{
	if (!held.path || held.owner != getpid())
		return;
	unlink(held.path);
	plait__replace_forget(held.path);
	close(held.fd);
	free(held.path);
	held.path = NULL;
}

/* Whether the file of that name is still the one that is open: who had the lock before removes it.
 */
static bool is_same(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
	       opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* Returns the file with the lock; -1: another process has it, or errno tells why not. */
static int lock(const char *path)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);

		if (fd < 0)
			return -1;
		/* Not every file system has locks. */
		if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
			close(fd);
			errno = EWOULDBLOCK;
			return -1;
		}
		if (is_same(fd, path))
			return fd;
		close(fd);
	}
}

static void say_who(const char *command, const char *option, const char *file, const char *path)
{
	FILE *reader = fopen(path, "re");
	long process = 0;

	if (!reader || fscanf(reader, "%ld", &process) != 1)
		process = 0;
	if (reader)
		fclose(reader);
	if (process > 0)
		cli_complain("%s: %s %s: process %ld keeps it up to date and has locked it (%s): "
			     "wait until it ends, or name another file",
			     command, option, file, process, path);
	else
		cli_complain("%s: %s %s: another process has locked it (%s): wait until it ends, "
			     "or name another file",
			     command, option, file, path);
}

static int hold(char *path, int fd)
{
	char text[32];
	int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	/* The number is only for the message of others. */
	if (ftruncate(fd, 0) < 0 || write(fd, text, (size_t)length) < 0)
		errno = 0;
	held.path = path;
	held.fd = fd;
	held.owner = getpid();
	plait__replace_remember(path);
	return atexit(release) == 0 ? CLI_DONE : cli_failed(PLAIT_ENOMEM);
}

int cli_files_lock(const char *command, const char *option, const char *file)
{
	char *target = plait__replace_target(file), *path = NULL;
	int fd;

	if (target)
		path = plait__format("%s.plait-lock", target);
	free(target);
	if (!path)
		return cli_failed(PLAIT_ENOMEM);
	PLAIT__ASSERT(!held.path, "a command has one file that it reads and replaces");
	fd = lock(path);
	if (fd >= 0)
		return hold(path, fd);
	if (errno == EWOULDBLOCK)
		say_who(command, option, file, path);
	else
		cli_complain("%s: %s %s: cannot be locked by %s: %s", command, option, file, path,
			     strerror(errno));
	free(path);
	return CLI_FAILED;
}
