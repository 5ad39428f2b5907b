/* SPDX-License-Identifier: MIT
 * The formula of adam, for the room and its kernels for CUDA. The operations are in the order
 * of torch.optim's. */
#ifndef PLAIT__ADAM_H
#define PLAIT__ADAM_H

#include "codelets/shared/formula.h"

struct plait_call;

#define PLAIT__ADAM_SCALARS 7 /* that an update reads */

/* What is the same for all elements, computed in double and rounded once, as torch does. */
struct plait__adam_rule {
	float beta1, beta2;
	float rest1, rest2; /* 1 - beta1, 1 - beta2 */
	float eps;
	float decay;  /* weight decay added to the gradient: Adam */
	float shrink; /* 1 - lr weight_decay: AdamW, else 1 */
	float step;   /* lr / (1 - beta1^t) */
	float root;   /* 1 / sqrt(1 - beta2^t): a factor costs less than torch's division */
};

/* The rule of this step; defined in the room. */
struct plait__adam_rule plait__adam_rule_of(const struct plait_call *call);

/* The new w, from the gradient g; *m and *v are updated. */
PLAIT_FORMULA float plait__adam_step(struct plait__adam_rule rule, float w, float g, float *m,
				     float *v)
{
	float denominator;

	w = w * rule.shrink;
	g = g + rule.decay * w;
	*m = plait__no_denormal(*m * rule.beta1 + rule.rest1 * g);
	*v = plait__no_denormal(*v * rule.beta2 + rule.rest2 * g * g);
	denominator = sqrtf(*v) * rule.root + rule.eps;
	return w - rule.step * *m / denominator;
}

#endif
