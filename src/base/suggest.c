/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/base/suggest.h"
#include "src/base/base.h"

#include <stdio.h>

const char *plait__suggest(char text[PLAIT__SUGGEST_SIZE], enum plait__suggest_style style,
			   const char *word, const char *const *valid)
{
	static const struct {
		const char *before, *after;
	} marks[] = {
		[PLAIT__SUGGEST_COMMA] = { ", did you mean ", "?" },
		[PLAIT__SUGGEST_QUOTED] = { ", did you mean \"", "\"?" },
		[PLAIT__SUGGEST_SEMICOLON] = { "; did you mean ", "?" },
		[PLAIT__SUGGEST_PARENTHESES] = { " (did you mean ", "?)" },
	};
	const char *nearest = plait__nearest(word, valid);

	PLAIT__ASSERT((size_t)style < sizeof marks / sizeof *marks && marks[style].before,
		      "the style is one of the table");
	text[0] = '\0';
	if (nearest)
		snprintf(text, PLAIT__SUGGEST_SIZE, "%s%s%s", marks[style].before, nearest,
			 marks[style].after);
	return text;
}

const char *plait__join(char *text, size_t size, const char *const *words, const char *separator)
{
	size_t length = 0;

	text[0] = '\0';
	for (int i = 0; words[i] && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? separator : "",
					   words[i]);
	return text;
}

char *plait__respell(char *text, char from, char to)
{
	for (char *c = text; *c; c++)
		if (*c == from)
			*c = to;
	return text;
}
