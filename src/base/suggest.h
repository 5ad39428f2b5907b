/* SPDX-License-Identifier: MIT
 * What a message about an unknown word says besides: the nearest valid word, and all of them. */
#ifndef PLAIT__SUGGEST_H
#define PLAIT__SUGGEST_H

#include <stddef.h>

enum plait__suggest_style {
	PLAIT__SUGGEST_COMMA,       /* , did you mean WORD? */
	PLAIT__SUGGEST_QUOTED,      /* , did you mean "WORD"? */
	PLAIT__SUGGEST_SEMICOLON,   /* ; did you mean WORD? */
	PLAIT__SUGGEST_PARENTHESES, /*  (did you mean WORD?) */
};

/* Longer than any suggestion: plait__nearest finds no word of more than 32 bytes. */
#define PLAIT__SUGGEST_SIZE 64

/* Writes the suggestion of the entry of valid, which ends in NULL, that is nearest to word; an
 * empty text if none is near.  Returns text. */
const char *plait__suggest(char text[PLAIT__SUGGEST_SIZE], enum plait__suggest_style style,
			   const char *word, const char *const *valid);

/* Writes the words, which end in NULL, with separator between them, as far as there is room.
 * Returns text. */
const char *plait__join(char *text, size_t size, const char *const *words, const char *separator);

/* Writes one character for each of another.  Returns text. */
char *plait__respell(char *text, char from, char to);

#endif
