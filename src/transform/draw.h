/* SPDX-License-Identifier: MIT
 * Random draws of a transform.  A draw is a function of the key of sample and action and of its own
 * number i, so that no draw depends on another. */
#ifndef PLAIT__TRANSFORM_DRAW_H
#define PLAIT__TRANSFORM_DRAW_H

#include "src/base/assert.h"
#include "src/base/random.h"

/* Uniform in [0,n).  n is a number of pixels and so much smaller than 2^32 that rounding favours no
 * value measurably. */
static inline int plait__draw_below(uint64_t key, uint64_t i, int n)
{
	PLAIT__ASSERT(n > 0, "there is a value to draw");
	return (int)((plait__random(key, i) >> 32) * (uint64_t)n >> 32);
}

static inline double plait__draw_between(uint64_t key, uint64_t i, double low, double high)
{
	return low + (high - low) * (double)plait__uniform(plait__random(key, i));
}

#endif
