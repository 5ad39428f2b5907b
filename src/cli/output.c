/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/output.h"
#include "src/cli/complain.h"
#include "src/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_output_progress(const char *format, ...)
{
	int columns = plait__terminal_columns();
	char text[160];
	va_list args;

	if (columns == 0)
		return;
	if (!format) {
		fputs("\r\033[K", stderr);
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (columns > 1 && columns <= (int)sizeof text)
		text[columns - 1] = '\0'; /* a line that wraps cannot be erased */
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

/* Locks a file until it is closed.  Where the file system has no locks, or the path is no file,
 * there is none. */
static bool lock_file(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return true;
	errno = ETXTBSY;
	return false;
}

FILE *cli_output_open(const char *path, bool *has_old_p)
{
	/* Without O_NONBLOCK, opening a pipe without a reader waits for ever.  Writing may wait. */
	int fd = strcmp(path, "-") == 0
			 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	int shared = -1;
	FILE *file = NULL;
	struct stat is;
	bool ready = fd >= 0 && fstat(fd, &is) == 0;

	*has_old_p = false;
	if (ready && S_ISREG(is.st_mode) && strcmp(path, "-") != 0) {
		shared = share_stream(&is);
		if (shared >= 0) {
			close(fd);
			fd = shared;
		} else {
			ready = lock_file(fd);
			*has_old_p = is.st_size > 0;
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

FILE *cli_output_create(const char *path)
{
	bool has_old;
	FILE *file = cli_output_open(path, &has_old);

	if (!file || !has_old || ftruncate(fileno(file), 0) == 0)
		return file;
	cli_complain("%s: cannot be written: %s", path, strerror(errno));
	fclose(file);
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

/* Whether a file can be replaced: one that is no pipe or device, and not that of a standard stream,
 * to which the shell and this program go on writing. */
static bool is_replaced(const char *path)
{
	struct stat is, stream;

	if (stat(path, &is) != 0)
		return true;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &stream) == 0 && is.st_dev == stream.st_dev &&
		    is.st_ino == stream.st_ino)
			return false;
	return S_ISREG(is.st_mode);
}

static int begin_replaced(struct cli_output *output)
{
	int fd;

	if (plait__replace_begin(&output->replace, output->path) < 0) {
		cli_complain("%s", plait_error_message());
		return CLI_FAILED;
	}
	fd = fcntl(output->replace.fd, F_DUPFD_CLOEXEC, 3);
	output->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (output->file)
		return CLI_DONE;
	cli_complain("%s: cannot be written: %s", output->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	plait__replace_end(&output->replace, PLAIT_EIO);
	return CLI_FAILED;
}

int cli_output_begin(struct cli_output *output, const char *path)
{
	*output = (struct cli_output){ .path = path, .replaces = is_replaced(path) };
	if (output->replaces)
		return begin_replaced(output);
	output->file = cli_output_create(path);
	return output->file ? CLI_DONE : CLI_FAILED;
}

int cli_output_end(struct cli_output *output, int status)
{
	int closed = cli_output_close(output->file, output->path);

	status = status == CLI_DONE ? closed : status;
	output->file = NULL;
	if (!output->replaces ||
	    plait__replace_end(&output->replace, status == CLI_DONE ? 0 : PLAIT_EIO) == 0 ||
	    status != CLI_DONE)
		return status;
	cli_complain("%s", plait_error_message());
	return CLI_FAILED;
}

void cli_output_cell(FILE *file, const char *text)
{
	size_t length = strlen(text);
	bool quotes =
		length == 0 || strpbrk(text, ",\"\r\n") || *text == ' ' || text[length - 1] == ' ';

	if (!quotes) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	putc('"', file);
}
