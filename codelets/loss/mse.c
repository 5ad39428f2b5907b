/* SPDX-License-Identifier: MIT
 * mse: loss = mean over all elements of the batch of w (x - t)^2.
 *      x: [N,...], targets t: [N,M] of as many elements, w: [N] or 1, loss: scalar.
 *      dx = 2 w dy (x - t) / (batch M), dy is 1 if this is the graph's loss. */
#include "config.h"
#include "codelets/shared/terms.h"

PLAIT__TERMS(mse, 2.0, (x - t) * (x - t), x - t, 3, 2)
PLAIT__TERMS_BUILDERS(mse)
