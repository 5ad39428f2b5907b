/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void forward(const float *x, float *y, int *halt)
{
	plait__give_loss(*x, y, halt);
}

static __global__ void backward(float *dx)
{
	*dx = 1.0f;
}

int plait__loss_cuda(const struct plait_call *call)
{
	PLAIT_LAUNCH(forward, 1, 1, call->stream, plait__call_floats(call, 0),
		     plait__call_out(call), call->halt);
	return cudaGetLastError();
}

int plait__loss_bwd_cuda(const struct plait_call *call)
{
	PLAIT_LAUNCH(backward, 1, 1, call->stream, plait__call_out(call));
	return cudaGetLastError();
}
