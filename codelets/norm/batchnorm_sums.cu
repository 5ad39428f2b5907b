/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"

extern "C" {
#include "codelets/norm/batchnorm.h"
}

/* dy, and dy (x - mean), of a column; relu: dy is that of a relu's result. */
struct gradient_terms {
	const float *dy, *x;
	int64_t m;
	float mean, scale, shift;
	bool relu;

	__device__ void operator()(int64_t i, float (&v)[2]) const
	{
		float y = plait__batchnorm_y(x[i * m], mean, scale, shift);

		v[0] = relu ? plait__relu_bwd(y, dy[i * m]) : dy[i * m];
		v[1] = v[0] * (x[i * m] - mean);
	}
};

/* weight and bias: NULL, or dy is that of a relu's result. */
static __global__ void gradient_sums(int64_t rows, int64_t m, int64_t part_rows, float eps,
				     const float *dy, const float *x, const float *stats,
				     const float *weight, const float *bias, int training,
				     float *sums, struct plait__workspace *workspace)
{
	int64_t j = plait__column();
	gradient_terms term = { dy + j, x + j, m, j < m ? stats[j] : 0.0f };
	float sum[2];

	if (bias && j < m) {
		term.scale = plait__batchnorm_scale(weight[j], stats[m + j], eps);
		term.shift = bias[j];
		term.relu = true;
	}
	if (plait__column_sums(rows, m, part_rows, term, sum, workspace))
		plait__batchnorm_sums(sum[0], plait__batchnorm_scale(sum[1], stats[m + j], eps),
				      stats[m + j], eps, rows, training, m, sums + j);
}

int plait__batchnorm_bwd_sums_cuda(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[PLAIT__BWD_X];
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	struct plait__column_grid grid = plait__column_sum_grid(rows, m, 2);
	const float *bias = plait__batchnorm_relu_bias(call, PLAIT__SUMS_BIAS);

	PLAIT_LAUNCH(
		gradient_sums, grid.blocks, grid.threads, call->stream, rows, m, grid.part_rows,
		plait__batchnorm_eps(call), plait__call_floats(call, PLAIT__BWD_DY),
		plait__call_floats(call, PLAIT__BWD_X), plait__call_floats(call, PLAIT__BWD_STATS),
		bias ? plait__call_floats(call, PLAIT__BWD_WEIGHT) : NULL, bias,
		(int)call->training, plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}
