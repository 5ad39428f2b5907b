/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL grad_norm(int64_t n, const float *g, float *y,
						  struct plait__workspace *workspace)
{
	double squares = 0.0;

	PLAIT_FOR (int64_t, i, n)
		squares += (double)g[i] * (double)g[i];
	if (plait__grid_sum(&squares, workspace))
		*y = (float)sqrt(squares);
}

int plait__grad_norm_cuda(const struct plait_call *call)
{
	int64_t n = plait__call_elements(call, call->node->input[0]);
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(n), 1);

	PLAIT_LAUNCH(grad_norm, grid.blocks, grid.threads, call->stream, n,
		     plait__call_floats(call, 0), plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}
