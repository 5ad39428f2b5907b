/* SPDX-License-Identifier: MIT
 * nll: loss = 1/batch sum over samples of -w x[label].
 *      x: [N,C], log-probabilities, labels: [N] int32 in [0,C), w: [N] or 1, loss: scalar.
 *      dx = -w dy onehot(label) / batch, dy is 1 if this is the graph's loss. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

#include <plait/ops.h>
#include <string.h>

/* weights NULL: each sample counts as 1. */
static struct plait_node *build(struct plait_node *x, struct plait_node *labels,
				struct plait_node *weights)
{
	if (!plait__op_labelled(&plait__op_nll, x, labels) ||
	    (weights && !plait__op_weighted(&plait__op_nll, weights)))
		return NULL;
	return plait__op_append_loss(&(struct plait_node_spec){
		.op = &plait__op_nll,
		.ninputs = weights ? 3 : 2,
		.input = (struct plait_node *[]){ x, labels, weights } });
}

struct plait_node *plait_nll(struct plait_node *x, struct plait_node *labels)
{
	return build(x, labels, NULL);
}

struct plait_node *plait_nll_weighted(struct plait_node *x, struct plait_node *labels,
				      struct plait_node *weights)
{
	return weights ? build(x, labels, weights) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	if (y->input[0]->needs_gradient)
		dx[0] = plait__op_loss_gradient(y, dy, &plait__op_nll_bwd);
}

static void nll_cpu(const struct plait_call *call)
{
	const float *x = plait__call_floats(call, 0), *weights = plait__call_weights(call);
	const int32_t *labels = plait__call_labels(call, 1);
	int64_t c = call->node->input[0]->dim[0];
	double sum = 0.0;

	for (int64_t i = 0; i < call->rows; i++) {
		double weight = weights ? (double)weights[i] : 1.0;

		if (weight != 0.0) /* a row of weight 0 may hold NaN, and its label be -1 */
			sum += weight * (double)plait__row_nll(c, x + i * c, labels[i]);
	}
	*plait__call_out(call) = (float)(sum / (double)call->batch);
}

static void nll_bwd_cpu(const struct plait_call *call)
{
	const float *weights = plait__call_weights(call), *dy = plait__call_dy(call);
	const int32_t *labels = plait__call_labels(call, 1);
	int64_t c = call->node->dim[0];
	float mean = (dy ? *dy : 1.0f) / (float)call->batch, *dx = plait__call_out(call);

	memset(dx, 0, (size_t)(call->rows * c) * sizeof *dx);
	for (int64_t i = 0; i < call->rows; i++) {
		float share = weights ? mean * weights[i] : mean;

		if (share != 0.0f && labels[i] >= 0 && labels[i] < c)
			dx[i * c + labels[i]] = -share;
	}
}

/* Of each sample one number is read. */
static void nll_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[1], rows, 2, 2, cost);
}

static void nll_bwd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 0, 1, cost);
}

const struct plait_op plait__op_nll = {
	.abi = PLAIT_OP_ABI,
	.name = "nll",
	.loss = true,
	.gradient = gradient,
	.cpu = nll_cpu,
	.cuda = PLAIT__CUDA(plait__nll_cuda),
	.cost = nll_cost,
};

const struct plait_op plait__op_nll_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "nll_bwd",
	.cpu = nll_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__nll_bwd_cuda),
	.cost = nll_bwd_cost,
};
