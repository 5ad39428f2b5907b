/* SPDX-License-Identifier: MIT
 * The formula of nadam, for the room and its kernels for CUDA. */
#ifndef PLAIT__NADAM_H
#define PLAIT__NADAM_H

#include "codelets/shared/formula.h"

struct plait_call;

/* What is the same for all elements, computed in double and rounded once, as torch does. */
struct plait__nadam_rule {
	float beta1, beta2;
	float rest1, rest2; /* 1 - beta1, 1 - beta2 */
	float eps;
	float decay;  /* weight decay added to the gradient */
	float shrink; /* 1 - lr weight_decay where it is decoupled, else 1 */
	float root;   /* 1 / sqrt(1 - beta2^t) */
	float step_g, step_m;
};

/* The rule of this step; defined in the room. */
struct plait__nadam_rule plait__nadam_rule_of(const struct plait_call *call);

/* The new w, from the gradient g; *m and *v are updated. torch.optim divides twice. */
PLAIT_FORMULA float plait__nadam_step(struct plait__nadam_rule rule, float w, float g, float *m,
				      float *v)
{
	w = w * rule.shrink;
	g = g + rule.decay * w;
	*m = plait__no_denormal(*m * rule.beta1 + rule.rest1 * g);
	*v = plait__no_denormal(*v * rule.beta2 + rule.rest2 * g * g);
	return w - (rule.step_g * g + rule.step_m * *m) / (sqrtf(*v) * rule.root + rule.eps);
}

#endif
