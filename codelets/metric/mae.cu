/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL forward(int64_t n, int64_t width, double count,
						const float *x, const float *targets,
						const float *weights, float *mean,
						struct plait__workspace *workspace)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, n) {
		float weight = weights ? weights[i / width] : 1.0f;

		if (weight != 0.0f)
			sum += (double)weight * (double)fabsf(x[i] - targets[i]);
	}
	if (plait__grid_sum(&sum, workspace))
		*mean = (float)(sum / count);
}

int plait__mae_cuda(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t n = plait__call_elements(call, x);
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(n), 1);

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, n, plait_node_elements(x),
		     plait__batch_elements(call, x), plait__call_floats(call, 0),
		     plait__call_floats(call, 1), plait__call_weights(call), plait__call_out(call),
		     plait__workspace_of(call));
	return cudaGetLastError();
}
