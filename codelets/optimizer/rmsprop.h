/* SPDX-License-Identifier: MIT
 * The formula of rmsprop, for the room and its kernels for CUDA. The operations are in the order
 * of torch.optim's. */
#ifndef PLAIT__RMSPROP_H
#define PLAIT__RMSPROP_H

#include "codelets/shared/formula.h"

struct plait_call;

struct plait__rmsprop_rule {
	float lr, momentum, decay, eps;
	float alpha, rest; /* rest: 1 - alpha */
	int centered;
};

/* The rule of this step; defined in the room. */
struct plait__rmsprop_rule plait__rmsprop_rule_of(const struct plait_call *call);

/* The new w, from the gradient g; *v is updated, and so are the mean of gradients and the momentum
 * where they are not NULL. Where gradients hardly vary, rounding may leave a variance below 0. */
PLAIT_FORMULA float plait__rmsprop_step(struct plait__rmsprop_rule rule, float w, float g, float *v,
					float *mean, float *momentum)
{
	float size;

	g = g + rule.decay * w;
	*v = plait__no_denormal(*v * rule.alpha + rule.rest * g * g);
	size = *v;
	if (mean) {
		*mean = plait__no_denormal(*mean * rule.alpha + rule.rest * g);
		size = plait__at_least(size - *mean * *mean, 0.0f);
	}
	size = sqrtf(size) + rule.eps;
	if (!momentum)
		return w - rule.lr * g / size;
	*momentum = plait__no_denormal(*momentum * rule.momentum + g / size);
	return w - rule.lr * *momentum;
}

#endif
