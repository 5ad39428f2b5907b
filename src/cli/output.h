/* SPDX-License-Identifier: MIT
 * Where output goes: a line of progress on the terminal, and files. */
#ifndef PLAIT_CLI_OUTPUT_H
#define PLAIT_CLI_OUTPUT_H

#include "src/base/replace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Draws a line on stderr in place of the last one, if stderr is a terminal; NULL erases it. */
void cli_output_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file without a name, for what child processes print; -1 after saying why there is none. */
int cli_output_scratch(void);

/* A file that is written as a whole.  A new one takes the place of an old one when it is whole, see
 * src/base/replace.h; a pipe, a device and the file of standard output or error are written as
 * cli_output_create does. */
struct cli_output {
	FILE *file; /* what to write to */
	const char *path;
	bool replaces;
	struct plait__replace replace;
};

/* Returns CLI_DONE or, after saying why not, CLI_FAILED; there is nothing to end then. */
int cli_output_begin(struct cli_output *output, const char *path);

/* With any status but CLI_DONE an old file stays.  Returns status, or CLI_FAILED after saying what
 * could not be written. */
int cli_output_end(struct cli_output *output, int status);

/* Writes a text as a cell of CSV (RFC 4180): what would not be read back as it is stands in quotes.
 */
void cli_output_cell(FILE *file, const char *text);

/* Open a file for writing from its beginning, and close it.  A file that standard output or error
 * goes to is not begun anew: the caller's text follows what is there.  One that another process is
 * writing by this function is refused.  On failure they say what is wrong and return NULL or
 * CLI_FAILED. */
FILE *cli_output_create(const char *path);

/* As cli_output_create, but a file that has something in it keeps it, and *has_old_p is true: the
 * caller empties it. */
FILE *cli_output_open(const char *path, bool *has_old_p);
int cli_output_close(FILE *file, const char *path);

#endif
