/* SPDX-License-Identifier: MIT
 * hardswish: y = x min(max(x + 3, 0), 6) / 6.  x, y: [N,...].
 *            dx = 0 below x = -3, dy above x = 3, else dy (x / 3 + 1/2).
 * So PyTorch has it. Its vectors of CPUs give dy at x = 3, where its formula gives 3/2 dy. */
#include "config.h"
#include "codelets/shared/elementwise.h"

PLAIT_FORMULA float plait__hardswish(float x)
{
	return x * (plait__at_most(plait__at_least(x + 3.0f, 0.0f), 6.0f) / 6.0f);
}

PLAIT_FORMULA float plait__hardswish_bwd(float x, float dy)
{
	float between = dy * (x / 3.0f + 0.5f); /* NaN too */

	return x < -3.0f ? 0.0f : x > 3.0f ? dy : between;
}

PLAIT__ELEMENTWISE(hardswish, PLAIT__BWD_READS_X, 5, 3)
