/* SPDX-License-Identifier: MIT
 * Writes JSON on one line, value by value.  It is used in place of Jansson where the manual
 * promises how many digits a number has, as Jansson has one precision for all numbers. */
#ifndef PLAIT_CLI_WRITER_H
#define PLAIT_CLI_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cli_writer {
	FILE *file;
	bool comma; /* the next value needs one before it */
};

/* Opens and closes an object ('{', '}') or an array ('[', ']').  Here and below key is NULL where
 * the value has no key: in an array, and outside of everything. */
void cli_writer_open(struct cli_writer *writer, const char *key, char bracket);
void cli_writer_close(struct cli_writer *writer, char bracket);

void cli_writer_integer(struct cli_writer *writer, const char *key, int64_t value);

/* format: of printf, for one double.  JSON has no NaN and no infinity: they become null. */
void cli_writer_real(struct cli_writer *writer, const char *key, const char *format, double value);

/* NULL becomes null. */
void cli_writer_text(struct cli_writer *writer, const char *key, const char *value);

/* Sixteen hexadecimal digits, as a text. */
void cli_writer_hash(struct cli_writer *writer, const char *key, uint64_t value);

#endif
