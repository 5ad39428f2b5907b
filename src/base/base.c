/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/base.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local char message[1024];

const char *plait_status_text(int status)
{
	switch (status) {
#define PLAIT__STATUS_CASE(name, value, text) \
	case value: \
		return text;
		PLAIT_STATUS_MAP(PLAIT__STATUS_CASE)
#undef PLAIT__STATUS_CASE
	}
	return "unknown status";
}

const char *plait_error_message(void)
{
	return message;
}

const char *plait_version(void)
{
	return PACKAGE_VERSION;
}

int plait__error(int status, const char *format, ...)
{
	char text[sizeof message]; /* the arguments may point into the old message */
	va_list args;

	PLAIT__ASSERT(status < 0, "a message belongs to a failure");
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	memcpy(message, text, sizeof message);
	return status;
}

void *plait__calloc(size_t count, size_t size, const char *what)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		plait__error(PLAIT_ENOMEM, "%s: no memory for %zu times %zu bytes", what, count,
			     size);
	return memory;
}

char *plait__strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = plait__calloc(1, size, "a copy of a text");

	return copy ? memcpy(copy, text, size) : NULL;
}

char *plait__format(const char *format, ...)
{
	va_list args;
	char *text;
	size_t size;

	va_start(args, format);
	size = (size_t)vsnprintf(NULL, 0, format, args) + 1;
	va_end(args);
	text = plait__calloc(1, size, "a text");
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
	return text;
}

static int least_of(int a, int b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, in which two neighbours that changed places count once; words longer than
 * a row are never near. */
static int distance(const char *a, const char *b)
{
	int rows[3][33];
	int la = (int)strlen(a), lb = (int)strlen(b);

	if (la > 32 || lb > 32)
		return INT_MAX;
	for (int i = 0; i <= la; i++)
		for (int j = 0; j <= lb; j++) {
			int *row = rows[i % 3], *above = rows[(i + 2) % 3];

			row[j] = i == 0 ? j : above[j] + 1;
			if (i == 0 || j == 0)
				continue;
			row[j] = least_of(row[j], row[j - 1] + 1);
			row[j] = least_of(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least_of(row[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	return rows[la % 3][lb];
}

/* A third of the letters may be wrong, or two of four and more. */
const char *plait__nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	int letters = (int)strlen(word + strspn(word, "-"));
	int least = letters < 4 ? 2 : letters < 9 ? 3 : letters / 3 + 1;

	for (; *list; list++) {
		int d = distance(word, *list);

		if (d < least) {
			least = d;
			nearest = *list;
		}
	}
	return nearest;
}
