/* SPDX-License-Identifier: MIT */
#include "codelets/norm/sample_cuda.h"

static __global__ void by_x(struct plait__sample_norm s, const float *dy, const float *x,
			    const float *stats, const float *weight, float *dx)
{
	int64_t n = s.channels;

	for (int64_t row = blockIdx.x; row < s.samples; row += gridDim.x) {
		const float *dy_row = dy + row * n, *x_row = x + row * n;
		float mean = stats[2 * row], scale = stats[2 * row + 1], even, slope;
		double sum = 0.0, product = 0.0;

		for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
			float g = weight ? dy_row[i] * weight[i] : dy_row[i];

			sum += (double)g;
			product += (double)(g * (x_row[i] - mean));
		}
		even = (float)(plait__sum_for_all(sum) / (double)n);
		slope = (float)(plait__sum_for_all(product) / (double)n * (double)scale *
				(double)scale);
		for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
			float g = weight ? dy_row[i] * weight[i] : dy_row[i];

			dx[row * n + i] = scale * (g - even - (x_row[i] - mean) * slope);
		}
	}
}

/* dy z of this thread's column. */
struct weight_term {
	int64_t m;
	const float *dy, *x, *stats;

	__device__ void operator()(int64_t i, float (&v)[1]) const
	{
		v[0] = (x[i * m] - stats[2 * i]) * stats[2 * i + 1] * dy[i * m];
	}
};

static __global__ void by_weight(int64_t rows, int64_t m, int64_t part_rows, const float *dy,
				 const float *x, const float *stats, float *dw,
				 struct plait__workspace *workspace)
{
	int64_t column = plait__column();
	weight_term term = { m, dy + column, x + column, stats };
	float sum[1];

	if (plait__column_sums(rows, m, part_rows, term, sum, workspace))
		dw[column] = sum[0];
}

static __global__ void by_bias(int64_t rows, int64_t m, int64_t part_rows, const float *dy,
			       float *db, struct plait__workspace *workspace)
{
	int64_t column = plait__column();
	float sum[1];

	if (plait__column_sums(rows, m, part_rows, plait__value{ dy + column, m }, sum, workspace))
		db[column] = sum[0];
}

int plait__layernorm_bwd_dx_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node);

	if (s.samples > 0)
		PLAIT_LAUNCH(by_x, plait__group_blocks(s), plait__group_threads(s), call->stream, s,
			     plait__call_floats(call, 0), plait__call_floats(call, 1),
			     plait__call_floats(call, 2),
			     call->node->ninputs == 4 ? plait__call_floats(call, 3) : NULL,
			     plait__call_out(call));
	return cudaGetLastError();
}

int plait__layernorm_bwd_dw_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[1]);
	struct plait__column_grid grid = plait__column_sum_grid(s.samples, s.channels, 1);

	PLAIT_LAUNCH(by_weight, grid.blocks, grid.threads, call->stream, s.samples, s.channels,
		     grid.part_rows, plait__call_floats(call, 0), plait__call_floats(call, 1),
		     plait__call_floats(call, 2), plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}

int plait__layernorm_bwd_db_cuda(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[0]);
	struct plait__column_grid grid = plait__column_sum_grid(s.samples, s.channels, 1);

	PLAIT_LAUNCH(by_bias, grid.blocks, grid.threads, call->stream, s.samples, s.channels,
		     grid.part_rows, plait__call_floats(call, 0), plait__call_out(call),
		     plait__workspace_of(call));
	return cudaGetLastError();
}
