/* SPDX-License-Identifier: MIT
 * The formula of sgd, for the room and its kernels for CUDA. The operations are in the order of
 * torch.optim's. */
#ifndef PLAIT__SGD_H
#define PLAIT__SGD_H

#include "codelets/shared/formula.h"

struct plait_call;

struct plait__sgd_rule {
	float lr, momentum, weight_decay;
	int nesterov;
};

/* The rule of this step; defined in the room. */
struct plait__sgd_rule plait__sgd_rule_of(const struct plait_call *call);

/* The new w, from the gradient g. */
PLAIT_FORMULA float plait__sgd_step(struct plait__sgd_rule rule, float w, float g)
{
	g = g + rule.weight_decay * w;
	return w - rule.lr * g;
}

/* The same with momentum; *v is updated. */
PLAIT_FORMULA float plait__sgd_momentum_step(struct plait__sgd_rule rule, float w, float g,
					     float *v)
{
	g = g + rule.weight_decay * w;
	*v = plait__no_denormal(*v * rule.momentum + g);
	g = rule.nesterov ? g + rule.momentum * *v : *v;
	return w - rule.lr * g;
}

#endif
