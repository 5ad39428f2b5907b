/* SPDX-License-Identifier: MIT
 * gelu: y = x Phi(x), where Phi is the normal distribution function, by erf.  x, y: [N,...].
 *       dx = dy (Phi(x) + x phi(x)). */
#include "config.h"
#include "codelets/shared/elementwise.h"

/* x Phi(x), as torch writes it. */
PLAIT_FORMULA float plait__gelu(float x)
{
	return x * 0.5f * (1.0f + plait__erf(x * 0.70710678118654752f));
}

/* Beyond 13 the second term is less than any float near 1. */
PLAIT_FORMULA float plait__gelu_bwd(float x, float dy)
{
	float cdf = 0.5f * (1.0f + plait__erf(x * 0.70710678118654752f));
	float t = plait__at_most(plait__at_least(x, -13.0f), 13.0f);
	float pdf = 0.39894228040143268f * plait__exp(-0.5f * t * t);

	return dy * (cdf + t * pdf);
}

PLAIT__ELEMENTWISE(gelu, PLAIT__BWD_READS_X, 44, 62)
