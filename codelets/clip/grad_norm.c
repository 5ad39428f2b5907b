/* SPDX-License-Identifier: MIT
 * grad_norm: y = |g|, the 2-norm of all elements of a parameter's gradient.  y: one number. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

struct plait_node *plait__grad_norm(struct plait_node *gradient)
{
	if (!gradient)
		return NULL;
	return plait__op_whole(&(struct plait_node_spec){ .op = &plait__op_grad_norm,
							  .phase = PLAIT_CLIP,
							  .ninputs = 1,
							  .input = &gradient });
}

PLAIT__CLONES static double square_sum(int64_t n, const float *g)
{
	return plait__square_sum(n, g);
}

static void grad_norm_cpu(const struct plait_call *call)
{
	*plait__call_out(call) = (float)sqrt(square_sum(
		plait__call_elements(call, call->node->input[0]), plait__call_floats(call, 0)));
}

static void grad_norm_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 2, 1, cost);
}

const struct plait_op plait__op_grad_norm = {
	.abi = PLAIT_OP_ABI,
	.name = "grad_norm",
	.cpu = grad_norm_cpu,
	.cuda = PLAIT__CUDA(plait__grad_norm_cuda),
	.cost = grad_norm_cost,
};
