/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/normalize.h"
}

/* A block takes whole planes, so that the division by channels is done once for each plane and
 * not for each element. */
static __global__ void forward(int64_t planes, struct plait__normalize_rule rule, const uint8_t *x,
			       float *y)
{
	for (int64_t plane = blockIdx.x; plane < planes; plane += gridDim.x) {
		int c = (int)(plane % rule.channels);
		float scale = rule.scale[c], shift = rule.shift[c];

		for (int64_t i = threadIdx.x; i < rule.part; i += blockDim.x)
			y[plane * rule.part + i] =
				plait__normalize(x[plane * rule.part + i], scale, shift);
	}
}

int plait__normalize_cuda(const struct plait__call *call)
{
	struct plait__normalize_rule rule = plait__normalize_rule_of(call);
	int64_t planes = call->rows * rule.channels;

	if (planes > 0)
		PLAIT_LAUNCH(forward, planes < 65536 ? (unsigned)planes : 65536u, PLAIT_THREADS,
			     call->stream, planes, rule, plait__call_bytes(call, 0),
			     plait__call_out(call));
	return cudaGetLastError();
}
