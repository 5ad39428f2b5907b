/* SPDX-License-Identifier: MIT
 * What mse's room and its kernels for CUDA share. */
#ifndef PLAIT__MSE_H
#define PLAIT__MSE_H

#include "codelets/shared/formula.h"

PLAIT_FORMULA float plait__square(float x)
{
	return x * x;
}

#endif
