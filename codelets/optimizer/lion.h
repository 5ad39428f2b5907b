/* SPDX-License-Identifier: MIT
 * The formula of lion, for the room and its kernels for CUDA. */
#ifndef PLAIT__LION_H
#define PLAIT__LION_H

#include "codelets/shared/formula.h"

struct plait_call;

struct plait__lion_rule {
	float beta1, beta2;
	float rest1, rest2; /* 1 - beta1, 1 - beta2 */
	float lr;
	float shrink; /* 1 - lr weight_decay */
};

/* The rule of this step; defined in the room. */
struct plait__lion_rule plait__lion_rule_of(const struct plait_call *call);

/* -1, 0, 1 or NaN. */
PLAIT_FORMULA float plait__sign(float x)
{
	return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
}

/* The new w, from the gradient g; *m is updated. */
PLAIT_FORMULA float plait__lion_step(struct plait__lion_rule rule, float w, float g, float *m)
{
	float direction = *m * rule.beta1 + rule.rest1 * g;

	*m = plait__no_denormal(*m * rule.beta2 + rule.rest2 * g);
	return w * rule.shrink - rule.lr * plait__sign(direction);
}

#endif
