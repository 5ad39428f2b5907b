/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* vasprintf */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/base/text.h"

#include <errno.h>
#include <plait/base.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Why standard output could not be written first, and whether that has been told. */
static int output_error;
static bool output_told;

/* Whom messages are about, or NULL; the last message. */
static const char *subject;
static char *last;

static bool flush_output(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	if (!output_error)
		output_error = errno ? errno : EIO;
	return false;
}

int cli_output_flush(void)
{
	if (flush_output())
		return CLI_DONE;
	if (!output_told) {
		output_told = true;
		cli_complain("standard output: %s", strerror(output_error));
	}
	return CLI_FAILED;
}

void cli_complain(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	flush_output();
	fputs("plait: ", stderr);
	va_start(args, format);
	if (subject) {
		plait__text_print(stderr, subject);
		fputs(": ", stderr);
	}
	if (vasprintf(&text, format, args) >= 0)
		plait__text_print(stderr, text);
	else
		text = NULL;
	va_end(args);
	free(last);
	last = text;
	fputc('\n', stderr);
}

void cli_complain_of(const char *name)
{
	subject = name;
}

const char *cli_complaint(void)
{
	return last ? last : "";
}

void cli_complain_words(const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		fputs(i % 6 ? " " : i ? "\n  " : "  ", stderr);
		plait__text_print(stderr, words[i]);
	}
	fputc('\n', stderr);
}

int cli_failed(int status)
{
	cli_complain("%s", plait_error_message());
	return cli_end_status(cli_end_of(status));
}

void cli_stalled(const char *text)
{
	cli_complain("%s", text);
	fflush(NULL);
	/* exit would run exit handlers, and that of StarPU waits for the thread that hangs. */
	_exit(CLI_FAILED);
}
