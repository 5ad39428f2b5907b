/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/layer/normalize.h"
}

/* Blocks (x,...) take planes, so that the division by channels is done once for each plane and not
 * for each element; blocks (x,y) share a plane. */
static __global__ void forward(int64_t planes, struct plait__normalize_rule rule, const uint8_t *x,
			       float *y)
{
	for (int64_t plane = blockIdx.x; plane < planes; plane += gridDim.x) {
		int c = (int)(plane % rule.channels);
		float scale = rule.scale[c], shift = rule.shift[c];

		for (int64_t i = (int64_t)blockIdx.y * blockDim.x + threadIdx.x; i < rule.part;
		     i += (int64_t)gridDim.y * blockDim.x)
			y[plane * rule.part + i] =
				plait__normalize(x[plane * rule.part + i], scale, shift);
	}
}

int plait__normalize_cuda(const struct plait_call *call)
{
	struct plait__normalize_rule rule = plait__normalize_rule_of(call);
	int64_t planes = call->rows * rule.channels;
	unsigned x = planes < 65536 ? (unsigned)planes : 65536u, y;

	if (planes == 0)
		return cudaSuccess;
	y = plait__blocks(rule.part) < 4096 / x ? plait__blocks(rule.part) : 4096 / x;
	PLAIT_LAUNCH(forward, dim3(x, y > 0 ? y : 1), PLAIT_THREADS, call->stream, planes, rule,
		     plait__call_bytes(call, 0), plait__call_out(call));
	return cudaGetLastError();
}
