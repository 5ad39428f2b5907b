/* SPDX-License-Identifier: MIT
 * Rows of the table: losses, with and without weights, and the count of right answers. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>

struct plait_node *build_cross_entropy(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_cross_entropy(x, plait_labels(x->graph));
}

/* Each sample's loss is a float: twice FLT_MAX is infinite. */
static double sample_loss(double loss)
{
	return isinf((float)loss) ? (double)(float)loss : loss;
}

struct plait_node *build_cross_entropy_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_cross_entropy_weighted(x, plait_labels(x->graph), plait_weights(x->graph));
}

/* Of sample i, where there are weights; the product with it is one rounding more. */
static double weight_of(const struct reference_call *call, int64_t i)
{
	return call->y->ninputs > 2 ? call->in[2][i] : 1;
}

void cross_entropy(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < call->rows; i++) {
		const double *row = call->in[0] + i * c;
		double w = weight_of(call, i), max = row_max(c, row), below;

		if (w == 0)
			continue;
		below = row[(int64_t)call->in[1][i]] - max;
		out[0] += w * sample_loss(log(exp_sum(c, row, max)) - below) / (double)call->batch;
		/* The sum is c + 6 roundings off (as in softmax), relative, so its logarithm as
		 * much absolute, and the difference one of its own size. */
		bound[0] += fabs(w) * ((double)c + 6 + 2 * fabs(below)) / (double)call->batch;
	}
}

struct plait_node *build_nll(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_nll(x, plait_labels(x->graph));
}

struct plait_node *build_nll_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_nll_weighted(x, plait_labels(x->graph), plait_weights(x->graph));
}

/* Sums are in double, and so each number takes part in at most rows + 2 roundings of 2^-53. */
void nll(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < call->rows; i++) {
		double w = weight_of(call, i), term;

		if (w == 0)
			continue;
		term = -w * call->in[0][i * c + (int64_t)call->in[1][i]] / (double)call->batch;
		out[0] += term;
		bound[0] += fabs(term) * (double)(call->rows + 2) * (0x1p-53 / UNIT);
	}
}

struct plait_node *build_mse(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_mse(x, plait_targets(x->graph, plait_node_elements(x)));
}

struct plait_node *build_mse_weighted(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_mse_weighted(x, plait_targets(x->graph, plait_node_elements(x)),
				  plait_weights(x->graph));
}

void mse(const struct reference_call *call, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y->input[0]);

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < n * call->rows; i++) {
		double d = call->in[0][i] - call->in[1][i], w = weight_of(call, i / n);

		if (w == 0)
			continue;
		out[0] += w * d * d / (double)(n * call->batch);
		bound[0] += fabs(w) * d * d / (double)(n * call->batch);
	}
	/* Four roundings a term; floats are summed in 16 lanes, 256 in a lane at most. */
	bound[0] *= 5 + fmin((double)(n * call->rows) / 16, 256);
}

/* -- what losses are made of ------------------------------------------------------------------ */

/* A second input of x's shape, which wants a gradient too. */
static struct plait_node *second_input(struct plait_node *x)
{
	struct plait_node *b = plait_input(x->graph, PLAIT_F32, x->ndim, x->dim);

	b->needs_gradient = true;
	return b;
}

struct plait_node *build_sub(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_sub(x, second_input(x));
}

void sub(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < plait_node_elements(call->y) * call->rows; i++) {
		out[i] = call->in[0][i] - call->in[1][i];
		bound[i] = 0;
	}
}

struct plait_node *build_mul(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_mul(x, second_input(x));
}

/* Both inputs are one, as in a square. */
struct plait_node *build_square(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_mul(x, x);
}

void mul(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < plait_node_elements(call->y) * call->rows; i++) {
		out[i] = call->in[0][i] * call->in[1][i];
		bound[i] = 0;
	}
}

/* -- several losses -------------------------------------------------------------------------- */

/* The graph's loss is another one, so that the next is a term. */
static void other_loss(struct plait_node *x)
{
	plait_loss(plait_sum(x));
}

struct plait_node *build_cross_entropy_term(struct plait_node *x, int64_t m)
{
	other_loss(x);
	return build_cross_entropy(x, m);
}

struct plait_node *build_nll_term(struct plait_node *x, int64_t m)
{
	other_loss(x);
	return build_nll(x, m);
}

struct plait_node *build_mse_term(struct plait_node *x, int64_t m)
{
	other_loss(x);
	return build_mse(x, m);
}

struct plait_node *build_mse_weighted_term(struct plait_node *x, int64_t m)
{
	other_loss(x);
	return build_mse_weighted(x, m);
}

struct plait_node *build_mean(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_mean(x);
}

struct plait_node *build_sum(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_sum(x);
}

/* Sums are in double, and so each number takes part in at most n roundings of 2^-53. */
static void divided_sum(const struct reference_call *call, double count, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y->input[0]) * call->rows;

	out[0] = bound[0] = 0;
	for (int64_t i = 0; i < n; i++) {
		out[0] += call->in[0][i] / count;
		bound[0] += fabs(call->in[0][i] / count);
	}
	bound[0] *= (double)n * (0x1p-53 / UNIT);
}

void mean(const struct reference_call *call, double *out, double *bound)
{
	divided_sum(call, (double)(plait_node_elements(call->y->input[0]) * call->batch), out,
		    bound);
}

void sum(const struct reference_call *call, double *out, double *bound)
{
	divided_sum(call, 1, out, bound);
}

struct plait_node *build_loss(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_loss(plait_mean(x));
}

void loss(const struct reference_call *call, double *out, double *bound)
{
	out[0] = call->in[0][0];
	bound[0] = 0;
}

/* -- accuracy -------------------------------------------------------------------------------- */

struct plait_node *build_accuracy(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait__accuracy(x, plait_labels(x->graph));
}

void accuracy(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = plait__columns(call->y->input[0]);

	out[0] = bound[0] = 0; /* a count */
	for (int64_t i = 0; i < call->rows; i++) {
		const double *row = call->in[0] + i * c;
		int64_t best = 0;

		for (int64_t j = 1; j < c && !isnan(row[best]); j++)
			if (isnan(row[j]) || row[j] > row[best])
				best = j;
		out[0] += best == (int64_t)call->in[1][i];
	}
}
