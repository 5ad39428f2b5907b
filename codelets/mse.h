/* SPDX-License-Identifier: MIT
 * What mse's room and its kernels for CUDA share. */
#ifndef PLAIT__MSE_H
#define PLAIT__MSE_H

#include "codelets/shared/formula.h"

struct plait_call;

PLAIT_FORMULA float plait__square(float x)
{
	return x * x;
}

/* Elements of the whole batch: the mean divides by them. Defined in the room. */
double plait__mse_count(const struct plait_call *call);

#endif
