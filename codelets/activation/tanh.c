/* SPDX-License-Identifier: MIT
 * tanh: y = tanh(x).  x, y: [N,...].
 *       dx = dy (1 - y^2). */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT_FORMULA float plait__tanh_bwd(float y, float dy)
{
	return dy * (1.0f - y * y);
}

PLAIT__ELEMENTWISE(tanh, PLAIT__BWD_READS_Y, 36, 3)
