/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/words.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n\v\f"
#define MARKS "{}|"

bool plait__words_open(struct plait__words *words, const char *text)
{
	*words = (struct plait__words){
		.text = text, .rest = text, .word = malloc(strlen(text) + 1), .line = 1
	};
	if (words->word)
		plait__words_next(words);
	return words->word != NULL;
}

void plait__words_close(struct plait__words *words)
{
	free(words->word);
}

/* To the next word, or to the end. */
static void skip(struct plait__words *words)
{
	while (*words->rest && strchr(BLANKS "#", *words->rest)) {
		if (*words->rest == '#')
			words->rest += strcspn(words->rest, "\n");
		else
			words->line += *words->rest++ == '\n';
	}
}

void plait__words_next(struct plait__words *words)
{
	size_t length;

	skip(words);
	words->begin = words->rest;
	length = strcspn(words->rest, BLANKS MARKS "#");
	if (length == 0 && *words->rest)
		length = 1; /* a mark */
	memcpy(words->word, words->rest, length);
	words->word[length] = '\0';
	words->rest += length;
}

bool plait__words_at(const struct plait__words *words, char mark)
{
	return words->word[0] == mark;
}

bool plait__words_named(const struct plait__words *words)
{
	return words->word[0] && !strchr(MARKS, words->word[0]);
}
