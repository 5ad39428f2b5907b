/* SPDX-License-Identifier: MIT
 * transpose: y = x with two dimensions exchanged, as torch.transpose, copied.  x:
 * [N,...,A,...,B,...], y: [N,...,B,...,A,...]. dx = dy with the same two exchanged. */
#include "config.h"
#include "codelets/layer/transpose.h"
#include "codelets/arguments.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_transpose(struct plait_node *x, int dim0, int dim1)
{
	int64_t dim[PLAIT_MAX_DIMS];
	int first = dim0 < dim1 ? dim0 : dim1, second = dim0 < dim1 ? dim1 : dim0;
	char text[128];

	if (!plait_op_accepts(&plait__op_transpose, x))
		return NULL;
	if (first < 0 || second >= x->ndim)
		return plait_graph_fail(
			x->graph, PLAIT_EINVAL,
			"transpose: dimensions %d and %d of an input of %s, must be "
			"0 to %d",
			dim0, dim1, plait_shape_text(x->ndim, x->dim, text, sizeof text),
			x->ndim - 1);
	memcpy(dim, x->dim, (size_t)x->ndim * sizeof *dim);
	dim[first] = x->dim[second];
	dim[second] = x->dim[first];
	return plait_node_layer(plait_node_append(
		x->graph, &(struct plait_node_spec){ .op = &plait__op_transpose,
						     .phase = PLAIT_FORWARD,
						     .batched = x->batched,
						     .ndim = x->ndim,
						     .dim = dim,
						     .ninputs = 1,
						     .input = &x,
						     .nattr = 2,
						     .attr = (double[]){ first, second } }));
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	int64_t dim[2];
	const struct plait__argument argument[] = {
		{ .name = "dim0", .required = true, .integer = &dim[0] },
		{ .name = "dim1", .required = true, .integer = &dim[1] },
	};

	if (!plait__arguments_read(x, "transpose", arguments, argument, 2,
				   "transpose:0,1 for the first two dimensions of a sample"))
		return NULL;
	return plait_transpose(x, (int)dim[0], (int)dim[1]);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_transpose, 1, &dy);
}

struct plait__exchange plait__exchange_of(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int first = (int)call->node->attr[0], second = (int)call->node->attr[1];
	struct plait__exchange e = { x->batched ? call->rows : 1, 1, 1, 1, 1 };

	PLAIT__ASSERT(0 <= first && first <= second && second < x->ndim,
		      "two dimensions are exchanged");
	for (int i = 0; i < x->ndim; i++)
		*(i < first     ? &e.outer
		  : i == first  ? &e.a
		  : i < second  ? &e.middle
		  : i == second ? &e.b
				: &e.inner) *= x->dim[i];
	return e;
}

/* Pieces of so many rows and columns stay in cache. */
enum { PIECE = 32 };

PLAIT__CLONES static void transpose(int64_t m, int64_t n, const float *restrict x, int64_t x_row,
				    float *restrict y, int64_t y_row)
{
	for (int64_t i0 = 0; i0 < m; i0 += PIECE)
		for (int64_t j0 = 0; j0 < n; j0 += PIECE) {
			int64_t i1 = i0 + PIECE < m ? i0 + PIECE : m;
			int64_t j1 = j0 + PIECE < n ? j0 + PIECE : n;

			for (int64_t j = j0; j < j1; j++)
				for (int64_t i = i0; i < i1; i++)
					y[j * y_row + i] = x[i * x_row + j];
		}
}

void plait__transpose(int64_t m, int64_t n, const float *x, int64_t x_row, float *y, int64_t y_row)
{
	transpose(m, n, x, x_row, y, y_row);
}

/* Neighbours stay neighbours. */
static void copy(const struct plait__exchange *e, const float *x, float *y)
{
	for (int64_t o = 0; o < e->outer; o++, x += e->a * e->middle * e->b * e->inner)
		for (int64_t b = 0; b < e->b; b++)
			for (int64_t m = 0; m < e->middle; m++)
				for (int64_t a = 0; a < e->a; a++, y += e->inner)
					memcpy(y, x + ((a * e->middle + m) * e->b + b) * e->inner,
					       (size_t)e->inner * sizeof *y);
}

static void transpose_cpu(const struct plait_call *call)
{
	struct plait__exchange e = plait__exchange_of(call);
	int64_t matrix = e.a * e.middle * e.b;
	const float *x = plait__call_floats(call, 0);
	float *y = plait__call_out(call);

	if (e.inner > 1) {
		copy(&e, x, y);
		return;
	}
	for (int64_t o = 0; o < e.outer; o++, x += matrix, y += matrix)
		for (int64_t m = 0; m < e.middle; m++)
			plait__transpose(e.a, e.b, x + m * e.b, e.middle * e.b, y + m * e.a,
					 e.middle * e.a);
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 2, result);
}

const struct plait_op plait__op_transpose = {
	.abi = PLAIT_OP_ABI,
	.name = "transpose",
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = transpose_cpu,
	.cuda = PLAIT__CUDA(plait__transpose_cuda),
	.cost = cost,
};
