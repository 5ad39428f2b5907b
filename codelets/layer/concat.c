/* SPDX-License-Identifier: MIT
 * concat: y = the inputs behind each other along one dimension, as torch.cat.
 *         x_i: [N,...,D_i,...], y: [N,...,D_0 + D_1 + ...,...].
 *         dx_i = the slice of dy where x_i is.
 * slice:  y = x from some index of a dimension on, as torch.narrow; no program asks for it.
 * Both take images in either layout. */
#include "config.h"
#include "codelets/layer/concat.h"
#include "codelets/shared/room.h"

#include <inttypes.h>
#include <plait/ops.h>
#include <string.h>

enum { DIM, FIRST };

/* -- building --------------------------------------------------------------------------------- */

/* Whether b can stand behind a. */
static bool fits(const struct plait_node *a, const struct plait_node *b, int dim)
{
	bool same = a->batched == b->batched && a->ndim == b->ndim;

	for (int i = 0; same && i < a->ndim; i++)
		same = i == dim || a->dim[i] == b->dim[i];
	return same;
}

struct plait_node *plait_concat(int n, struct plait_node *const *x, int dim)
{
	int64_t shape[PLAIT_MAX_DIMS];
	char first[128], other[128];

	if (n < 1 || !x || !plait_op_accepts(&plait__op_concat, x[0]))
		return NULL;
	if (dim < 0 || dim >= x[0]->ndim)
		return plait_graph_fail(
			x[0]->graph, PLAIT_EINVAL,
			"concat: dimension %d of inputs of %s, must be 0 to %d", dim,
			plait_shape_text(x[0]->ndim, x[0]->dim, first, sizeof first),
			x[0]->ndim - 1);
	memcpy(shape, x[0]->dim, (size_t)x[0]->ndim * sizeof *shape);
	for (int i = 1; i < n; i++) {
		if (!plait_op_accepts(&plait__op_concat, x[i]))
			return NULL;
		if (!fits(x[0], x[i], dim))
			return plait_graph_fail(
				x[0]->graph, PLAIT_ESHAPE,
				"concat: %s and %s along dimension %d: all others must be equal",
				plait_shape_text(x[0]->ndim, x[0]->dim, first, sizeof first),
				plait_shape_text(x[i]->ndim, x[i]->dim, other, sizeof other), dim);
		shape[dim] += x[i]->dim[dim];
	}
	return plait_node_layer(plait_node_append(
		x[0]->graph, &(struct plait_node_spec){ .op = &plait__op_concat,
							.phase = PLAIT_FORWARD,
							.batched = x[0]->batched,
							.ndim = x[0]->ndim,
							.dim = shape,
							.ninputs = n,
							.input = x,
							.nattr = 1,
							.attr = (double[]){ dim } }));
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	int dim = (int)y->attr[DIM];
	int64_t first = 0;

	for (int i = 0; i < y->ninputs; first += y->input[i]->dim[dim], i++)
		if (y->input[i]->needs_gradient)
			dx[i] = plait_node_like(y->input[i],
						&(struct plait_node_spec){
							.op = &plait__op_slice,
							.phase = PLAIT_BACKWARD,
							.ninputs = 1,
							.input = &dy,
							.nattr = 2,
							.attr = (double[]){ dim, (double)first } });
}

/* -- calls ------------------------------------------------------------------------------------ */

/* Elements that vary faster than dimension dim: in an image that is channels_last the dimensions
 * lie in the order 1, 2, 0. */
static int64_t inner_of(const struct plait_node *node, int dim)
{
	int64_t inner = 1;

	if (node->channels_last)
		return dim == 0 ? 1 : dim == 1 ? node->dim[2] * node->dim[0] : node->dim[0];
	for (int i = dim + 1; i < node->ndim; i++)
		inner *= node->dim[i];
	return inner;
}

/* Part, which begins at `first` of dimension dim of whole. */
static struct plait__strip strip(const struct plait_call *call, const struct plait_node *whole,
				 const struct plait_node *part, int dim, int64_t first)
{
	int64_t inner = inner_of(whole, dim), width = part->dim[dim] * inner;

	PLAIT__ASSERT(first + part->dim[dim] <= whole->dim[dim], "a part is within the whole");
	return (struct plait__strip){ .rows = plait__call_elements(call, part) / width,
				      .width = width,
				      .first = first * inner,
				      .all = whole->dim[dim] * inner };
}

struct plait__strip plait__concat_strip(const struct plait_call *call, int i)
{
	const struct plait_node *y = call->node;
	int dim = (int)y->attr[DIM];
	int64_t first = 0;

	for (int before = 0; before < i; before++)
		first += y->input[before]->dim[dim];
	return strip(call, y, y->input[i], dim, first);
}

struct plait__strip plait__slice_strip(const struct plait_call *call)
{
	const struct plait_node *y = call->node;

	return strip(call, y->input[0], y, (int)y->attr[DIM], (int64_t)y->attr[FIRST]);
}

static void concat_cpu(const struct plait_call *call)
{
	for (int i = 0; i < call->node->ninputs; i++) {
		struct plait__strip s = plait__concat_strip(call, i);
		const float *x = plait__call_floats(call, i);
		float *y = plait__call_out(call) + s.first;

		for (int64_t row = 0; row < s.rows; row++, x += s.width, y += s.all)
			memcpy(y, x, (size_t)s.width * sizeof *y);
	}
}

static void slice_cpu(const struct plait_call *call)
{
	struct plait__strip s = plait__slice_strip(call);
	const float *x = plait__call_floats(call, 0) + s.first;
	float *y = plait__call_out(call);

	for (int64_t row = 0; row < s.rows; row++, x += s.all, y += s.width)
		memcpy(y, x, (size_t)s.width * sizeof *y);
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 2, result);
}

const struct plait_op plait__op_concat = {
	.abi = PLAIT_OP_ABI,
	.name = "concat",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.cpu = concat_cpu,
	.cuda = PLAIT__CUDA(plait__concat_cuda),
	.cost = cost,
};

const struct plait_op plait__op_slice = {
	.abi = PLAIT_OP_ABI,
	.name = "slice",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = slice_cpu,
	.cuda = PLAIT__CUDA(plait__slice_cuda),
	.cost = cost,
};
