/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void update(int64_t n, struct plait__adam_rule rule, float *w, const float *g,
			      float *m, float *v)
{
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__adam_step(rule, w[i], g[i], &m[i], &v[i]);
}

extern "C" int plait__adam_cuda(int64_t n, const struct plait__adam_rule *rule, float *w,
				const float *g, float *m, float *v, void *stream)
{
	if (n > 0)
		PLAIT_LAUNCH(update, plait__blocks(n), PLAIT_THREADS, stream, n, *rule, w, g, m, v);
	return cudaGetLastError();
}
