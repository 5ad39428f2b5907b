/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/layer/transpose.h"
}

#include <limits.h>

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void exchange(index n, struct plait__exchange e, const float *x, float *y)
{
	index a = (index)e.a, middle = (index)e.middle, b = (index)e.b, inner = (index)e.inner;

	PLAIT_FOR (index, i, n) {
		index in_a = i / inner % a, in_middle = i / inner / a % middle;
		index in_b = i / inner / a / middle % b, outer = i / inner / a / middle / b;

		y[i] = x[(((outer * a + in_a) * middle + in_middle) * b + in_b) * inner +
			 i % inner];
	}
}

int plait__transpose_cuda(const struct plait_call *call)
{
	struct plait__exchange e = plait__exchange_of(call);
	int64_t n = e.outer * e.a * e.middle * e.b * e.inner;

	if (n > 0 && n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(exchange<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, e, plait__call_floats(call, 0), plait__call_out(call));
	else if (n > 0)
		PLAIT_LAUNCH(exchange<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, e,
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}
