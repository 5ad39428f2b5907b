/* SPDX-License-Identifier: MIT
 * l1: loss = mean over all elements of the batch of w |x - t|.
 *     x: [N,...], targets t: [N,M] of as many elements, w: [N] or 1, loss: scalar.
 *     dx = w dy sign(x - t) / (batch M), 0 where x is t; dy is 1 if this is the graph's loss. */
#include "config.h"
#include "codelets/shared/terms.h"

/* NaN has none: it stays. */
PLAIT_FORMULA float plait__sign(float d)
{
	return d > 0.0f ? 1.0f : d < 0.0f ? -1.0f : d;
}

PLAIT__TERMS(l1, 1.0, fabsf(x - t), plait__sign(x - t), 3, 3)
PLAIT__TERMS_BUILDERS(l1)
