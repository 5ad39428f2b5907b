/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/terms.h"

PLAIT_FORMULA float mae_term(float x, float t, float c)
{
	(void)c;
	return fabsf(x - t);
}

PLAIT__TERMS_FORWARD(mae)
