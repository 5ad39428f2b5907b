/* SPDX-License-Identifier: MIT
 * A warp for each row. The loss, the number of right answers and the gradient read the same rows,
 * so one launch makes those of them that follow each other. */
#include "codelets/cuda/reduce.h"

#define WARPS 4 /* in a block of the gradient alone */

/* The gradient of a row. share: the row's weight divided by the batch. */
static __device__ void row_gradient(int64_t c, float share, const float *x, float max,
				    float exp_sum, int32_t label, float *dx)
{
	float scale = share / exp_sum;

	/* A row of weight 0 may hold NaN, and its label be -1. */
	for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
		dx[j] = share == 0.0f
				? 0.0f
				: plait__exp(x[j] - max) * scale - (j == label ? share : 0.0f);
}

/* What a kernel makes. correct and dx may be NULL. */
struct results {
	float *loss;
	int *halt;
	float *correct, *dx;
};

#ifndef __CUDACC__
template <>
struct vgpu_argument<struct results> {
	static struct results of(const char *kernel, struct results to, int device)
	{
		return { vgpu_argument<float *>::of(kernel, to.loss, device),
			 vgpu_argument<int *>::of(kernel, to.halt, device),
			 vgpu_argument<float *>::of(kernel, to.correct, device),
			 vgpu_argument<float *>::of(kernel, to.dx, device) };
	}
};
#endif

static __global__ void PLAIT_SUM_KERNEL forward(int64_t rows, int64_t c, int64_t batch,
						const float *x, const int32_t *labels,
						const float *weights, struct results to,
						struct plait__workspace *workspace)
{
	double sum[2] = { 0.0, 0.0 }; /* of losses and of right answers */
	float mean = 1.0f / (float)batch;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		float max = plait__warp_row_max(c, xi);
		float exp_sum = plait__warp_row_exp_sum(c, xi, max);
		float log_sum = plait__log(exp_sum);
		int32_t label = labels[i];
		float weight = weights ? weights[i] : 1.0f;
		bool right = to.correct && plait__warp_row_first_max(c, xi, label);

		if (threadIdx.x % PLAIT_WARP == 0) {
			if (weight != 0.0f)
				sum[0] += (double)weight * (label >= 0 && label < c
								    ? log_sum - (xi[label] - max)
								    : NAN);
			sum[1] += right;
		}
		if (to.dx)
			row_gradient(c, weights ? mean * weight : mean, xi, max, exp_sum, label,
				     to.dx + i * c);
	}
	if (plait__grid_sums(sum, workspace)) {
		plait__give_loss((float)(sum[0] / (double)batch), to.loss, to.halt);
		if (to.correct)
			*to.correct = (float)sum[1];
	}
}

static __global__ void backward(int64_t rows, int64_t c, float mean, const float *x,
				const int32_t *labels, const float *weights, const float *dy,
				float *dx)
{
	if (dy)
		mean *= *dy;
	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		float max = plait__warp_row_max(c, xi);

		row_gradient(c, weights ? mean * weights[i] : mean, xi, max,
			     plait__warp_row_exp_sum(c, xi, max), labels[i], dx + i * c);
	}
}

/* Whether a later call reads the first `inputs` of what this one does, and nothing else. */
static bool reads(const struct plait_call *later, const struct plait_call *call, int inputs)
{
	if (later->node->ninputs != inputs)
		return false;
	for (int i = 0; i < inputs; i++)
		if (later->in[i] != call->in[i])
			return false;
	return true;
}

int plait__cross_entropy_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	int64_t c = call->node->input[0]->dim[0];
	struct plait__grid grid = plait__sum_grid(call->rows, plait__warp_loads(c));
	struct results to = { plait__call_out(call), plait__halt_of(call), NULL, NULL };

	for (*done = 1; *done < calls; ++*done) {
		const struct plait_call *later = &call[*done];

		if (later->node->op == &plait__op_accuracy && !to.correct && reads(later, call, 2))
			to.correct = plait__call_out(later);
		else if (later->node->op == &plait__op_cross_entropy_bwd && !to.dx &&
			 reads(later, call, call->node->ninputs))
			to.dx = plait__call_out(later);
		else
			break;
	}
	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows, c, call->batch,
		     plait__call_floats(call, 0), plait__call_labels(call, 1),
		     plait__call_weights(call), to, plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__cross_entropy_cuda(const struct plait_call *call)
{
	int done;

	return plait__cross_entropy_cuda_joint(call, 1, &done);
}

int plait__cross_entropy_bwd_cuda(const struct plait_call *call)
{
	int64_t rows = call->rows;
	float mean = 1.0f / (float)call->batch;
	unsigned blocks = (unsigned)(rows < 16384 ? (rows + WARPS - 1) / WARPS : 4096);

	if (rows > 0)
		PLAIT_LAUNCH(backward, blocks, WARPS * PLAIT_WARP, call->stream, rows,
			     call->node->dim[0], mean, plait__call_floats(call, 0),
			     plait__call_labels(call, 1), plait__call_weights(call),
			     plait__call_dy(call), plait__call_out(call));
	return cudaGetLastError();
}
