/* SPDX-License-Identifier: MIT
 * What the commands that measure have in common: medians, a line of progress, files of JSON. */
#ifndef PLAIT_CLI_REPORT_H
#define PLAIT_CLI_REPORT_H

#include <jansson.h>
#include <stdio.h>

/* The median of count values, which are left as they are; NAN of none. */
double cli_median(const double *value, int count);

/* Draws a line on stderr in place of the last one, if that is a terminal; NULL takes it away. */
void cli_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file without a name, for what children print; -1 after saying why there is none. */
int cli_scratch_file(void);

/* Files that are written: fopen and fclose that say what is wrong.  NULL, CLI_FAILED. */
FILE *cli_file_create(const char *path);
int cli_file_close(FILE *file, const char *path);

/* Of files that options name, NULL where there is none, no two may be one: CLI_DONE, or CLI_USAGE
 * after saying so. */
int cli_files_check(const char *command, const char *const *file, size_t count);

/* A number as JSON has it: null if it is not finite.  fixed: with three decimals, which is
 * nanoseconds of a time in microseconds. */
json_t *cli_json_real(double value);
json_t *cli_json_fixed(double value);

/* A string; null for NULL. */
json_t *cli_json_text(const char *value);

/* A command as it was typed, words with blanks in quotes; null without memory. */
json_t *cli_json_command(int argc, char **argv);

/* Steal value; where there is no memory the whole is freed, and the pointer NULL from then on. */
void cli_json_put(json_t **object_p, const char *key, json_t *value);
void cli_json_add(json_t **array_p, json_t *value);

/* Writes the object, which it takes over, to a file, or to standard output if path is NULL.
 * Returns CLI_DONE, or CLI_FAILED after saying why. */
int cli_json_write(json_t *object, const char *path);

#endif
