/* SPDX-License-Identifier: MIT
 * Convolutions by products of matrices, a piece of y's pixels at a time: conv.h has what columns
 * are.  Pieces depend on the sizes alone, and so do the order of sums and the bits. */
#include "codelets/cuda/columns.h"
#include "codelets/cuda/im2col.h"
#include "codelets/cuda/product.h"

#include <numeric>

/* -- products ---------------------------------------------------------------------------------- */

/* What the products of a call have in common. */
struct products {
	const struct plait_call *call;
	struct plait__convolution c;
	int64_t pixels, piece;     /* of y: all, and those of one piece */
	int64_t width;             /* of columns */
	int64_t group_width, each; /* of a group: its columns, its outputs */
	int64_t unit;              /* at a multiple of which a group's matrices begin */
	bool pointwise;            /* x, or dx, is the columns */
};

static struct products products_of(const struct plait_call *call,
				   const struct plait__convolution *c)
{
	struct products p = { call,
			      *c,
			      c->rows * plait__conv_pixels(c),
			      plait__conv_piece(c),
			      plait__conv_columns(c),
			      0,
			      c->outputs / c->groups,
			      0,
			      plait__conv_is_pointwise(c) };

	p.group_width = p.width / c->groups;
	if (c->groups > 1)
		p.unit = std::gcd(p.group_width, p.each);
	if (p.pointwise)
		p.piece = p.pixels;
	return p;
}

static struct plait__pixels piece_from(const struct products *p, int64_t begin)
{
	return { begin, begin + p->piece < p->pixels ? begin + p->piece : p->pixels };
}

/* The columns of a piece of y. */
static const float *columns_of(const struct products *p, struct plait__pixels y, const float *x,
			       int *status)
{
	float *columns = (float *)p->call->scratch;

	if (p->pointwise)
		return x + y.begin * p->width;
	PLAIT_LAUNCH_PIXELS(plait__im2col, y.end - y.begin, p->call->stream,
			    plait__window_of(&p->c), y.begin, y.end - y.begin, x, columns);
	*status = cudaGetLastError();
	return columns;
}

/* y of a piece, [pixels,outputs]. */
static int multiply(const struct products *p, struct plait__pixels y, const float *columns,
		    const float *w, const float *b, float *to)
{
	bool alone = p->c.groups == 1, joint = false;
	int status = 0;

	for (int64_t g = 0; g < p->c.groups && status == 0; g++) {
		struct plait__product product = { CUBLAS_OP_T,
						  CUBLAS_OP_N,
						  p->each,
						  y.end - y.begin,
						  p->group_width,
						  w + g * p->each * p->group_width,
						  columns + g * p->group_width,
						  to + g * p->each };

		product.ldb = p->width;
		product.ldc = p->c.outputs;
		product.unit = p->unit;
		status = plait__product(p->call, &product,
					b && alone ? CUBLASLT_EPILOGUE_BIAS
						   : CUBLASLT_EPILOGUE_DEFAULT,
					alone ? b : NULL, &joint);
	}
	if (status != 0 || !b || (alone && joint))
		return status;
	return plait__add_to_rows(p->call, y.end - y.begin, p->c.outputs, b, to);
}

/* The gradient by the columns of a piece of y, [pixels,width]. */
static int multiply_dy(const struct products *p, struct plait__pixels y, const float *dy,
		       const float *w, float *columns)
{
	int status = 0;

	for (int64_t g = 0; g < p->c.groups && status == 0; g++) {
		struct plait__product product = { CUBLAS_OP_N,
						  CUBLAS_OP_N,
						  p->group_width,
						  y.end - y.begin,
						  p->each,
						  w + g * p->each * p->group_width,
						  dy + y.begin * p->c.outputs + g * p->each,
						  columns + g * p->group_width };

		product.ldb = p->c.outputs;
		product.ldc = p->width;
		product.unit = p->unit;
		status = plait__product(p->call, &product, CUBLASLT_EPILOGUE_DEFAULT, NULL, NULL);
	}
	return status;
}

