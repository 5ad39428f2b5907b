/* SPDX-License-Identifier: MIT
 * flatten: all dimensions of a sample in one.  x: [N,...], y: [N,K].
 * Both y and dx are views of memory that exists already, so there is no kernel. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

static struct plait_node *build(struct plait_node *x)
{
	int64_t elements;

	if (!plait_op_accepts(&plait__op_flatten, x))
		return NULL;
	elements = plait_node_elements(x);
	return plait_node_append(x->graph, &(struct plait_node_spec){ .op = &plait__op_flatten,
								      .phase = PLAIT_FORWARD,
								      .batched = x->batched,
								      .ndim = 1,
								      .dim = &elements,
								      .ninputs = 1,
								      .input = &x });
}

struct plait_node *plait_flatten(struct plait_node *x)
{
	return plait_node_layer(build(x));
}

struct plait_node *plait__flatten(struct plait_node *x)
{
	return x && x->ndim == 1 ? x : build(x);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait_op_no_arguments(x, "flatten", arguments) ? plait_flatten(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_flatten, 1, &dy);
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 0, result);
}

const struct plait_op plait__op_flatten = {
	.abi = PLAIT_OP_ABI,
	.name = "flatten",
	.view = true,
	.dtype = PLAIT_DTYPE_OF_INPUT,
	.gradient = gradient,
	.word = word,
	.cost = cost,
};
