/* SPDX-License-Identifier: MIT
 * add: y = a + b, elementwise.  a, b, y: one shape.
 *      da = db = dy. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_add(struct plait_node *a, struct plait_node *b)
{
	char as[128], bs[128];

	if (!plait_op_accepts(&plait__op_add, a) || !plait_op_accepts(&plait__op_add, b))
		return NULL;
	if (a->ndim != b->ndim || memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim) != 0)
		return plait_graph_fail(a->graph, PLAIT_ESHAPE,
					"add: %s and %s, the shapes must be equal",
					plait_shape_text(a->ndim, a->dim, as, sizeof as),
					plait_shape_text(b->ndim, b->dim, bs, sizeof bs));
	return plait_node_layer(plait_node_like(
		a, &(struct plait_node_spec){ .op = &plait__op_add,
					      .phase = PLAIT_FORWARD,
					      .ninputs = 2,
					      .input = (struct plait_node *[]){ a, b } }));
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)y;
	dx[0] = dy;
	dx[1] = dy;
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

static void add_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 1, 3, cost);
}

const struct plait_op plait__op_add = {
	.abi = PLAIT_OP_ABI,
	.name = "add",
	.gradient = gradient,
	.cpu = add_cpu,
	.cuda = PLAIT__CUDA(plait__add_cuda),
	.cost = add_cost,
};
