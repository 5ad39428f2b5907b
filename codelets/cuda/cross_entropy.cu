/* SPDX-License-Identifier: MIT
 * A warp for each row, in the loss and in the gradient. */
#include "codelets/cuda/reduce.h"

#define WARPS 4 /* in a block of the gradient */

static __global__ void forward(int64_t rows, int64_t c, int64_t batch, const float *x,
			       const int32_t *labels, const float *weights, float *loss, int *halt,
			       struct plait__workspace *workspace)
{
	double sum = 0.0;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		float max = plait__warp_row_max(c, xi);
		float log_sum = plait__log(plait__warp_row_exp_sum(c, xi, max));
		int32_t label = labels[i];
		float weight = weights ? weights[i] : 1.0f;

		if (threadIdx.x % PLAIT_WARP == 0 && weight != 0.0f)
			sum += (double)weight *
			       (label >= 0 && label < c ? log_sum - (xi[label] - max) : NAN);
	}
	if (plait__grid_sum(&sum, workspace))
		plait__give_loss((float)(sum / (double)batch), loss, halt);
}

static __global__ void backward(int64_t rows, int64_t c, float mean, const float *x,
				const int32_t *labels, const float *weights, float *dx)
{
	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		float max = plait__warp_row_max(c, xi);
		float share = weights ? mean * weights[i] : mean;
		float scale = share / plait__warp_row_exp_sum(c, xi, max);

		/* A row of weight 0 may hold NaN, and its label be -1. */
		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
			dx[i * c + j] = share == 0.0f ? 0.0f
						      : plait__exp(xi[j] - max) * scale -
								(j == labels[i] ? share : 0.0f);
	}
}

int plait__cross_entropy_cuda(const struct plait__call *call)
{
	int64_t c = call->node->input[0]->dim[0];
	struct plait__grid grid = plait__sum_grid(call->rows, plait__warp_loads(c));

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows, c, call->batch,
		     plait__call_floats(call, 0), plait__call_labels(call, 1),
		     plait__call_weights(call), plait__call_out(call), call->halt,
		     plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__cross_entropy_bwd_cuda(const struct plait__call *call)
{
	int64_t rows = call->rows;
	float mean = 1.0f / (float)call->batch;
	unsigned blocks = (unsigned)(rows < 16384 ? (rows + WARPS - 1) / WARPS : 4096);

	if (rows > 0)
		PLAIT_LAUNCH(backward, blocks, WARPS * PLAIT_WARP, call->stream, rows,
			     call->node->dim[0], mean, plait__call_floats(call, 0),
			     plait__call_labels(call, 1), plait__call_weights(call),
			     plait__call_out(call));
	return cudaGetLastError();
}
