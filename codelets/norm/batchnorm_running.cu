/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/norm/batchnorm.h"
}

static __global__ void running(int64_t m, struct plait__shares share, const float *stats, float *y)
{
	PLAIT_FOR (int64_t, j, m) {
		y[j] = share.mean * stats[j];
		y[m + j] = share.var * stats[m + j];
	}
}

int plait__batchnorm_running_cuda(const struct plait_call *call)
{
	int64_t m = call->node->dim[1];

	PLAIT_LAUNCH(running, plait__blocks(m), PLAIT_THREADS, call->stream, m,
		     plait__batchnorm_shares(call), plait__call_floats(call, 0),
		     plait__call_out(call));
	return cudaGetLastError();
}

static __global__ void update(int64_t m, float momentum, const float *now, float *mean, float *var,
			      int64_t *counter, const int *halt, const float *clip)
{
	if (plait__held(halt, clip))
		return;
	PLAIT_FOR (int64_t, j, m) {
		mean[j] = plait__batchnorm_running(mean[j], momentum, now[j]);
		var[j] = plait__batchnorm_running(var[j], momentum, now[m + j]);
		if (j == 0)
			++*counter;
	}
}

int plait__batchnorm_update_cuda(const struct plait_call *call)
{
	int64_t m = plait_node_elements(call->node->input[0]);

	PLAIT_LAUNCH(update, plait__blocks(m), PLAIT_THREADS, call->stream, m,
		     (float)call->node->attr[PLAIT__BATCHNORM_MOMENTUM],
		     plait__call_floats(call, 1), plait__call_updated(call, 0),
		     plait__call_updated(call, 2), plait__batchnorm_counter(call), call->halt,
		     plait__update_clip(call));
	return cudaGetLastError();
}
