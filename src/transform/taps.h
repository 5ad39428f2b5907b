/* SPDX-License-Identifier: MIT
 * The weights of a resize: which source pixels make a pixel of the result, and how much each of
 * them counts. */
#ifndef PLAIT__TRANSFORM_TAPS_H
#define PLAIT__TRANSFORM_TAPS_H

#include <stdbool.h>

/* The weights of one direction.  Result i is the sum over t < count[i] of
 * weight[i * bound + t] * source[first[i] + t]; the weights for t from count[i] to bound are 0. */
struct plait__taps {
	int n;         /* results */
	int bound;     /* weights for which each result has room: a multiple of 4 */
	int most;      /* the largest count */
	int *first;    /* [n] */
	int *count;    /* [n] */
	float *weight; /* [n][bound] */
};

/* The bound of taps that resize `from` pixels to `to`. */
int plait__taps_bound(int from, int to);

/* Fills taps, whose arrays are there: results 0 to n - 1 are the pixels begin to begin + n - 1 of a
 * resize of `from` pixels to `to`, in mirrored order if flip; the results from n to taps->n are
 * 0. */
void plait__taps_make(int from, int to, int begin, int n, bool flip, struct plait__taps *taps);

#endif
