/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"

extern "C" {
#include "codelets/norm/batchnorm.h"
}

static __global__ void means(int64_t rows, int64_t m, int64_t part_rows, const float *x,
			     float *mean, struct plait__workspace *workspace)
{
	int64_t j = plait__column();
	float sum[1];

	if (plait__column_sums(rows, m, part_rows, plait__value{ x + j, m }, sum, workspace))
		mean[j] = rows > 0 ? sum[0] / (float)rows : 0.0f;
}

/* (x - mean)^2 of a column. */
struct square {
	const float *x;
	int64_t m;
	float mean;

	__device__ void operator()(int64_t i, float (&v)[1]) const
	{
		float d = x[i * m] - mean;

		v[0] = d * d;
	}
};

static __global__ void variances(int64_t rows, int64_t m, int64_t part_rows, const float *x,
				 const float *mean, float *var, struct plait__workspace *workspace)
{
	int64_t j = plait__column();
	square term = { x + j, m, j < m ? mean[j] : 0.0f };
	float sum[1];

	if (plait__column_sums(rows, m, part_rows, term, sum, workspace))
		var[j] = rows > 0 ? sum[0] / (float)rows : 0.0f;
}

static __global__ void take_running(int64_t m, const float *mean, const float *var, float *stats)
{
	PLAIT_FOR (int64_t, j, m) {
		stats[j] = mean[j];
		stats[m + j] = var[j];
	}
}

int plait__batchnorm_stats_cuda(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	struct plait__column_grid grid = plait__column_sum_grid(rows, m, 1);
	float *mean = plait__call_out(call);

	if (!call->training) {
		PLAIT_LAUNCH(take_running, plait__blocks(m), PLAIT_THREADS, call->stream, m,
			     plait__call_floats(call, PLAIT__RUNNING_MEAN),
			     plait__call_floats(call, PLAIT__RUNNING_VAR), mean);
		return cudaGetLastError();
	}
	PLAIT_LAUNCH(means, grid.blocks, grid.threads, call->stream, rows, m, grid.part_rows,
		     plait__call_floats(call, 0), mean, plait__workspace_of(call));
	PLAIT_LAUNCH(variances, grid.blocks, grid.threads, call->stream, rows, m, grid.part_rows,
		     plait__call_floats(call, 0), mean, mean + m, plait__workspace_of(call));
	return cudaGetLastError();
}
