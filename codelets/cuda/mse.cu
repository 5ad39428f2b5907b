/* SPDX-License-Identifier: MIT
 * The loss is one number, so one block computes it. */
#include "codelets/cuda/reduce.h"

static __global__ void forward(int64_t n, int64_t width, double count, const float *x,
			       const float *targets, const float *weights, float *loss)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, n) {
		float weight = weights ? weights[i / width] : 1.0f;

		if (weight != 0.0f)
			sum += (double)weight * (double)plait__square(x[i] - targets[i]);
	}
	sum = plait__block_sum(sum);
	if (threadIdx.x == 0)
		*loss = (float)(sum / count);
}

static __global__ void backward(int64_t n, int64_t width, float scale, const float *x,
				const float *targets, const float *weights, float *dx)
{
	PLAIT_FOR (int64_t, i, n) {
		float s = weights ? scale * weights[i / width] : scale;

		/* A row of weight 0 may hold NaN. */
		dx[i] = s == 0.0f ? 0.0f : s * (x[i] - targets[i]);
	}
}

extern "C" int plait__mse_cuda(int64_t n, int64_t width, double count, const float *x,
			       const float *targets, const float *weights, float *loss,
			       void *stream)
{
	unsigned threads = plait__block_threads((n + PLAIT_WARP - 1) / PLAIT_WARP);

	PLAIT_LAUNCH(forward, 1, threads, stream, n, width, count, x, targets, weights, loss);
	return cudaGetLastError();
}

extern "C" int plait__mse_bwd_cuda(int64_t n, int64_t width, double count, const float *x,
				   const float *targets, const float *weights, float *dx,
				   void *stream)
{
	float scale = (float)(2.0 / count);

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, stream, n, width, scale, x,
			     targets, weights, dx);
	return cudaGetLastError();
}
