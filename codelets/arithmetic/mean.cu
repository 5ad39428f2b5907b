/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

static __global__ void PLAIT_SUM_KERNEL forward(int64_t n, double count, const float *x, float *y,
						struct plait__workspace *workspace)
{
	double sum = 0.0;

	PLAIT_FOR (int64_t, i, n)
		sum += (double)x[i];
	if (plait__grid_sum(&sum, workspace))
		*y = (float)(sum / count);
}

static __global__ void backward(int64_t n, double count, const float *dy, float *dx)
{
	float share = (float)((double)*dy / count);

	PLAIT_FOR (int64_t, i, n)
		dx[i] = share;
}

static int launch_forward(const struct plait_call *call, double count)
{
	int64_t n = plait__call_elements(call, call->node->input[0]);
	struct plait__grid grid = plait__sum_grid(plait__warp_loads(n), 1);

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, n, count,
		     plait__call_floats(call, 0), plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}

static int launch_backward(const struct plait_call *call, double count)
{
	int64_t n = plait__call_elements(call, call->node);

	if (n > 0)
		PLAIT_LAUNCH(backward, plait__blocks(n), PLAIT_THREADS, call->stream, n, count,
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}

int plait__mean_cuda(const struct plait_call *call)
{
	return launch_forward(call, plait__batch_elements(call, call->node->input[0]));
}

int plait__mean_bwd_cuda(const struct plait_call *call)
{
	return launch_backward(call, plait__batch_elements(call, call->node));
}

int plait__sum_cuda(const struct plait_call *call)
{
	return launch_forward(call, 1.0);
}

int plait__sum_bwd_cuda(const struct plait_call *call)
{
	return launch_backward(call, 1.0);
}
