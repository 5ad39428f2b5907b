/* SPDX-License-Identifier: MIT */
#include "codelets/norm/sample_cuda.h"

static __global__ void stats(struct plait__sample_norm s, const float *x, float *out)
{
	int64_t n = s.pixels * s.width;

	for (int64_t group = blockIdx.x; group < s.samples * s.groups; group += gridDim.x) {
		const float *first = x + plait__group_begin(s, group);
		double sum = 0.0, squares = 0.0;
		float mean;

		for (int64_t i = threadIdx.x; i < n; i += blockDim.x)
			sum += (double)first[plait__place(s, i)];
		mean = (float)(plait__sum_for_all(sum) / (double)n);
		for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
			float d = first[plait__place(s, i)] - mean;

			squares += (double)(d * d);
		}
		squares = plait__sum_for_all(squares);
		if (threadIdx.x == 0) {
			out[2 * group] = mean;
			out[2 * group + 1] =
				(float)(1.0 / sqrt(squares / (double)n + (double)s.eps));
		}
	}
}

static __global__ void forward(struct plait__sample_norm s, const float *x, const float *of,
			       const float *weight, const float *bias, float *y)
{
	int64_t n = s.pixels * s.width;

	for (int64_t group = blockIdx.x; group < s.samples * s.groups; group += gridDim.x) {
		int64_t begin = plait__group_begin(s, group), channel = group % s.groups * s.width;
		float mean = of[2 * group], scale = of[2 * group + 1];

		for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
			int64_t at = begin + plait__place(s, i), c = channel + i % s.width;
			float z = (x[at] - mean) * scale;

			y[at] = weight ? z * weight[c] + bias[c] : z;
		}
	}
}

int plait__sample_stats_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[0]);

	if (s.samples > 0)
		PLAIT_LAUNCH(stats, plait__group_blocks(s), plait__group_threads(s), call->stream,
			     s, plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}

int plait__sample_norm_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node);
	bool affine = call->node->ninputs == 4;

	if (s.samples > 0)
		PLAIT_LAUNCH(forward, plait__group_blocks(s), plait__group_threads(s), call->stream,
			     s, plait__call_floats(call, 0), plait__call_floats(call, 1),
			     affine ? plait__call_floats(call, 2) : NULL,
			     affine ? plait__call_floats(call, 3) : NULL, plait__call_out(call));
	return cudaGetLastError();
}
