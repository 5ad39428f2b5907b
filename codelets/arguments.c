/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/arguments.h"
#include "codelets/shared/room.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(char why[PLAIT__ARGUMENTS_WHY], const char *what, const char *name)
{
	snprintf(why, PLAIT__ARGUMENTS_WHY, "%s%.40s", what, name);
	return false;
}

/* A whole number up to end. */
static bool read_integer(const char *text, const char *end, int64_t least, int64_t *integer)
{
	char *after;
	long long value;

	errno = 0;
	value = strtoll(text, &after, 10);
	if (text == end || strspn(text, "0123456789") != (size_t)(end - text) || after != end ||
	    errno != 0 || value < least || value > INT32_MAX)
		return false;
	*integer = value;
	return true;
}

static bool read_pair(const char *text, const char *end, int64_t least, int64_t pair[2])
{
	const char *cross = memchr(text, 'x', (size_t)(end - text));

	if (cross)
		return read_integer(text, cross, least, &pair[0]) &&
		       read_integer(cross + 1, end, least, &pair[1]);
	if (!read_integer(text, end, least, &pair[0]))
		return false;
	pair[1] = pair[0];
	return true;
}

/* strtod also takes nan, infinity and 0x10. */
static bool read_number(const char *text, const char *end, double *number)
{
	char *after;
	double value = strtod(text, &after);

	if (text == end || strspn(text, "0123456789.e+-") != (size_t)(end - text) || after != end ||
	    !isfinite(value) || value < 0)
		return false;
	*number = value;
	return true;
}

static bool read_value(const struct plait__argument *a, const char *text, const char *end)
{
	if (a->number)
		return read_number(text, end, a->number);
	return a->pair ? read_pair(text, end, a->least, a->integer)
		       : read_integer(text, end, a->least, a->integer);
}

/* The argument that stands from text to end: by its name, or the next one that needs none. */
static const struct plait__argument *find(const struct plait__argument *argument, int arguments,
					  const bool *given, const char *text, const char *end)
{
	const char *equals = memchr(text, '=', (size_t)(end - text));

	for (int i = 0; i < arguments; i++) {
		const struct plait__argument *a = &argument[i];

		if (equals ? strlen(a->name) == (size_t)(equals - text) &&
				     memcmp(a->name, text, (size_t)(equals - text)) == 0
			   : !given[i] && (a->required || a->optional))
			return a;
	}
	return NULL;
}

static bool read_one(const struct plait__argument *argument, int arguments, bool *given,
		     const char *text, const char *end, char why[PLAIT__ARGUMENTS_WHY])
{
	const char *equals = memchr(text, '=', (size_t)(end - text));
	const struct plait__argument *a = find(argument, arguments, given, text, end);
	char shown[41];

	memcpy(shown, text, (size_t)(end - text < 40 ? end - text : 40));
	shown[end - text < 40 ? end - text : 40] = '\0';
	if (!a)
		return fail(why, "there is no argument ", shown);
	if (given[a - argument])
		return fail(why, "given twice: ", a->name);
	given[a - argument] = true;
	return read_value(a, equals ? equals + 1 : text, end) ? true
							      : fail(why, "wrong value: ", shown);
}

bool plait__arguments_parse(const char *text, const struct plait__argument *argument, int arguments,
			    char why[PLAIT__ARGUMENTS_WHY])
{
	bool given[PLAIT__MOST_ARGUMENTS] = { false };

	PLAIT__ASSERT(arguments <= PLAIT__MOST_ARGUMENTS, "a word's arguments are few");
	for (const char *at = text; *at;) {
		const char *end = at + strcspn(at, ",");

		if (!read_one(argument, arguments, given, at, end, why))
			return false;
		at = *end ? end + 1 : end;
		if (*end && !*at)
			return fail(why, "nothing behind the last comma", "");
	}
	for (int i = 0; i < arguments; i++)
		if (argument[i].required && !given[i])
			return fail(why, "it has no ", argument[i].name);
	return true;
}

bool plait__arguments_read(struct plait_node *x, const char *word, const char *text,
			   const struct plait__argument *argument, int arguments,
			   const char *example)
{
	char why[PLAIT__ARGUMENTS_WHY];

	if (!x)
		return false;
	if (plait__arguments_parse(text, argument, arguments, why))
		return true;
	plait_graph_fail(x->graph, PLAIT_EINVAL, "model: \"%s%s%.60s\": %s, as in %s", word,
			 *text ? ":" : "", text, why, example);
	return false;
}
