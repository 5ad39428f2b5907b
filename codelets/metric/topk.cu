/* SPDX-License-Identifier: MIT
 * Each warp takes its own rows. */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL forward(int64_t rows, int64_t c, int64_t k, int64_t batch,
						const float *x, const int32_t *labels,
						const float *weights, float *share,
						struct plait__workspace *workspace)
{
	double sum = 0.0;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		int64_t rank = plait__warp_row_rank(c, x + i * c, labels[i]);

		if (threadIdx.x % PLAIT_WARP == 0 && rank < k)
			sum += weights ? (double)weights[i] : 1.0;
	}
	if (plait__grid_sum(&sum, workspace))
		*share = (float)(sum / (double)batch);
}

int plait__topk_cuda(const struct plait_call *call)
{
	int64_t c = call->node->input[0]->dim[0];
	struct plait__grid grid = plait__sum_grid(call->rows, plait__warp_loads(c));

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows, c,
		     (int64_t)call->node->attr[0], call->batch, plait__call_floats(call, 0),
		     plait__call_labels(call, 1), plait__call_weights(call), plait__call_out(call),
		     plait__workspace_of(call));
	return cudaGetLastError();
}
