/* SPDX-License-Identifier: MIT
 * A warp for each row. The loss, the number of right answers and the gradient read the same rows,
 * so one launch makes those of them that follow each other. Kernels come in two kinds: of labels,
 * and of smoothed ones. */
#include "codelets/cuda/reduce.h"

extern "C" {
#include "codelets/loss/cross_entropy.h"
}

/* What a row's loss and gradient are made of. */
struct row {
	const float *x;
	float max, exp_sum;
	int32_t label;
	bool valid;
	float own, all, dot; /* of smoothed labels: weights of the label's class and of all, and the
				sum of weights times x - max */
};

template <bool smooths>
static __device__ struct row read_row(int64_t c, const float *x, int32_t label,
				      const float *class_weights)
{
	struct row row = {
		x, plait__warp_row_max(c, x), 0.0f, label, label >= 0 && label < c, 0.0f, 0.0f, 0.0f
	};

	row.exp_sum = plait__warp_row_exp_sum(c, x, row.max);
	if (smooths) {
		for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP) {
			float weight = plait__weight_of_class(class_weights, j);

			row.all += weight;
			row.dot += weight * (x[j] - row.max);
		}
		row.all = plait__warp_sum(row.all);
		row.dot = plait__warp_sum(row.dot);
		row.own = row.valid ? plait__weight_of_class(class_weights, label) : 0.0f;
	}
	return row;
}

template <bool smooths>
static __device__ double row_loss(const struct row *row, struct plait__smoothing smoothing)
{
	float log_sum = plait__log(row->exp_sum), below;
	double loss;

	if (!row->valid)
		return NAN;
	below = row->x[row->label] - row->max;
	if (smooths)
		return plait__smoothed_loss(smoothing, row->own, row->all, log_sum, below,
					    row->dot);
	loss = (double)(log_sum - below);
	return smoothing.gamma > 0.0f ? plait__focal(smoothing.gamma, -loss) * loss : loss;
}

/* The gradient of a row. share: the row's weight divided by the batch. */
template <bool smooths>
static __device__ void row_gradient(int64_t c, float share, const struct row *row,
				    struct plait__smoothing smoothing, const float *class_weights,
				    float *dx)
{
	float sum = smooths ? plait__smoothed_sum(smoothing, row->own, row->all) : 1.0f;
	float scale, of_label;

	if (!smooths && smoothing.gamma > 0.0f && row->valid && share != 0.0f)
		share *= (float)plait__focal_gradient(
			smoothing.gamma,
			(double)plait__exp(row->x[row->label] - row->max) / (double)row->exp_sum);
	scale = share * sum / row->exp_sum;
	of_label = smooths ? share * (smoothing.of_label * row->own) : share;

	/* A row of weight 0 may hold NaN, and its label be -1. */
	for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP) {
		float wanted = j == row->label ? of_label : 0.0f;

		if (smooths)
			wanted += share * smoothing.of_each *
				  plait__weight_of_class(class_weights, j);
		dx[j] = share == 0.0f ? 0.0f : plait__exp(row->x[j] - row->max) * scale - wanted;
	}
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

template <bool smooths>
static __global__ void PLAIT_SUM_KERNEL forward(int64_t rows, int64_t c, int64_t batch,
						const float *x, const int32_t *labels,
						const float *weights,
						struct plait__smoothing smoothing,
						const float *class_weights, struct results to,
						struct plait__workspace *workspace)
{
	double sum[2] = { 0.0, 0.0 }; /* of losses and of right answers */
	float mean = 1.0f / (float)batch;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		struct row row = read_row<smooths>(c, x + i * c, labels[i], class_weights);
		float weight = weights ? weights[i] : 1.0f;
		bool right = to.correct && plait__warp_row_first_max(c, row.x, row.label);

		if (threadIdx.x % PLAIT_WARP == 0) {
			if (weight != 0.0f)
				sum[0] += (double)weight * row_loss<smooths>(&row, smoothing);
			sum[1] += right;
		}
		if (to.dx)
			row_gradient<smooths>(c, weights ? mean * weight : mean, &row, smoothing,
					      class_weights, to.dx + i * c);
	}
	if (plait__grid_sums(sum, workspace)) {
		plait__give_loss((float)(sum[0] / (double)batch), to.loss, to.halt);
		if (to.correct)
			*to.correct = (float)sum[1];
	}
}

template <bool smooths>
static __global__ void backward(int64_t rows, int64_t c, float mean, const float *x,
				const int32_t *labels, const float *weights,
				struct plait__smoothing smoothing, const float *class_weights,
				const float *dy, float *dx)
{
	if (dy)
		mean *= *dy;
	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		struct row row = read_row<smooths>(c, x + i * c, labels[i], class_weights);

		row_gradient<smooths>(c, weights ? mean * weights[i] : mean, &row, smoothing,
				      class_weights, dx + i * c);
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
	PLAIT_LAUNCH((plait__smooths(call) ? forward<true> : forward<false>), grid.blocks,
		     grid.threads, call->stream, call->rows, c, call->batch,
		     plait__call_floats(call, 0), plait__call_labels(call, 1),
		     plait__call_weights(call), plait__smoothing_of(call),
		     plait__call_class_weights(call), to, plait__workspace_of(call));
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

	if (rows > 0)
		PLAIT_LAUNCH((plait__smooths(call) ? backward<true> : backward<false>),
			     plait__row_blocks(rows), PLAIT_ROW_THREADS, call->stream, rows,
			     call->node->dim[0], mean, plait__call_floats(call, 0),
			     plait__call_labels(call, 1), plait__call_weights(call),
			     plait__smoothing_of(call), plait__call_class_weights(call),
			     plait__call_dy(call), plait__call_out(call));
	return cudaGetLastError();
}
