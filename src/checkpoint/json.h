/* SPDX-License-Identifier: MIT
 * Strict JSON (RFC 8259), token by token: the caller knows the grammar of what it reads, so
 * there is no tree and no recursion.  Messages read "path: offset N: expected ..., found". */
#ifndef PLAIT__JSON_H
#define PLAIT__JSON_H

#include "src/base/base.h"
#include "src/base/text.h"

struct plait__json {
	const char *path;
	int64_t start; /* where text begins in the file */
	char *text;    /* size bytes, which strings are unescaped into */
	size_t size, at;
};

/* Skips spaces, and takes c if it comes next. */
bool plait__json_take(struct plait__json *json, char c);

/* Takes c or returns PLAIT_EFORMAT; expected names it. */
int plait__json_expect(struct plait__json *json, char c, const char *expected);

/* A string of valid UTF-8 without zero bytes; lives in the text. */
int plait__json_string(struct plait__json *json, const char **string_p, const char *expected);

/* A whole number from 0 to INT64_MAX, without fraction and exponent. */
int plait__json_integer(struct plait__json *json, int64_t *value_p, const char *expected);

/* Returns PLAIT_EFORMAT with a message that names what was expected here. */
int plait__json_error(const struct plait__json *json, const char *expected);

/* PLAIT_EFORMAT unless only spaces are left. */
int plait__json_end(struct plait__json *json);

#endif
