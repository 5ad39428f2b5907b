/* SPDX-License-Identifier: MIT
 * relu: y = max(x, 0).  x, y: [N,...].
 *       dx = dy where y > 0, else 0. */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT_FORMULA float plait__relu(float x)
{
	return x < 0.0f ? 0.0f : x; /* NaN stays NaN */
}

/* y <= 0 exactly where x <= 0. As in torch, the gradient passes where y is NaN. */
PLAIT_FORMULA float plait__relu_bwd(float y, float dy)
{
	return y <= 0.0f ? 0.0f : dy;
}

PLAIT__ELEMENTWISE(relu, PLAIT__BWD_READS_Y, 1, 1)
