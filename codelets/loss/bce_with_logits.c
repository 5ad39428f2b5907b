/* SPDX-License-Identifier: MIT
 * bce_with_logits: loss = mean over all elements of the batch of
 *                  w (-t log p - (1 - t) log(1 - p)) with p = sigmoid(x).
 *                  x: [N,...], targets t: [N,M] of as many elements, from 0 to 1, w: [N] or 1,
 *                  loss: scalar.
 *                  dx = w dy (p - t) / (batch M), dy is 1 if this is the graph's loss.
 * A term is max(x, 0) - x t + log(1 + e^-|x|), in which nothing overflows. */
#include "config.h"
#include "codelets/shared/terms.h"

/* u = 1 + e is rounded, by e - (u - 1), which is exact; its logarithm misses that over u. */
PLAIT_FORMULA float plait__bce_with_logits(float x, float t)
{
	float e = plait__exp(-fabsf(x)), u = 1.0f + e;

	return plait__at_least(x, 0.0f) - x * t + (plait__log(u) + (e - (u - 1.0f)) / u);
}

PLAIT__TERMS(bce_with_logits, 1.0, plait__bce_with_logits(x, t), plait__sigmoid(x) - t, 42, 20)
PLAIT__TERMS_BUILDERS(bce_with_logits)
