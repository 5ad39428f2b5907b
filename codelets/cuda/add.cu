/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void forward(int64_t n, const float *a, const float *b, float *y)
{
	PLAIT_FOR (int64_t, i, n)
		y[i] = a[i] + b[i];
}

extern "C" int plait__add_cuda(int64_t n, const float *a, const float *b, float *y, void *stream)
{
	if (n > 0)
		PLAIT_LAUNCH(forward, plait__blocks(n), PLAIT_THREADS, stream, n, a, b, y);
	return cudaGetLastError();
}
