/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/complain.h"

#include <plait/base.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void cli_complain(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("plait: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void cli_complain_words(const char *const *words)
{
	for (int i = 0; words[i]; i++)
		fprintf(stderr, "%s%s", i % 6 ? " " : i ? "\n  " : "  ", words[i]);
	fputc('\n', stderr);
}

int cli_failed(int status)
{
	cli_complain("%s", plait_error_message());
	return status == PLAIT_EINVAL ? CLI_USAGE : CLI_FAILED;
}

void cli_stalled(const char *text)
{
	cli_complain("%s", text);
	fflush(NULL);
	/* exit would run exit handlers, and that of StarPU waits for the thread that hangs. */
	_exit(CLI_FAILED);
}
