/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/output.h"
#include "src/cli/complain.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

double cli_median(const double *value, int count)
{
	double *sorted = malloc(((size_t)count + 1) * sizeof *sorted), median;

	if (!sorted || count < 1) {
		free(sorted);
		return NAN;
	}
	memcpy(sorted, value, (size_t)count * sizeof *sorted);
	qsort(sorted, (size_t)count, sizeof *sorted, by_value);
	median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
	free(sorted);
	return median;
}

void cli_progress(const char *format, ...)
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
		text[window.ws_col - 1] = '\0'; /* a line that wraps cannot be taken back */
	fprintf(stderr, "\r\033[K%s", text);
	fflush(stderr);
}

int cli_scratch_file(void)
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

json_t *cli_json_real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *cli_json_fixed(double value)
{
	return cli_json_real(round(value * 1e3) / 1e3);
}

json_t *cli_json_text(const char *value)
{
	json_t *string = value ? json_string(value) : json_null();

	/* A name that is no UTF-8 is no reason to have no report. */
	return string ? string : json_string("?");
}

int cli_files_check(const char *command, const char *const *file, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (file[i] && file[j] && strcmp(file[i], file[j]) == 0) {
				cli_complain("%s: two options name one file, %s", command, file[i]);
				return CLI_USAGE;
			}
	return CLI_DONE;
}

json_t *cli_json_command(int argc, char **argv)
{
	json_t *text = json_string("");

	for (int i = 0; i < argc && text; i++) {
		const char *quote = *argv[i] == '\0' || strpbrk(argv[i], " \t\"'") ? "\"" : "";
		json_t *longer = json_sprintf("%s%s%s%s%s", json_string_value(text), i ? " " : "",
					      quote, argv[i], quote);

		json_decref(text);
		text = longer;
	}
	return text ? text : json_null();
}

void cli_json_put(json_t **object_p, const char *key, json_t *value)
{
	if (!*object_p) {
		json_decref(value);
	} else if (!value || json_object_set_new(*object_p, key, value) < 0) {
		json_decref(*object_p);
		*object_p = NULL;
	}
}

void cli_json_add(json_t **array_p, json_t *value)
{
	if (!*array_p) {
		json_decref(value);
	} else if (!value || json_array_append_new(*array_p, value) < 0) {
		json_decref(*array_p);
		*array_p = NULL;
	}
}

FILE *cli_file_create(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		cli_complain("%s: cannot be written: %s", path, strerror(errno));
	return file;
}

int cli_file_close(FILE *file, const char *path)
{
	bool failed = fflush(file) != 0 || ferror(file);

	if (fclose(file) == 0 && !failed)
		return CLI_DONE;
	cli_complain("%s: cannot be written: %s", path, strerror(errno));
	return CLI_FAILED;
}

int cli_json_write(json_t *object, const char *path)
{
	FILE *file = path ? cli_file_create(path) : stdout;
	int status = file ? CLI_DONE : CLI_FAILED;

	/* What cannot be written to standard output is found at the program's end. */
	if (file && (json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) < 0 ||
		     fputc('\n', file) == EOF))
		errno = errno ? errno : EIO;
	if (file && path)
		status = cli_file_close(file, path);
	json_decref(object);
	return status;
}
