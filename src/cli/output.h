/* SPDX-License-Identifier: MIT
 * Where output goes: a line of progress on the terminal, and files. */
#ifndef PLAIT_CLI_OUTPUT_H
#define PLAIT_CLI_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

/* Draws a line on stderr in place of the last one, if that is a terminal; NULL takes it away. */
void cli_output_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file without a name, for what children print; -1 after saying why there is none. */
int cli_output_scratch(void);

/* Files that are written: fopen and fclose that say what is wrong.  NULL, CLI_FAILED. */
FILE *cli_output_create(const char *path);
int cli_output_close(FILE *file, const char *path);

/* Of files that options name, NULL where there is none, no two may be one: CLI_DONE, or CLI_USAGE
 * after saying so. */
int cli_output_check(const char *command, const char *const *file, size_t count);

#endif
