/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void forward(int64_t n, const float *x, float *y)
{
	PLAIT_FOR (int64_t, i, n)
		y[i] = plait__sigmoid(x[i]);
}

static __global__ void backward(int64_t n, const float *y, const float *dy, float *dx)
{
	PLAIT_FOR (int64_t, i, n)
		dx[i] = plait__sigmoid_bwd(y[i], dy[i]);
}

extern "C" int plait__sigmoid_cuda(int64_t n, const float *x, float *y, void *stream)
{
	if (n > 0)
		PLAIT_LAUNCH(forward, plait__blocks(n), PLAIT_THREADS, stream, n, x, y);
	return cudaGetLastError();
}

extern "C" int plait__sigmoid_bwd_cuda(int64_t n, const float *y, const float *dy, float *dx,
				       void *stream)
{
	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, stream, n, y, dy, dx);
	return cudaGetLastError();
}
