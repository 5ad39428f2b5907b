/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

extern "C" {
#include "codelets/loss/label_weight.h"
}

#ifndef __CUDACC__
template <>
struct vgpu_argument<struct plait__label_rule> {
	static struct plait__label_rule of(const char *kernel, struct plait__label_rule rule,
					   int device)
	{
		rule.class_weights =
			vgpu_argument<const float *>::of(kernel, rule.class_weights, device);
		rule.weights = vgpu_argument<const float *>::of(kernel, rule.weights, device);
		return rule;
	}
};
#endif

static __global__ void PLAIT_SUM_KERNEL scale(int64_t batch, struct plait__label_rule rule,
					      const int32_t *labels, float *s,
					      struct plait__workspace *workspace)
{
	double sum[2] = { 0.0, 0.0 }; /* of all weights, and of those that count */

	PLAIT_FOR (int64_t, i, batch) {
		float w = plait__sample_weight(&rule, i);

		sum[0] += (double)w;
		sum[1] += (double)w * (double)plait__class_weight(&rule, labels[i]);
	}
	if (plait__grid_sums(sum, workspace))
		*s = plait__label_scale(sum[0], sum[1]);
}

static __global__ void weigh(int64_t rows, struct plait__label_rule rule, const int32_t *labels,
			     const float *s, float *u)
{
	PLAIT_FOR (int64_t, i, rows)
		u[i] = *s * plait__sample_weight(&rule, i) * plait__class_weight(&rule, labels[i]);
}

int plait__label_scale_cuda(const struct plait_call *call)
{
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(call->batch), 1);

	PLAIT_LAUNCH(scale, grid.blocks, grid.threads, call->stream, call->batch,
		     plait__label_rule_of(call), plait__call_labels(call, 0), plait__call_out(call),
		     plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__label_weight_cuda(const struct plait_call *call)
{
	if (call->rows > 0)
		PLAIT_LAUNCH(weigh, plait__blocks(call->rows), PLAIT_THREADS, call->stream,
			     call->rows, plait__label_rule_of(call), plait__call_labels(call, 0),
			     plait__call_of_shape(call, 1, false, 0), plait__call_out(call));
	return cudaGetLastError();
}
