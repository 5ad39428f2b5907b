/* SPDX-License-Identifier: MIT
 * mae: mean over all elements of the batch of w |x - t|.
 *      x: [N,...], targets t: [N,M] of as many elements, w: [N] or 1, mean: scalar. No gradient. */
#include "config.h"
#include "codelets/shared/room.h"

#include <math.h>

static struct plait_node *metric(struct plait_node *x, struct plait_node *targets,
				 struct plait_node *weights, const char *arguments)
{
	const struct plait_op *op = &plait__op_mae;

	if (!plait_op_no_arguments(x, op->name, arguments))
		return NULL;
	if (targets->source == PLAIT__SOURCE_LABELS)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"mae: it needs targets, and there are class labels");
	if (!plait__op_targeted(op, x, targets) || (weights && !plait__op_weighted(op, weights)))
		return NULL;
	return plait_node_append(x->graph,
				 &(struct plait_node_spec){
					 .op = op,
					 .phase = PLAIT_LOSS,
					 .ninputs = weights ? 3 : 2,
					 .input = (struct plait_node *[]){ x, targets, weights } });
}

PLAIT__CLONES static void forward(int64_t rows, int64_t width, double count, const float *x,
				  const float *targets, const float *weights, float *mean)
{
	double sum = 0.0;

	for (int64_t row = 0; row < rows; row++) {
		double weight = weights ? (double)weights[row] : 1.0, part = 0.0;

		if (weight == 0.0) /* the row may hold NaN */
			continue;
		for (int64_t i = row * width; i < (row + 1) * width; i++)
			part += (double)fabsf(x[i] - targets[i]);
		sum += weight * part;
	}
	*mean = (float)(sum / count);
}

static void mae_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];

	forward(call->rows, plait_node_elements(x), plait__batch_elements(call, x),
		plait__call_floats(call, 0), plait__call_floats(call, 1), plait__call_weights(call),
		plait__call_out(call));
}

static void mae_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 3, 2, cost);
}

const struct plait_op plait__op_mae = {
	.abi = PLAIT_OP_ABI,
	.name = "mae",
	.metric = metric,
	.cpu = mae_cpu,
	.cuda = PLAIT__CUDA(plait__mae_cuda),
	.cost = mae_cost,
};
