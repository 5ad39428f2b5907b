/* SPDX-License-Identifier: MIT
 * Making JSON values with Jansson, and writing them to files. */
#ifndef PLAIT_CLI_JSON_H
#define PLAIT_CLI_JSON_H

#include <jansson.h>

/* A number as JSON has it: null if it is not finite.  fixed: with three decimals, which is
 * nanoseconds of a time in microseconds. */
json_t *cli_json_real(double value);
json_t *cli_json_fixed(double value);

/* A string; null for NULL. */
json_t *cli_json_text(const char *value);

/* A command as it was typed, words with blanks in quotes; null without memory. */
json_t *cli_json_command(int argc, char **argv);

/* Adds value, which the function takes over.  Without memory the object or array is freed and the
 * pointer becomes NULL; later calls then only free value. */
void cli_json_put(json_t **object_p, const char *key, json_t *value);
void cli_json_add(json_t **array_p, json_t *value);

/* Writes the object, which it takes over, to a file, or to standard output if path is NULL.
 * Returns CLI_DONE, or CLI_FAILED after saying why. */
int cli_json_write(json_t *object, const char *path);

#endif
