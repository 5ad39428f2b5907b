/* SPDX-License-Identifier: MIT
 * The formula of lamb, for the room and its kernels for CUDA. */
#ifndef PLAIT__LAMB_H
#define PLAIT__LAMB_H

#include "codelets/shared/formula.h"

struct plait_call;

/* What is the same for all elements, computed in double and rounded once. */
struct plait__lamb_rule {
	float beta1, beta2;
	float rest1, rest2; /* 1 - beta1, 1 - beta2 */
	float eps, decay, lr;
	float scale; /* 1 / (1 - beta1^t) */
	float root;  /* 1 / sqrt(1 - beta2^t) */
};

/* The rule of this step; defined in the room. */
struct plait__lamb_rule plait__lamb_rule_of(const struct plait_call *call);

PLAIT_FORMULA void plait__lamb_moments(struct plait__lamb_rule rule, float g, float *m, float *v)
{
	*m = plait__no_denormal(*m * rule.beta1 + rule.rest1 * g);
	*v = plait__no_denormal(*v * rule.beta2 + rule.rest2 * g * g);
}

/* Where w goes, from the new m and v. It is computed twice, for its norm and to go there: that
 * costs less than memory for it. */
PLAIT_FORMULA float plait__lamb_direction(struct plait__lamb_rule rule, float w, float m, float v)
{
	return m * rule.scale / (sqrtf(v) * rule.root + rule.eps) + rule.decay * w;
}

/* By how much of it, from the sums of squares of all w and of all directions. */
PLAIT_FORMULA float plait__lamb_step(struct plait__lamb_rule rule, double w_squares, double squares)
{
	double ratio = w_squares > 0.0 && squares > 0.0 ? sqrt(w_squares) / sqrt(squares) : 1.0;

	return (float)((double)rule.lr * ratio);
}

#endif
