/* SPDX-License-Identifier: MIT
 * The area under the ROC curve: how often a positive sample has a larger probability than a
 * negative one, equal ones counting half (H. B. Mann, D. R. Whitney, 1947).  Both are sorted, by
 * keys that are in the order of the probabilities. */
#include "config.h"
#include "src/scores/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT 11 /* bits that a pass sorts by */
#define DIGITS (1 << DIGIT)
#define PASSES ((64 + DIGIT - 1) / DIGIT)
/* Of so many first bits few keys share all: they are sorted by these, and what is left is put right
 * by insertion, if that takes no more moves than there are keys. */
#define FIRST_PASSES 3

/* The bits of a number from 0 on are in its order; those of others are in the reverse one. */
static uint64_t key_of(double p)
{
	const uint64_t sign = (uint64_t)1 << 63;
	uint64_t bits;

	p += 0.0; /* -0 becomes 0 */
	memcpy(&bits, &p, sizeof bits);
	return bits & sign ? ~bits : bits | sign;
}

/* Digit 0 ends with the last bit; the last digit, which begins with the first one, is shorter. */
static unsigned digit(uint64_t key, int pass)
{
	return (unsigned)(key >> (pass * DIGIT)) & (DIGITS - 1);
}

/* Sorts keys by the digits from `from` on, the least first; returns where they are then, which is
 * key or room. */
static uint64_t *sort_digits(int64_t n, int from, uint64_t *key, uint64_t *room,
			     int64_t (*count)[DIGITS])
{
	memset(count, 0, PASSES * sizeof *count);
	for (int64_t i = 0; i < n; i++)
		for (int pass = from; pass < PASSES; pass++)
			count[pass][digit(key[i], pass)]++;
	for (int pass = from; pass < PASSES; pass++) {
		uint64_t *sorted = room;
		int64_t at = 0;

		/* A digit that all have alike moves nothing. */
		if (count[pass][digit(key[0], pass)] == n)
			continue;
		for (int d = 0; d < DIGITS; d++) {
			int64_t next = at + count[pass][d];

			count[pass][d] = at;
			at = next;
		}
		for (int64_t i = 0; i < n; i++)
			sorted[count[pass][digit(key[i], pass)]++] = key[i];
		room = key;
		key = sorted;
	}
	return key;
}

/* Whether at most n moves sort the keys; if not they are in some other order. */
static bool insert(int64_t n, uint64_t *key)
{
	int64_t moves = 0;

	for (int64_t i = 1; i < n && moves <= n; i++) {
		uint64_t one = key[i];
		int64_t at = i;

		for (; at > 0 && key[at - 1] > one && moves <= n; at--, moves++)
			key[at] = key[at - 1];
		key[at] = one;
	}
	return moves <= n;
}

/* Sorts keys from the smallest on. */
static uint64_t *sort(int64_t n, uint64_t *key, uint64_t *room, int64_t (*count)[DIGITS])
{
	uint64_t *sorted;

	if (n == 0)
		return key;
	sorted = sort_digits(n, PASSES - FIRST_PASSES, key, room, count);
	if (insert(n, sorted))
		return sorted;
	return sort_digits(n, 0, sorted, sorted == key ? room : key, count);
}

/* What sorting needs: two lists of the samples' keys, as many places again, and counts. */
struct work {
	uint64_t *key, *room;
	int64_t (*count)[DIGITS];
};

/* Twice the pairs in which the positive sample has more, of sorted keys. */
static double twice_above(int64_t positives, const uint64_t *positive, int64_t negatives,
			  const uint64_t *negative)
{
	int64_t less = 0, upto = 0;
	double sum = 0; /* of whole numbers: exact up to 2^53 */

	for (int64_t i = 0; i < positives; i++) {
		while (less < negatives && negative[less] < positive[i])
			less++;
		upto = upto < less ? less : upto;
		while (upto < negatives && negative[upto] <= positive[i])
			upto++;
		sum += (double)(less + upto);
	}
	return sum;
}

static bool is_positive(const struct plait_scores *s, int64_t i, int64_t column)
{
	if (s->options.kind == PLAIT_SCORES_BINARY)
		return s->answer[i * s->columns + column] != 0;
	return s->answer[i] == column + s->classes - s->columns;
}

/* The area of one column; NaN if there is none, or a probability is NaN. */
static double area(const struct plait_scores *s, int64_t column, const struct work *work)
{
	int64_t n = s->samples, positives = 0, negatives = 0;
	uint64_t *positive, *negative;

	for (int64_t i = 0; i < n; i++) {
		double p = s->probability[i * s->columns + column];
		int64_t at = is_positive(s, i, column) ? positives++ : n - ++negatives;

		if (isnan(p))
			return NAN;
		work->key[at] = key_of(p);
	}
	if (positives == 0 || negatives == 0)
		return NAN;
	positive = sort(positives, work->key, work->room, work->count);
	negative = sort(negatives, work->key + positives, work->room + positives, work->count);
	return twice_above(positives, positive, negatives, negative) /
	       (2.0 * (double)positives * (double)negatives);
}

static void free_work(struct work *work)
{
	free(work->key);
	free(work->room);
	free(work->count);
}

static int make_work(struct work *work, int64_t samples)
{
	size_t n = (size_t)samples + 1;

	work->key = plait__calloc(n, sizeof *work->key, "sorting probabilities");
	work->room = plait__calloc(n, sizeof *work->room, "sorting probabilities");
	work->count = plait__calloc(PASSES, sizeof *work->count, "sorting probabilities");
	if (work->key && work->room && work->count)
		return 0;
	free_work(work);
	return PLAIT_ENOMEM;
}

int plait__scores_auroc(struct plait_scores *s, double *auroc)
{
	double sum = 0;
	int64_t areas = 0;
	struct work work;

	*auroc = NAN;
	for (int64_t c = 0; c < s->classes; c++)
		s->by_class[c].auroc = NAN;
	if (s->columns == 0)
		return 0;
	if (make_work(&work, s->samples) < 0)
		return PLAIT_ENOMEM;
	for (int64_t column = 0; column < s->columns; column++) {
		double one = area(s, column, &work);

		/* Of two classes both have the one area there is. */
		s->by_class[column].auroc = one;
		s->by_class[column + s->classes - s->columns].auroc = one;
		sum += isnan(one) ? 0 : one;
		areas += !isnan(one);
	}
	free_work(&work);
	if (areas > 0)
		*auroc = sum / (double)areas;
	return 0;
}
