/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void forward(int64_t n, float alpha, const float *x, float *y)
{
	PLAIT_FOR (int64_t, i, n)
		y[i] = alpha * x[i];
}

extern "C" int plait__scale_cuda(int64_t n, float alpha, const float *x, float *y, void *stream)
{
	if (n > 0)
		PLAIT_LAUNCH(forward, plait__blocks(n), PLAIT_THREADS, stream, n, alpha, x, y);
	return cudaGetLastError();
}
