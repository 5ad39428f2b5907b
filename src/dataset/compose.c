/* SPDX-License-Identifier: MIT
 * macOS takes the accent off a letter in names of files (normal form D), other systems leave it on
 * (normal form C).  Texts are compared as form C has them, without a copy of them.  A mark is
 * joined to what is right before it: both forms of a text have their marks in one order, so that
 * nothing has to be sorted. */
#include "config.h"
#include "src/dataset/compose.h"
#include "src/base/text.h"

#include <stddef.h>
#include <stdint.h>

/* Hangul syllables: 19 leading consonants, 21 vowels, 27 trailing consonants or none. */
enum {
	LEADING = 0x1100,
	VOWEL = 0x1161,
	TRAILING = 0x11a7,
	SYLLABLE = 0xac00,
	LEADINGS = 19,
	VOWELS = 21,
	TRAILINGS = 28,
	SYLLABLES = LEADINGS * VOWELS * TRAILINGS,
};

static const uint16_t pairs[][3] = {
#include "src/dataset/compose.def"
};

static uint32_t compose_hangul(uint32_t first, uint32_t second)
{
	if (first - LEADING < LEADINGS && second - VOWEL < VOWELS)
		return SYLLABLE + ((first - LEADING) * VOWELS + second - VOWEL) * TRAILINGS;
	if (first - SYLLABLE < SYLLABLES && (first - SYLLABLE) % TRAILINGS == 0 &&
	    second - TRAILING - 1 < TRAILINGS - 1)
		return first + second - TRAILING;
	return 0;
}

/* The character that stands for two, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
	size_t low = 0, high = sizeof pairs / sizeof *pairs;

	if (second < 0x300) /* the first of the marks */
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const uint16_t *pair = pairs[middle];

		if (pair[0] == first && pair[1] == second)
			return pair[2];
		if (pair[0] < first || (pair[0] == first && pair[1] < second))
			low = middle + 1;
		else
			high = middle;
	}
	return compose_hangul(first, second);
}

/* The character at *text_p, which moves behind it; 0 at the end. */
static uint32_t take(const char **text_p)
{
	const unsigned char *p = (const unsigned char *)*text_p;
	int length = plait__utf8_length(*text_p);
	uint32_t c = length < 2 ? *p : *p & (0x7fu >> length);

	for (int i = 1; i < length; i++)
		c = c << 6 | (p[i] & 0x3f);
	if (length == 0 && *p)
		c |= 0x80000000; /* no character has this number */
	*text_p += *p ? length + !length : 0;
	return c;
}

/* As take, with the marks that compose with the character. */
static uint32_t take_composed(const char **text_p)
{
	uint32_t c = take(text_p);

	while (c) {
		const char *next = *text_p;
		uint32_t composed = compose(c, take(&next));

		if (!composed)
			break;
		c = composed;
		*text_p = next;
	}
	return c;
}

int plait__compose_compare(const char *a, const char *b)
{
	uint32_t p, q;

	do {
		p = take_composed(&a);
		q = take_composed(&b);
	} while (p && p == q);
	return (p > q) - (p < q);
}
