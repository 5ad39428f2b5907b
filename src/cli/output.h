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

/* Open a file for writing and close it.  On failure they say what is wrong and return NULL or
 * CLI_FAILED. */
FILE *cli_output_create(const char *path);
int cli_output_close(FILE *file, const char *path);

/* Checks that no two of the files that options name are the same; NULL is no file.  Returns
 * CLI_DONE, or CLI_USAGE after saying so. */
int cli_output_check(const char *command, const char *const *file, size_t count);

#endif
