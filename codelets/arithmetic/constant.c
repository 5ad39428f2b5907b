/* SPDX-License-Identifier: MIT
 * constant: y = numbers that the node has, of what a loss reads besides its batch.
 *           y: [M], for the whole batch. No gradient. */
#include "config.h"
#include "codelets/shared/room.h"

#include <stdlib.h>

struct plait_node *plait__constant(struct plait_graph *graph, int64_t n, const float *numbers)
{
	double *attr = plait__calloc((size_t)n, sizeof *attr, "a constant");
	struct plait_node *y;

	if (!attr)
		return plait_graph_fail(graph, PLAIT_ENOMEM, "constant: no memory");
	for (int64_t i = 0; i < n; i++)
		attr[i] = (double)numbers[i];
	y = plait_node_append(graph, &(struct plait_node_spec){ .op = &plait__op_constant,
								.phase = PLAIT_LOSS,
								.ndim = 1,
								.dim = &n,
								.nattr = (int)n,
								.attr = attr });
	free(attr);
	return y;
}

static void constant_cpu(const struct plait_call *call)
{
	float *y = plait__call_out(call);

	for (int i = 0; i < call->node->nattr; i++)
		y[i] = (float)call->node->attr[i];
}

const struct plait_op plait__op_constant = {
	.abi = PLAIT_OP_ABI,
	.name = "constant",
	.cpu = constant_cpu,
	.cuda = PLAIT__CUDA(plait__constant_cuda),
};
