/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"

extern "C" {
#include "codelets/norm/batchnorm.h"
}

static __global__ void forward(int64_t rows, int64_t m, float eps, const float *x,
			       const float *stats, const float *weight, const float *bias, float *y)
{
	int64_t j = plait__column();

	if (j >= m)
		return;
	float mean = stats[j], scale = plait__batchnorm_scale(weight[j], stats[m + j], eps),
	      shift = bias[j];

	PLAIT_FOR_ROWS (i, rows)
		y[i * m + j] = plait__batchnorm_y(x[i * m + j], mean, scale, shift);
}

int plait__batchnorm_cuda(const struct plait_call *call)
{
	int64_t m = plait__channels(call->node), rows = plait__channel_rows(call, call->node);
	struct plait__column_grid grid = plait__column_grid_of(rows, m);

	if (rows > 0)
		PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, rows, m,
			     plait__batchnorm_eps(call), plait__call_floats(call, 0),
			     plait__call_floats(call, 1), plait__call_floats(call, 2),
			     plait__call_floats(call, 3), plait__call_out(call));
	return cudaGetLastError();
}
