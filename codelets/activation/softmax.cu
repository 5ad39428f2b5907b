/* SPDX-License-Identifier: MIT
 * A warp for each row; exponentials are computed twice rather than kept. */
#include "codelets/cuda/reduce.h"

static __global__ void forward(int64_t rows, int64_t c, const float *x, float *y)
{
	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		float max = plait__warp_row_max(c, xi);
		float sum = plait__warp_row_exp_sum(c, xi, max);

		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
			y[i * c + j] = plait__exp(xi[j] - max) / sum;
	}
}

static __global__ void backward(int64_t rows, int64_t c, const float *y, const float *dy, float *dx)
{
	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		float dot = 0.0f;

		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
			dot += y[i * c + j] * dy[i * c + j];
		dot = plait__warp_sum(dot);
		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
			dx[i * c + j] = y[i * c + j] * (dy[i * c + j] - dot);
	}
}

int plait__softmax_cuda(const struct plait_call *call)
{
	int64_t rows = plait__call_rows(call, call->node);

	if (rows > 0)
		PLAIT_LAUNCH(forward, plait__row_blocks(rows), PLAIT_ROW_THREADS, call->stream,
			     rows, plait__columns(call->node), plait__call_floats(call, 0),
			     plait__call_out(call));
	return cudaGetLastError();
}

int plait__softmax_bwd_cuda(const struct plait_call *call)
{
	int64_t rows = plait__call_rows(call, call->node);

	if (rows > 0)
		PLAIT_LAUNCH(backward, plait__row_blocks(rows), PLAIT_ROW_THREADS, call->stream,
			     rows, plait__columns(call->node), plait__call_floats(call, 0),
			     plait__call_floats(call, 1), plait__call_out(call));
	return cudaGetLastError();
}
