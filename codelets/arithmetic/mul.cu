/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void forward(int64_t n, const float *a, const float *b, float *y)
{
	PLAIT_FOR (int64_t, i, n)
		y[i] = a[i] * b[i];
}

int plait__mul_cuda(const struct plait_call *call)
{
	int64_t n = plait__call_elements(call, call->node);

	if (n > 0)
		PLAIT_LAUNCH(forward, plait__blocks(n), PLAIT_THREADS, call->stream, n,
			     plait__call_floats(call, 0), plait__call_floats(call, 1),
			     plait__call_out(call));
	return cudaGetLastError();
}
