/* SPDX-License-Identifier: MIT
 * Names as the metadata of a file of weights has them: one on a line. */
#ifndef PLAIT_CLI_NAME_TEXT_H
#define PLAIT_CLI_NAME_TEXT_H

#include <stdint.h>

/* The text of all names, which the caller frees; NULL with the message said. */
char *cli_name_text_write(int64_t count, const char *const *names);

/* Cuts text into its lines: an array of names, which point into text.  The caller frees the array.
 * NULL with the message kept. */
const char **cli_name_text_read(char *text, int64_t *count_p);

#endif
