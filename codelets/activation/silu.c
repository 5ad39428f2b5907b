/* SPDX-License-Identifier: MIT
 * silu: y = x / (1 + e^-x).  x, y: [N,...].
 *       dx = dy s (1 + x (1 - s)), s = 1 / (1 + e^-x). */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT_FORMULA float plait__silu(float x)
{
	return x / (1.0f + plait__exp(-x));
}

PLAIT_FORMULA float plait__silu_bwd(float x, float dy)
{
	float s = plait__sigmoid(x);

	return dy * (s * (1.0f + x * (1.0f - s)));
}

PLAIT__ELEMENTWISE(silu, PLAIT__BWD_READS_X, 20, 25)
