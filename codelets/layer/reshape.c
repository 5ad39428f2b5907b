/* SPDX-License-Identifier: MIT
 * reshape: the elements of a sample under another shape.  x: [N,...], y: [N,...] with as many.
 * Both y and dx are views of memory that exists already, so there is no kernel. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <stdlib.h>

static struct plait_node *build(struct plait_node *x, int ndim, const int64_t *dim)
{
	return plait_node_append(x->graph, &(struct plait_node_spec){ .op = &plait__op_reshape,
								      .phase = PLAIT_FORWARD,
								      .batched = x->batched,
								      .ndim = ndim,
								      .dim = dim,
								      .ninputs = 1,
								      .input = &x });
}

/* One dimension may be -1: what the others leave. */
static bool settle(struct plait_node *x, int ndim, int64_t *dim)
{
	int64_t elements = plait_node_elements(x), others = 1;
	int open = -1;
	char xs[128], ys[128];

	for (int i = 0; i < ndim; i++)
		if (dim[i] == -1 && open < 0)
			open = i;
		else
			others = dim[i] < 1 || others > elements ? 0 : others * dim[i];
	if (open >= 0 && others > 0 && elements % others == 0) {
		dim[open] = elements / others;
		others = elements;
	}
	if (others == elements)
		return true;
	plait_graph_fail(x->graph, PLAIT_ESHAPE,
			 "reshape: %s to %s: both must have as many elements, and one dimension "
			 "may be -1",
			 plait_shape_text(x->ndim, x->dim, xs, sizeof xs),
			 plait_shape_text(ndim, dim, ys, sizeof ys));
	return false;
}

struct plait_node *plait_reshape(struct plait_node *x, int ndim, const int64_t *dim)
{
	int64_t settled[PLAIT_MAX_DIMS];

	if (!plait_op_accepts(&plait__op_reshape, x))
		return NULL;
	if (ndim < 1 || ndim > PLAIT_MAX_DIMS || !dim)
		return plait_graph_fail(x->graph, PLAIT_ESHAPE,
					"reshape: %d dimensions, must be 1 to %d", dim ? ndim : 0,
					PLAIT_MAX_DIMS);
	for (int i = 0; i < ndim; i++)
		settled[i] = dim[i];
	return settle(x, ndim, settled) ? plait_node_layer(build(x, ndim, settled)) : NULL;
}

struct plait_node *plait__image(struct plait_node *x)
{
	return x && x->ndim == 2 ? build(x, 3, (int64_t[]){ 1, x->dim[0], x->dim[1] }) : x;
}

/* "1x28x28" */
static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	int64_t dim[PLAIT_MAX_DIMS];
	const char *at = arguments;
	int ndim = 0;

	if (!x)
		return NULL;
	while (ndim < PLAIT_MAX_DIMS) {
		char *end;

		dim[ndim++] = strtoll(at, &end, 10);
		if (end == at || (*end != 'x' && *end != '\0'))
			break;
		if (*end == '\0')
			return plait_reshape(x, ndim, dim);
		at = end + 1;
	}
	return plait_graph_fail(x->graph, PLAIT_EINVAL,
				"model: \"reshape%s%.60s\": reshape takes a shape, as in "
				"reshape:1x28x28",
				*arguments ? ":" : "", arguments);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_reshape, 1, &dy);
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 0, result);
}

const struct plait_op plait__op_reshape = {
	.abi = PLAIT_OP_ABI,
	.name = "reshape",
	.view = true,
	.dtype = PLAIT_DTYPE_OF_INPUT,
	.gradient = gradient,
	.word = word,
	.cost = cost,
};
