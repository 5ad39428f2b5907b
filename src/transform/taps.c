/* SPDX-License-Identifier: MIT
 * Bilinear weights with antialiasing, as torchvision and PIL compute them: a triangle around the
 * centre of a result, cut off at the edges of the source.  Each half of it is as wide as the
 * distance from this centre to the next, but at least one source pixel. */
#include "config.h"
#include "src/transform/taps.h"
#include "src/base/assert.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

int plait__taps_bound(int from, int to)
{
	int bound = from > to ? 2 * (int)(((int64_t)from + to - 1) / to) + 1 : 3;

	return (bound + 3) & ~3;
}

/* The weights of pixel p of a resize of `from` pixels to `to`; returns how many there are.  Each is
 * the value of a triangle around the pixel's centre, and all sum to 1. */
static int triangle(int from, int to, int p, int *first, float *weight)
{
	double scale = (double)from / to, support = scale > 1 ? scale : 1;
	double centre = (p + 0.5) * scale, sum = 0;
	double low = centre - support + 0.5, high = centre + support + 0.5;
	int begin = low > 0 ? (int)low : 0, count = (high < from ? (int)high : from) - begin;

	PLAIT__ASSERT(begin >= 0 && count > 0 && begin + count <= from,
		      "weights are those of source pixels");
	*first = begin;
	for (int pass = 0; pass < 2; pass++) {
		double each = pass ? 1 / sum : 1;

		for (int t = 0; t < count; t++) {
			double w = 1 - fabs(begin + t + 0.5 - centre) / support;

			w = w > 0 ? w : 0;
			if (pass)
				weight[t] = (float)(w * each);
			else
				sum += w;
		}
	}
	return count;
}

void plait__taps_make(int from, int to, int begin, int n, bool flip, struct plait__taps *taps)
{
	memset(taps->weight, 0, (size_t)taps->n * (size_t)taps->bound * sizeof *taps->weight);
	for (int i = 0; i < taps->n; i++) {
		taps->first[i] = taps->count[i] = 0;
		if (i >= n)
			continue;
		taps->count[i] = triangle(from, to, begin + (flip ? n - 1 - i : i), &taps->first[i],
					  taps->weight + (size_t)i * (size_t)taps->bound);
		PLAIT__ASSERT(taps->count[i] <= taps->bound,
			      "there is room for the weights of every result");
		if (taps->count[i] > taps->most)
			taps->most = taps->count[i];
	}
}