/* What a piece of y adds to dw. */
static int multiply_columns(const struct products *p, struct plait__pixels y, const float *columns,
			    const float *dy, float *dw)
{
	int status = 0;

	for (int64_t g = 0; g < p->c.groups && status == 0; g++) {
		struct plait__product product = { CUBLAS_OP_N,
						  CUBLAS_OP_T,
						  p->group_width,
						  p->each,
						  y.end - y.begin,
						  columns + g * p->group_width,
						  dy + y.begin * p->c.outputs + g * p->each,
						  dw + g * p->each * p->group_width };

		product.lda = p->width;
		product.ldb = p->c.outputs;
		product.unit = p->unit;
		product.adds = y.begin > 0;
		product.workspace_bytes = plait__conv_partial_bytes(&p->c);
		if (product.workspace_bytes > 0)
			product.workspace =
				(char *)p->call->scratch + plait__conv_column_bytes(&p->c);
		status = plait__product(p->call, &product, CUBLASLT_EPILOGUE_DEFAULT, NULL, NULL);
	}
	return status;
}

/* -- the directions ---------------------------------------------------------------------------- */

static int forward(const struct products *p)
{
	const struct plait_call *call = p->call;
	const float *x = plait__call_floats(call, 0), *w = plait__call_floats(call, 1);
	const float *b = call->node->ninputs == 3 ? plait__call_floats(call, 2) : NULL;
	int status = cudaSuccess;

	for (int64_t at = 0; at < p->pixels && status == 0; at += p->piece) {
		struct plait__pixels y = piece_from(p, at);
		const float *columns = columns_of(p, y, x, &status);

		if (status == 0)
			status = multiply(p, y, columns, w, b,
					  plait__call_out(call) + at * p->c.outputs);
	}
	return status;
}

static int by_data(const struct products *p)
{
	const struct plait_call *call = p->call;
	const float *dy = plait__call_floats(call, 0), *w = plait__call_floats(call, 1);
	struct plait__window v = plait__window_of(&p->c);
	float *dx = plait__call_out(call), *columns = p->pointwise ? dx : (float *)call->scratch;
	bool adds = p->piece % (v.y[0] * v.y[1]) != 0; /* pieces share images */
	int status = cudaSuccess;

	if (adds)
		status = cudaMemsetAsync(
			dx, 0, (size_t)plait__call_elements(call, call->node) * sizeof(float),
			(cudaStream_t)call->stream);
	for (int64_t at = 0; at < p->pixels && status == 0; at += p->piece) {
		struct plait__pixels y = piece_from(p, at), x = plait__pixels_read(&v, y);

		status = multiply_dy(p, y, dy, w, columns);
		if (status != 0 || p->pointwise || x.begin >= x.end)
			continue;
		PLAIT_LAUNCH_PIXELS(plait__col2im, x.end - x.begin, call->stream, v, x, y, adds,
				    columns, dx);
		status = cudaGetLastError();
	}
	return status;
}

static int by_weights(const struct products *p)
{
	const float *dy = plait__call_floats(p->call, 0), *x = plait__call_floats(p->call, 1);
	float *dw = plait__call_out(p->call);
	int status = cudaSuccess;

	for (int64_t at = 0; at < p->pixels && status == 0; at += p->piece) {
		struct plait__pixels y = piece_from(p, at);
		const float *columns = columns_of(p, y, x, &status);

		if (status == 0)
			status = multiply_columns(p, y, columns, dy, dw);
	}
	return status;
}

int plait__conv_by_columns(const struct plait_call *call, const struct plait__convolution *c,
			   enum plait__direction direction)
{
	struct products p = products_of(call, c);

	switch (direction) {
	case PLAIT__FORWARD:
		return forward(&p);
	case PLAIT__BY_DATA:
		return by_data(&p);
	default:
		return by_weights(&p);
	}
}
