/* SPDX-License-Identifier: MIT
 * UTF-8, and text as JSON writes it. */
#ifndef PLAIT__TEXT_H
#define PLAIT__TEXT_H

#include <stdio.h>

/* Bytes of the valid UTF-8 sequence at text (1 to 4), 0 if there is none.  Stops at a zero
 * byte. */
int plait__utf8_length(const char *text);

/* Writes text as a JSON string, quotes included.  Bytes that are no UTF-8 become U+FFFD. */
void plait__json_print(FILE *out, const char *text);

#endif
