/* SPDX-License-Identifier: MIT
 * Where output goes: a line of progress on the terminal, and files. */
#ifndef PLAIT_CLI_OUTPUT_H
#define PLAIT_CLI_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

/* Draws a line on stderr in place of the last one, if stderr is a terminal; NULL erases it. */
void cli_output_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file without a name, for what child processes print; -1 after saying why there is none. */
int cli_output_scratch(void);

/* Open a file for writing from its beginning, and close it.  A file that standard output or error
 * goes to is not begun anew: the caller's text follows what is there.  One that another process is
 * writing by this function is refused.  On failure they say what is wrong and return NULL or
 * CLI_FAILED. */
FILE *cli_output_create(const char *path);
int cli_output_close(FILE *file, const char *path);

#endif
