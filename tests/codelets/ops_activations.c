/* SPDX-License-Identifier: MIT
 * Rows of the table: activations. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>

static int64_t elements(const struct reference_call *call)
{
	return plait_node_elements(call->y) * call->rows;
}

struct plait_node *build_relu(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_relu(x);
}

void relu(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		out[i] = call->in[0][i] < 0 ? 0 : call->in[0][i];
		bound[i] = 0; /* a choice, no arithmetic */
	}
}

struct plait_node *build_gelu(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_gelu(x);
}

void gelu(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		double x = call->in[0][i];

		out[i] = x * 0.5 * (1 + erf(x / sqrt(2)));
		/* erf is 2 roundings off and 1 + erf a third, all of numbers up to 2: they stay
		 * absolute where erf is near -1, as in torch. */
		bound[i] = 3 * fabs(x);
	}
}

struct plait_node *build_tanh(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_tanh(x);
}

void hyperbolic(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		out[i] = tanh(call->in[0][i]);
		bound[i] =
			2 * fabs(out[i]); /* 1.31 ulp, measured over all floats (tests/formula.c) */
	}
}

struct plait_node *build_sigmoid(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_sigmoid(x);
}

void sigmoid(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		double x = call->in[0][i];

		out[i] = 1 / (1 + exp(-x));
		/* 2.44 ulp (tests/formula.c); e^-x is no float above e^88.7, so 0 then. */
		bound[i] = 4 * fabs(out[i]) + (x < -88 ? 1e-38 / UNIT : 0);
	}
}

struct plait_node *build_leaky_relu(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_leaky_relu(x, LEAKY_SLOPE);
}

void leaky_relu(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		out[i] = call->in[0][i] > 0 ? call->in[0][i] : (double)LEAKY_SLOPE * call->in[0][i];
		bound[i] = 0; /* one product */
	}
}

struct plait_node *build_silu(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_silu(x);
}

void silu(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		double x = call->in[0][i];

		out[i] = x / (1 + exp(-x));
		/* As sigmoid, x times. */
		bound[i] = 4 * fabs(out[i]) + (x < -88 ? fabs(x) * 1e-38 / UNIT : 0);
	}
}

struct plait_node *build_hardswish(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_hardswish(x);
}

void hardswish(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		double x = call->in[0][i], t = x + 3 < 0 ? 0 : x + 3 > 6 ? 6 : x + 3;

		out[i] = x * (t / 6);
		bound[i] = 2 * fabs(out[i]); /* the sum and the quotient are rounded */
	}
}

/* -- rows ----------------------------------------------------------------------------------- */

double row_max(int64_t c, const double *x)
{
	double max = x[0];

	for (int64_t j = 1; j < c; j++)
		max = x[j] > max ? x[j] : max;
	return max;
}

double exp_sum(int64_t c, const double *x, double max)
{
	double sum = 0;

	for (int64_t j = 0; j < c; j++)
		sum += exp(x[j] - max);
	return sum;
}

struct plait_node *build_softmax(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_softmax(x);
}

void softmax(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y);

	for (int64_t i = 0; i < elements(call); i += c) {
		const double *x = call->in[0] + i;
		double max = row_max(c, x), sum = exp_sum(c, x, max);

		for (int64_t j = 0; j < c; j++) {
			out[i + j] = exp(x[j] - max) / sum;
			/* Rounding x - max moves the exponential by that much of itself (104 below
			 * max it is 0); then exp, the sum of c terms, the quotient.  Exponentials
			 * below 2^-126 are 0. */
			bound[i + j] = (fmin(fabs(x[j] - max), 104) + (double)c + 6) * out[i + j] +
				       1.2e-38 / UNIT;
		}
	}
}

struct plait_node *build_log_softmax(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_log_softmax(x);
}

void log_softmax(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y);

	for (int64_t i = 0; i < elements(call); i += c) {
		const double *x = call->in[0] + i;
		double max = row_max(c, x), sum = exp_sum(c, x, max);

		for (int64_t j = 0; j < c; j++) {
			out[i + j] = x[j] - max - log(sum);
			/* As in cross_entropy: the sum is c + 6 roundings off, relative, so its
			 * logarithm as much absolute; the first difference is rounded. */
			bound[i + j] = (double)c + 6 + fabs(x[j] - max);
		}
	}
}
