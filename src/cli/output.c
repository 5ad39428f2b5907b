/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/output.h"
#include "src/cli/complain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_output_progress(const char *format, ...)
{
	struct winsize window;
	char text[160];
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	if (!format) {
		fputs("\r\033[K", stderr);
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 &&
	    window.ws_col <= sizeof text)
		text[window.ws_col - 1] = '\0'; /* a line that wraps cannot be erased */
	fprintf(stderr, "\r\033[K%s", text);
	fflush(stderr);
}

int cli_output_scratch(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/plait-XXXXXX", folder && *folder ? folder : "/tmp");
	fd = mkstemp(path);
	if (fd < 0) {
		cli_complain("%s: cannot be made: %s", path, strerror(errno));
		return -1;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	unlink(path);
	return fd;
}

/* A descriptor of the standard stream that goes to the file, so that both have one position; -1:
 * none does. */
static int share_stream(const struct stat *file)
{
	struct stat is;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &is) == 0 && is.st_dev == file->st_dev && is.st_ino == file->st_ino &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
			fflush(stdout);
			return fcntl(fd, F_DUPFD_CLOEXEC, 3);
		}
	return -1;
}

/* Begins a file anew, which is locked until it is closed.  Where the file system has no locks, or
 * the path is no file, there is none. */
static int begin_file(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		errno = ETXTBSY;
		return -1;
	}
	return ftruncate(fd, 0);
}

FILE *cli_output_create(const char *path)
{
	/* Without O_NONBLOCK, opening a pipe without a reader waits for ever.  Writing may wait. */
	int fd = strcmp(path, "-") == 0
			 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	int shared = -1;
	FILE *file = NULL;
	struct stat is;
	bool ready = fd >= 0 && fstat(fd, &is) == 0;

	if (ready && S_ISREG(is.st_mode) && strcmp(path, "-") != 0) {
		shared = share_stream(&is);
		if (shared >= 0) {
			close(fd);
			fd = shared;
		} else {
			ready = begin_file(fd) == 0;
		}
	}
	if (ready && strcmp(path, "-") != 0 && shared < 0)
		ready = fcntl(fd, F_SETFL, 0) == 0;
	if (ready)
		file = fdopen(fd, "w");
	if (file)
		return file;
	cli_complain("%s: cannot be written: %s", path,
		     errno == ETXTBSY ? "another process is writing it" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

int cli_output_close(FILE *file, const char *path)
{
	bool failed = fflush(file) != 0 || ferror(file);

	if (fclose(file) == 0 && !failed)
		return CLI_DONE;
	cli_complain("%s: cannot be written: %s", path, strerror(errno));
	return CLI_FAILED;
}
