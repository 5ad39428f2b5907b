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
