/* SPDX-License-Identifier: MIT
 * mul: y = a b, elementwise.  a, b, y: one shape.
 *      da = dy b, db = a dy: products too. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

struct plait_node *plait_mul(struct plait_node *a, struct plait_node *b)
{
	if (!plait_op_accepts(&plait__op_mul, a) || !plait_op_accepts(&plait__op_mul, b) ||
	    !plait__op_pair(&plait__op_mul, a, b))
		return NULL;
	return plait__op_elementwise(&plait__op_mul, 2, (struct plait_node *[]){ a, b }, 0, NULL);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	for (int i = 0; i < 2; i++)
		if (y->input[i]->needs_gradient)
			dx[i] = plait_op_gradient(y, y->input[i], &plait__op_mul, 2,
						  (struct plait_node *[]){ dy, y->input[1 - i] });
}

/* a and b may be the same. */
PLAIT__CLONES static void forward(int64_t n, const float *a, const float *b, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = a[i] * b[i];
}

static void mul_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(call->out != call->in[0] && call->out != call->in[1],
		      "a product is not computed in place");
	forward(plait__call_elements(call, call->node), plait__call_floats(call, 0),
		plait__call_floats(call, 1), plait__call_out(call));
}

static void mul_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 1, 3, cost);
}

const struct plait_op plait__op_mul = {
	.abi = PLAIT_OP_ABI,
	.name = "mul",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.cpu = mul_cpu,
	.cuda = PLAIT__CUDA(plait__mul_cuda),
	.cost = mul_cost,
};
