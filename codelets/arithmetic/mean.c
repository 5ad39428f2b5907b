/* SPDX-License-Identifier: MIT
 * mean, sum: y = mean or sum of all elements of the whole batch.  x: [N,...], y: scalar.
 *            dx = dy / elements of the batch, or dy, for each element. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

static struct plait_node *build(const struct plait_op *op, struct plait_node *x)
{
	if (!plait_op_accepts(op, x))
		return NULL;
	if (!x->batched)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"%s: its input is no value of each sample", op->name);
	return plait_node_append(
		x->graph, &(struct plait_node_spec){
				  .op = op, .phase = PLAIT_LOSS, .ninputs = 1, .input = &x });
}

struct plait_node *plait_mean(struct plait_node *x)
{
	return build(&plait__op_mean, x);
}

struct plait_node *plait_sum(struct plait_node *x)
{
	return build(&plait__op_sum, x);
}

static void mean_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_mean_bwd, 1, &dy);
}

static void sum_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_sum_bwd, 1, &dy);
}

#define LANES 8 /* doubles: so many additions are under way at once */

PLAIT__CLONES static void forward(int64_t n, double count, const float *x, float *y)
{
	double lane[LANES] = { 0 }, sum = 0.0;
	int64_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int l = 0; l < LANES; l++)
			lane[l] += (double)x[i + l];
	for (; i < n; i++)
		lane[i % LANES] += (double)x[i];
	for (int l = 0; l < LANES; l++)
		sum += lane[l];
	*y = (float)(sum / count);
}

PLAIT__CLONES static void backward(int64_t n, float share, float *dx)
{
	for (int64_t i = 0; i < n; i++)
		dx[i] = share;
}

static void mean_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];

	forward(plait__call_elements(call, x), plait__batch_elements(call, x),
		plait__call_floats(call, 0), plait__call_out(call));
}

static void sum_cpu(const struct plait_call *call)
{
	forward(plait__call_elements(call, call->node->input[0]), 1.0, plait__call_floats(call, 0),
		plait__call_out(call));
}

static void mean_bwd_cpu(const struct plait_call *call)
{
	double dy = (double)*plait__call_floats(call, 0);

	backward(plait__call_elements(call, call->node),
		 (float)(dy / plait__batch_elements(call, call->node)), plait__call_out(call));
}

static void sum_bwd_cpu(const struct plait_call *call)
{
	backward(plait__call_elements(call, call->node), *plait__call_floats(call, 0),
		 plait__call_out(call));
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node->input[0], rows, 1, 1, result);
}

static void bwd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 1, result);
}

const struct plait_op plait__op_mean = {
	.abi = PLAIT_OP_ABI,
	.name = "mean",
	.gradient = mean_gradient,
	.cpu = mean_cpu,
	.cuda = PLAIT__CUDA(plait__mean_cuda),
	.cost = cost,
};

const struct plait_op plait__op_mean_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "mean_bwd",
	.cpu = mean_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__mean_bwd_cuda),
	.cost = bwd_cost,
};

const struct plait_op plait__op_sum = {
	.abi = PLAIT_OP_ABI,
	.name = "sum",
	.gradient = sum_gradient,
	.cpu = sum_cpu,
	.cuda = PLAIT__CUDA(plait__sum_cuda),
	.cost = cost,
};

const struct plait_op plait__op_sum_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "sum_bwd",
	.cpu = sum_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__sum_bwd_cuda),
	.cost = bwd_cost,
};
