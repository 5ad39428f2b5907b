/* SPDX-License-Identifier: MIT
 * The words of a model, one by one: what stands between blanks.  Braces and bars are words of their
 * own, with blanks around them or without, and what follows a # up to the end of its line is none.
 */
#ifndef PLAIT__WORDS_H
#define PLAIT__WORDS_H

#include <stdbool.h>

struct plait__words {
	const char *text, *rest; /* all of it; what is read next */
	char *word;              /* the one that was read last; "": the text is over */
	const char *begin;       /* where it stands in the text */
	int line;                /* likewise, from 1 */
};

/* Opens a text, which must live as long, and reads its first word.  false: no memory, and nothing
 * is open. */
bool plait__words_open(struct plait__words *words, const char *text);
void plait__words_close(struct plait__words *words);

void plait__words_next(struct plait__words *words);

/* Whether the word is "{", "}" or "|". */
bool plait__words_at(const struct plait__words *words, char mark);

/* Whether it is a word that is no mark. */
bool plait__words_named(const struct plait__words *words);

#endif
