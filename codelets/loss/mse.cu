/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

extern "C" {
#include "codelets/loss/mse.h"
}

static __global__ void PLAIT_SUM_KERNEL forward(int64_t n, int64_t width, double count,
						const float *x, const float *targets,
						const float *weights, float *loss, int *halt,
						struct plait__workspace *workspace)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, n) {
		float weight = weights ? weights[i / width] : 1.0f;

		if (weight != 0.0f)
			sum += (double)weight * (double)plait__square(x[i] - targets[i]);
	}
	if (plait__grid_sum(&sum, workspace))
		plait__give_loss((float)(sum / count), loss, halt);
}

static __global__ void backward(int64_t n, int64_t width, float scale, const float *x,
				const float *targets, const float *weights, const float *dy,
				float *dx)
{
	if (dy)
		scale *= *dy;
	PLAIT_FOR (int64_t, i, n) {
		float s = weights ? scale * weights[i / width] : scale;

		/* A row of weight 0 may hold NaN. */
		dx[i] = s == 0.0f ? 0.0f : s * (x[i] - targets[i]);
	}
}

int plait__mse_cuda(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t n = plait__call_elements(call, x);
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(n), 1);

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, n, plait_node_elements(x),
		     plait__batch_elements(call, x), plait__call_floats(call, 0),
		     plait__call_floats(call, 1), plait__call_weights(call), plait__call_out(call),
		     plait__halt_of(call), plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__mse_bwd_cuda(const struct plait_call *call)
{
	int64_t n = plait__call_elements(call, call->node);
	float scale = (float)(2.0 / plait__batch_elements(call, call->node));

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, call->stream, n,
			     plait_node_elements(call->node), scale, plait__call_floats(call, 0),
			     plait__call_floats(call, 1), plait__call_weights(call),
			     plait__call_dy(call), plait__call_out(call));
	return cudaGetLastError();
}
