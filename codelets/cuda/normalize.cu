/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

/* A block takes every so-manyth plane, so that only planes are divided by channels. */
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

extern "C" int plait__normalize_cuda(int64_t rows, const struct plait__normalize_rule *rule,
				     const uint8_t *x, float *y, void *stream)
{
	int64_t planes = rows * rule->channels;

	if (planes > 0)
		PLAIT_LAUNCH(forward, planes < 65536 ? (unsigned)planes : 65536u, PLAIT_THREADS,
			     stream, planes, *rule, x, y);
	return cudaGetLastError();
}
