/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL forward(int64_t rows, int64_t c, int64_t batch,
						const float *x, const int32_t *labels,
						const float *weights, float *loss, int *halt,
						struct plait__workspace *workspace)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, rows) {
		float weight = weights ? weights[i] : 1.0f;

		/* A row of weight 0 may hold NaN, and its label be -1. */
		if (weight != 0.0f)
			sum += (double)weight * (double)plait__row_nll(c, x + i * c, labels[i]);
	}
	if (plait__grid_sum(&sum, workspace))
		plait__give_loss((float)(sum / (double)batch), loss, halt);
}

static __global__ void backward(int64_t n, int64_t c, float batch, const int32_t *labels,
				const float *weights, const float *dy, float *dx)
{
	float mean = (dy ? *dy : 1.0f) / batch;

	PLAIT_FOR (int64_t, i, n) {
		float share = weights ? mean * weights[i / c] : mean;

		dx[i] = share != 0.0f && i % c == labels[i / c] ? -share : 0.0f;
	}
}

int plait__nll_cuda(const struct plait_call *call)
{
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(call->rows), 1);

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows,
		     call->node->input[0]->dim[0], call->batch, plait__call_floats(call, 0),
		     plait__call_labels(call, 1), plait__call_weights(call), plait__call_out(call),
		     plait__halt_of(call), plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__nll_bwd_cuda(const struct plait_call *call)
{
	int64_t n = plait__call_elements(call, call->node);

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, call->stream, n,
			     call->node->dim[0], (float)call->batch, plait__call_labels(call, 1),
			     plait__call_weights(call), plait__call_dy(call),
			     plait__call_out(call));
	return cudaGetLastError();
}
