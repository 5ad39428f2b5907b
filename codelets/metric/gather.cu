/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

/* Whole numbers, whose bits no move changes. */
static __global__ void gather(int64_t n, int64_t width, const int32_t *x, int32_t *y, int64_t all)
{
	PLAIT_FOR (int64_t, i, n)
		y[i / width * all + i % width] = x[i];
}

int plait__gather_cuda(const struct plait_call *call)
{
	for (int i = 0; i < call->node->ninputs; i++) {
		int64_t width = plait_node_elements(call->node->input[i]), n = call->rows * width;

		if (n > 0)
			PLAIT_LAUNCH(gather, plait__blocks(n), PLAIT_THREADS, call->stream, n,
				     width, (const int32_t *)call->in[i],
				     (int32_t *)call->out + plait__gather_offset(call->node, i),
				     call->node->dim[0]);
	}
	return cudaGetLastError();
}
