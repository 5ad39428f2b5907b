/* SPDX-License-Identifier: MIT
 * sigmoid: y = 1 / (1 + e^-x).  x, y: [N,...].
 *          dx = dy y (1 - y). */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT_FORMULA float plait__sigmoid_bwd(float y, float dy)
{
	return dy * (1.0f - y) * y;
}

PLAIT__ELEMENTWISE(sigmoid, PLAIT__BWD_READS_Y, 20, 3)
