/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/columns.h"

extern "C" {
#include "codelets/norm/batchnorm.h"
}

static __global__ void backward(int64_t rows, int64_t m, float eps, const float *dy, const float *x,
				const float *stats, const float *weight, const float *sums,
				const float *bias, float *dx)
{
	int64_t j = plait__column();

	if (j >= m)
		return;
	float mean = stats[j], scale = plait__batchnorm_scale(weight[j], stats[m + j], eps),
	      mean_dy = sums[PLAIT__MEAN_DY * m + j], slope = sums[PLAIT__SLOPE * m + j];

	PLAIT_FOR_ROWS (i, rows)
		dx[i * m + j] = plait__batchnorm_dx(
			x[i * m + j],
			bias ? plait__relu_bwd(
				       plait__batchnorm_y(x[i * m + j], mean, scale, bias[j]),
				       dy[i * m + j])
			     : dy[i * m + j],
			mean, scale, mean_dy, slope);
}

int plait__batchnorm_bwd_dx_cuda(const struct plait_call *call)
{
	int64_t m = plait__channels(call->node), rows = plait__channel_rows(call, call->node);
	struct plait__column_grid grid = plait__column_grid_of(rows, m);

	if (rows > 0)
		PLAIT_LAUNCH(backward, grid.blocks, grid.threads, call->stream, rows, m,
			     plait__batchnorm_eps(call), plait__call_floats(call, PLAIT__BWD_DY),
			     plait__call_floats(call, PLAIT__BWD_X),
			     plait__call_floats(call, PLAIT__BWD_STATS),
			     plait__call_floats(call, PLAIT__BWD_WEIGHT),
			     plait__call_floats(call, PLAIT__DX_SUMS),
			     plait__batchnorm_relu_bias(call, PLAIT__DX_BIAS),
			     plait__call_out(call));
	return cudaGetLastError();
}

/* Rows of the sums; each may be NULL. */
static __global__ void give_sums(int64_t m, const float *sums, float *dw, float *db)
{
	PLAIT_FOR (int64_t, j, m) {
		if (db)
			db[j] = sums[PLAIT__SUM_DY * m + j];
		if (dw)
			dw[j] = sums[PLAIT__SUM_DY_XHAT * m + j];
	}
}

static int launch_give_sums(const struct plait_call *call, float *dw, float *db)
{
	int64_t m = plait__channels(call->node);

	PLAIT_LAUNCH(give_sums, plait__blocks(m), PLAIT_THREADS, call->stream, m,
		     plait__call_floats(call, 0), dw, db);
	return cudaGetLastError();
}

int plait__batchnorm_bwd_dw_cuda(const struct plait_call *call)
{
	return launch_give_sums(call, plait__call_out(call), NULL);
}

int plait__batchnorm_bwd_db_cuda(const struct plait_call *call)
{
	return launch_give_sums(call, NULL, plait__call_out(call));
}

int plait__batchnorm_bwd_dw_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	bool with_bias = calls > 1 && call[1].node->op == &plait__op_batchnorm_bwd_db &&
			 call[1].in[0] == call[0].in[0];

	*done = with_bias ? 2 : 1;
	return launch_give_sums(call, plait__call_out(call),
				with_bias ? plait__call_out(&call[1]) : NULL);
}
