/* SPDX-License-Identifier: MIT
 * cuBLAS is column-major: X [rows, columns] is to it X^T. A and what is made of it are symmetric.
 */
#include "codelets/cuda/product.h"
#include "codelets/cuda/reduce.h"
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/muon.h"
}

/* Blocks that share the sum of squares. */
static unsigned blocks_of(int64_t n)
{
	unsigned blocks = plait__blocks(n);

	return blocks < PLAIT_PARTS ? blocks : PLAIT_PARTS;
}

static __global__ void begin(struct plait__muon_rule rule, const int *halt, const float *clip,
			     int64_t n, const float *gradient, float *m, float *x,
			     struct plait__workspace *workspace)
{
	plait__gradient g(gradient, clip);
	double squares = 0.0;

	if (plait__held(halt, clip))
		return;
	PLAIT_FOR (int64_t, i, n) {
		x[i] = plait__muon_momentum(rule, g[i], &m[i]);
		squares += (double)x[i] * (double)x[i];
	}
	squares = plait__block_sum(squares);
	if (threadIdx.x == 0)
		workspace->part.sum[blockIdx.x] = squares;
}

static __global__ void scale(struct plait__muon_rule rule, const int *halt, const float *clip,
			     int64_t n, float *x, const struct plait__workspace *workspace)
{
	float factor;

	if (plait__held(halt, clip))
		return;
	factor = plait__muon_scale(rule, plait__part_sum(workspace->part.sum, 0, gridDim.x));
	PLAIT_FOR (int64_t, i, n)
		x[i] *= factor;
}

static __global__ void polynomial(int64_t n, const float *a, float *square)
{
	PLAIT_FOR (int64_t, i, n * n)
		square[i] = plait__muon_polynomial(i, n, a[i], square[i]);
}

static __global__ void end(struct plait__muon_rule rule, const int *halt, const float *clip,
			   int64_t n, float *w, const float *x)
{
	if (plait__held(halt, clip))
		return;
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__muon_step(rule, w[i], x[i]);
}

static int multiply(const struct plait_call *call, const struct plait__product &product)
{
	return plait__product(call, &product, CUBLASLT_EPILOGUE_DEFAULT, NULL, NULL);
}

/* A step from x to y. */
static int iterate(const struct plait_call *call, const struct plait__muon_shape *s, const float *x,
		   float *y, float *a, float *b)
{
	bool tall = s->rows > s->columns;
	int64_t n = s->small;
	int status = multiply(call, { tall ? CUBLAS_OP_N : CUBLAS_OP_T,
				      tall ? CUBLAS_OP_T : CUBLAS_OP_N, n, n, s->large, x, x, a });

	if (status == 0)
		status = multiply(call, { CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, a, a, b });
	if (status != 0)
		return status;
	PLAIT_LAUNCH(polynomial, plait__blocks(n * n), PLAIT_THREADS, call->stream, n, a, b);
	return multiply(call, { CUBLAS_OP_N, CUBLAS_OP_N, s->columns, s->rows, n, tall ? b : x,
				tall ? x : b, y });
}

/* Halted or left out, products may multiply anything: nothing of it reaches w. */
int plait__muon_cuda(const struct plait_call *call)
{
	struct plait__muon_shape shape = plait__muon_shape_of(call->node);
	struct plait__muon_rule rule = plait__muon_rule_of(call);
	const float *clip = plait__update_clip(call);
	int64_t n = shape.rows * shape.columns;
	float *x = (float *)call->scratch, *y = x + shape.y, *a = x + shape.a, *b = x + shape.b;
	int status = 0;

	PLAIT_LAUNCH(begin, blocks_of(n), PLAIT_THREADS, call->stream, rule, call->halt, clip, n,
		     plait__call_floats(call, 1), plait__call_updated(call, 2), x,
		     plait__workspace_of(call));
	PLAIT_LAUNCH(scale, blocks_of(n), PLAIT_THREADS, call->stream, rule, call->halt, clip, n, x,
		     plait__workspace_of(call));
	for (int i = 0; i < plait__muon_steps(call->node) && status == 0; i++) {
		float *last = x;

		status = iterate(call, &shape, x, y, a, b);
		x = y;
		y = last;
	}
	if (status != 0)
		return status;
	PLAIT_LAUNCH(end, blocks_of(n), PLAIT_THREADS, call->stream, rule, call->halt, clip, n,
		     plait__call_updated(call, 0), x);
	return cudaGetLastError();
}
