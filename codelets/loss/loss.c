/* SPDX-License-Identifier: MIT
 * loss: y = x, the graph's loss where that is made of several ops.  x, y: scalar.
 *       dx = 1.
 * Its kernel for CUDA looks whether the loss is finite, as those of other losses do where they are
 * the graph's. All gradients read dx, so none is there before that look. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

struct plait_node *plait_loss(struct plait_node *x)
{
	struct plait_graph *graph = x ? x->graph : NULL;

	if (!x)
		return NULL;
	if (graph->loss_chosen)
		return plait_graph_fail(graph, PLAIT_EINVAL,
					"loss: plait_loss() has chosen one already, %s",
					graph->loss->op->name);
	if (!x->partial || x->dtype != PLAIT_F32 || plait_node_elements(x) != 1)
		return plait_graph_fail(graph, PLAIT_EINVAL,
					"loss: the result of %s is not one number made of a whole "
					"batch, as plait_mean() makes one",
					x->op->name);
	if (!x->op->loss)
		x = plait_node_like(x, &(struct plait_node_spec){ .op = &plait__op_loss,
								  .phase = PLAIT_LOSS,
								  .ninputs = 1,
								  .input = &x });
	if (!x)
		return NULL;
	graph->loss_chosen = true;
	return graph->loss = x;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	PLAIT__ASSERT(!dy, "the graph's loss is a term of nothing");
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_loss_bwd, 1, &y);
	if (dx[0])
		dx[0]->partial = false; /* it is 1 for the part of each shard */
}

static void loss_cpu(const struct plait_call *call)
{
	*plait__call_out(call) = *plait__call_floats(call, 0);
}

static void loss_bwd_cpu(const struct plait_call *call)
{
	*plait__call_out(call) = 1.0f;
}

const struct plait_op plait__op_loss = {
	.abi = PLAIT_OP_ABI,
	.name = "loss",
	.gradient = gradient,
	.cpu = loss_cpu,
	.cuda = PLAIT__CUDA(plait__loss_cuda),
};

const struct plait_op plait__op_loss_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "loss_bwd",
	.cpu = loss_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__loss_bwd_cuda),
};
