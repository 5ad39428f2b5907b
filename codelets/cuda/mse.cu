/* SPDX-License-Identifier: MIT
 * The loss is one number, so one block computes it. */
#include "codelets/cuda/reduce.h"

static __global__ void forward(int64_t n, double count, const float *x, const float *targets,
			       float *loss)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, n)
		sum += (double)plait__square(x[i] - targets[i]);
	sum = plait__block_sum(sum);
	if (threadIdx.x == 0)
		*loss = (float)(sum / count);
}

static __global__ void backward(int64_t n, float scale, const float *x, const float *targets,
				float *dx)
{
	PLAIT_FOR (int64_t, i, n)
		dx[i] = scale * (x[i] - targets[i]);
}

extern "C" int plait__mse_cuda(int64_t n, double count, const float *x, const float *targets,
			       float *loss, void *stream)
{
	unsigned threads = plait__block_threads((n + PLAIT_WARP - 1) / PLAIT_WARP);

	PLAIT_LAUNCH(forward, 1, threads, stream, n, count, x, targets, loss);
	return cudaGetLastError();
}

extern "C" int plait__mse_bwd_cuda(int64_t n, double count, const float *x, const float *targets,
				   float *dx, void *stream)
{
	float scale = (float)(2.0 / count);

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, stream, n, scale, x,
			     targets, dx);
	return cudaGetLastError();
}
