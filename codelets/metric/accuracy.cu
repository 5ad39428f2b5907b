/* SPDX-License-Identifier: MIT
 * Each warp takes its own rows. */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL forward(int64_t rows, int64_t c, const float *x,
						const int32_t *labels, float *correct,
						struct plait__workspace *workspace)
{
	double count = 0.0;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		bool right = plait__warp_row_first_max(c, x + i * c, labels[i]);

		if (threadIdx.x % PLAIT_WARP == 0)
			count += right;
	}
	if (plait__grid_sum(&count, workspace))
		*correct = (float)count;
}

int plait__accuracy_cuda(const struct plait_call *call)
{
	int64_t c = call->node->input[0]->dim[0];
	struct plait__grid grid = plait__sum_grid(call->rows, plait__warp_loads(c));

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows, c,
		     plait__call_floats(call, 0), plait__call_labels(call, 1),
		     plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}
