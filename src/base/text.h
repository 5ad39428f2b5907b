/* SPDX-License-Identifier: MIT
 * UTF-8, and text as JSON writes it. */
#ifndef PLAIT__TEXT_H
#define PLAIT__TEXT_H

#include <stdio.h>

/* Bytes of the valid UTF-8 sequence at text (1 to 4), 0 if there is none.  Stops at a zero
 * byte. */
int plait__utf8_length(const char *text);

/* 1536 MiB as "1.5 GiB"; returns text. */
const char *plait__bytes_text(double bytes, char text[32]);

/* 61234.5 as "61,234"; "?" for what is no count or rate.  Returns text, or that. */
const char *plait__grouped_text(double value, char text[32]);

/* Writes text for people to read.  What a terminal would take for a command (control characters)
 * and bytes that are no UTF-8 are written as \n, \t or \x1b. */
void plait__text_print(FILE *out, const char *text);

/* Writes text as a JSON string, quotes included.  Bytes that are no UTF-8 become U+FFFD. */
void plait__json_print(FILE *out, const char *text);

/* Columns of the terminal at stderr, 0 if it is none that can redraw a line. */
int plait__terminal_columns(void);

#endif
