/* SPDX-License-Identifier: MIT
 * add: y = a + b, sub: y = a - b, elementwise.  a, b, y: one shape.
 *      da = dy, db = dy or -dy. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

static struct plait_node *build(const struct plait_op *op, struct plait_node *a,
				struct plait_node *b)
{
	if (!plait__op_accepts_parts(op, a) || !plait__op_accepts_parts(op, b) ||
	    !plait__op_pair(op, a, b))
		return NULL;
	return plait__op_elementwise(op, 2, (struct plait_node *[]){ a, b }, 0, NULL);
}

struct plait_node *plait_add(struct plait_node *a, struct plait_node *b)
{
	return build(&plait__op_add, a, b);
}

struct plait_node *plait_sub(struct plait_node *a, struct plait_node *b)
{
	return build(&plait__op_sub, a, b);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)y;
	dx[0] = dy;
	dx[1] = dy;
}

static void sub_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = dy;
	if (y->input[1]->needs_gradient)
		dx[1] = plait_node_like(dy, &(struct plait_node_spec){ .op = &plait__op_scale,
								       .phase = PLAIT_BACKWARD,
								       .ninputs = 1,
								       .input = &dy,
								       .nattr = 1,
								       .attr = &(double){ -1 } });
}

/* y may be the same memory as a: the gradients of shards are added up so. */
PLAIT__CLONES static void forward(int64_t n, const float *a, const float *b, float *y)
{
#pragma GCC ivdep
	for (int64_t i = 0; i < n; i++)
		y[i] = a[i] + b[i];
}

/* call->node is not always an add: the parts of a partial value, as of a gradient, are added into
 * that value's node. So the inputs are read as what the node's own dtype says. */
static void add_cpu(const struct plait_call *call)
{
	forward(plait__call_elements(call, call->node), call->in[0], call->in[1],
		plait__call_out(call));
}

/* a and b may be the same. */
PLAIT__CLONES static void difference(int64_t n, const float *a, const float *b, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = a[i] - b[i];
}

static void sub_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(call->out != call->in[0] && call->out != call->in[1],
		      "a difference is not computed in place");
	difference(plait__call_elements(call, call->node), plait__call_floats(call, 0),
		   plait__call_floats(call, 1), plait__call_out(call));
}

static void add_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 1, 3, cost);
}

const struct plait_op plait__op_add = {
	.abi = PLAIT_OP_ABI,
	.name = "add",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.cpu = add_cpu,
	.cuda = PLAIT__CUDA(plait__add_cuda),
	.cost = add_cost,
};

const struct plait_op plait__op_sub = {
	.abi = PLAIT_OP_ABI,
	.name = "sub",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = sub_gradient,
	.cpu = sub_cpu,
	.cuda = PLAIT__CUDA(plait__sub_cuda),
	.cost = add_cost,
};
