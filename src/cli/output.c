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
#include <sys/ioctl.h>
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

int cli_output_check(const char *command, const char *const *file, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (file[i] && file[j] && strcmp(file[i], file[j]) == 0) {
				cli_complain("%s: two options name one file, %s", command, file[i]);
				return CLI_USAGE;
			}
	return CLI_DONE;
}

FILE *cli_output_create(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		cli_complain("%s: cannot be written: %s", path, strerror(errno));
	return file;
}

int cli_output_close(FILE *file, const char *path)
{
	bool failed = fflush(file) != 0 || ferror(file);

	if (fclose(file) == 0 && !failed)
		return CLI_DONE;
	cli_complain("%s: cannot be written: %s", path, strerror(errno));
	return CLI_FAILED;
}
