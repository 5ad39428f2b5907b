/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"

/* Block (x,...) has some channels, and block (...,y) some samples. */
static __global__ void forward(int64_t samples, int64_t pixels, int64_t channels, const float *x,
			       float *y)
{
	int64_t c = plait__column();

	for (int64_t i = blockIdx.y; i < samples; i += gridDim.y) {
		struct plait__value value = { x + i * pixels * channels + c, channels };
		float sum[1];

		plait__block_column_sums(0, c < channels ? pixels : 0, value, sum);
		if (threadIdx.y == 0 && c < channels)
			y[i * channels + c] = sum[0] / (float)pixels;
		__syncthreads(); /* before the lanes of a sum are written again */
	}
}

static __global__ void backward(int64_t n, int64_t pixels, int64_t channels, const float *dy,
				float *dx)
{
	PLAIT_FOR (int64_t, i, n)
		dx[i] = dy[i / (pixels * channels) * channels + i % channels] / (float)pixels;
}

int plait__global_avgpool_cuda(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t channels = x->dim[0], most = 65535;
	/* One sample's: a grid of blocks that take all its rows. */
	struct plait__column_grid grid = plait__column_sum_grid(1, channels, 1);
	dim3 blocks(grid.blocks.x, (unsigned)(call->rows < most ? call->rows : most));

	if (call->rows > 0)
		PLAIT_LAUNCH(forward, blocks, grid.threads, call->stream, call->rows,
			     x->dim[1] * x->dim[2], channels, plait__call_floats(call, 0),
			     plait__call_out(call));
	return cudaGetLastError();
}

int plait__global_avgpool_bwd_cuda(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	int64_t n = plait__call_elements(call, dx);

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, call->stream, n,
			     dx->dim[1] * dx->dim[2], dx->dim[0], plait__call_floats(call, 0),
			     plait__call_out(call));
	return cudaGetLastError();
}
