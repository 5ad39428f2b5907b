/* SPDX-License-Identifier: MIT
 * The formula of adagrad, for the room and its kernels for CUDA. The operations are in the order
 * of torch.optim's. */
#ifndef PLAIT__ADAGRAD_H
#define PLAIT__ADAGRAD_H

#include "codelets/shared/formula.h"

struct plait_call;

struct plait__adagrad_rule {
	float lr, decay, eps;
};

/* The rule of this step; defined in the room. */
struct plait__adagrad_rule plait__adagrad_rule_of(const struct plait_call *call);

/* The new w, from the gradient g; *sum is updated. It never shrinks, so it is denormal only where
 * all gradients so far were as small. */
PLAIT_FORMULA float plait__adagrad_step(struct plait__adagrad_rule rule, float w, float g,
					float *sum)
{
	g = g + rule.decay * w;
	*sum = plait__no_denormal(*sum + g * g);
	return w - rule.lr * g / (sqrtf(*sum) + rule.eps);
}

#endif
