/* SPDX-License-Identifier: MIT
 * What PyTorch computes of inputs that both make by formulas: lines of numbers in
 * reference/NAME.txt, which reference/NAME.py wrote in float64. */
#ifndef PLAIT_TESTS_GRADIENT_REFERENCE_H
#define PLAIT_TESTS_GRADIENT_REFERENCE_H

#include "tests/gradient/host.h"

/* Relative to the largest number of a line, or of what it is made of.  Sums of small whole numbers
 * are exact in any order, and so are choices; what divides such a sum, or adds up rounded terms, is
 * off by a few times 6e-8: 2e-7 was seen, and 7e-7 of silu's slope at 17, where 1 - sigmoid has few
 * digits. */
#define TOLERANCE 2e-6

/* -- the formulas ------------------------------------------------------------------------------ */

/* Whole numbers around 0, in an order without a pattern. */
static inline float reference_whole(int64_t i, int64_t factor, int64_t modulus)
{
	return (float)((i * factor + 7) % 10007 % modulus - modulus / 2);
}

static inline void reference_sample(int64_t n, const char *kind, float *x)
{
	bool fine = strcmp(kind, "fine") == 0, odd = strcmp(kind, "odd") == 0;
	bool far = strcmp(kind, "far") == 0;
	bool special = strcmp(kind, "nan") == 0, low = strcmp(kind, "low") == 0;

	for (int64_t i = 0; i < n; i++) {
		x[i] = low ? -INFINITY : reference_whole(i, 7919, fine || odd || far ? 97 : 7);
		if (fine)
			x[i] /= 16;
		if (odd)
			x[i] = x[i] / 8 + 1.0f / 16;
		if (special && i % 5 == 0)
			x[i] = NAN;
		if (special && i % 11 == 1)
			x[i] = -INFINITY;
		if (special && i % 13 == 2)
			x[i] = INFINITY;
	}
}

/* -- comparing --------------------------------------------------------------------------------- */

/* How many of n numbers differ from those in line; -1 if there are not as many.  largest: of what
 * they are made of, or 1. */
static inline int64_t reference_wrong(const char *line, int64_t n, const float *got, double largest)
{
	double *expected = malloc((size_t)n * sizeof *expected);
	int64_t wrong = 0, count = 0;
	char *end;

	for (;; line = end, count++) {
		double number = strtod(line, &end);

		if (end == line)
			break;
		if (count < n)
			expected[count] = number;
		if (isfinite(number))
			largest = fmax(largest, fabs(number));
	}
	for (int64_t i = 0; i < n && count == n; i++) {
		double found = (double)got[i];

		if (isnan(expected[i])   ? !isnan(found)
		    : isinf(expected[i]) ? found != expected[i]
					 : !(fabs(found - expected[i]) <= TOLERANCE * largest))
			wrong++;
	}
	free(expected);
	return count == n ? wrong : -1;
}

/* Opens reference/NAME, or ends the test. */
static inline FILE *reference_open(const char *name)
{
	const char *source = getenv("SRC");
	char path[1024];
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/reference/%s", source ? source : ".", name);
	file = fopen(path, "r");
	if (!file)
		tap_bail_out("%s cannot be read", path);
	return file;
}

#endif
