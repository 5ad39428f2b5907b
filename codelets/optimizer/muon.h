/* SPDX-License-Identifier: MIT
 * What muon's room and its kernels for CUDA have in common: the rule, the formulas of an element,
 * and the matrices that a call works in. */
#ifndef PLAIT__MUON_H
#define PLAIT__MUON_H

#include "codelets/shared/formula.h"

#include <stddef.h>

struct plait_call;
struct plait_node;

/* The coefficients of Newton and Schulz's iteration: a X + (b A + c A^2) X with A = X X^T. */
#define PLAIT__MUON_A 3.4445f
#define PLAIT__MUON_B (-4.7750f)
#define PLAIT__MUON_C 2.0315f

struct plait__muon_rule {
	float rest;   /* 1 - momentum */
	float shrink; /* 1 - lr weight_decay */
	float step;   /* lr, adjusted to the shape */
	double eps;
	int nesterov;
};

/* The rule of this step; defined in the room. */
struct plait__muon_rule plait__muon_rule_of(const struct plait_call *call);

/* The parameter as a matrix; small and large are the smaller and the larger one of rows and
 * columns. What the iteration needs, in floats from the beginning of the call's scratch: x and y,
 * [rows, columns] each, a and b, [small, small] each. */
struct plait__muon_shape {
	int64_t rows, columns, small, large;
	size_t y, a, b, floats;
};

struct plait__muon_shape plait__muon_shape_of(const struct plait_node *node);
int plait__muon_steps(const struct plait_node *node);

/* What is to be made orthogonal, from the gradient g; *m is updated. */
PLAIT_FORMULA float plait__muon_momentum(struct plait__muon_rule rule, float g, float *m)
{
	float next = plait__no_denormal(*m + rule.rest * (g - *m));

	*m = next;
	return rule.nesterov ? next - rule.rest * (next - g) : next;
}

/* By what x is multiplied first, so that no singular value is above 1; squares: the sum of those of
 * x. */
PLAIT_FORMULA float plait__muon_scale(struct plait__muon_rule rule, double squares)
{
	double norm = sqrt(squares);

	return (float)(1.0 / (norm < rule.eps ? rule.eps : norm));
}

/* Element i of a 1 + b A + c A^2, where the matrices have so many columns; square: that of A^2. */
PLAIT_FORMULA float plait__muon_polynomial(int64_t i, int64_t columns, float a, float square)
{
	float sum = PLAIT__MUON_B * a + PLAIT__MUON_C * square;

	return i / columns == i % columns ? sum + PLAIT__MUON_A : sum;
}

PLAIT_FORMULA float plait__muon_step(struct plait__muon_rule rule, float w, float x)
{
	return w * rule.shrink - rule.step * x;
}

#endif
