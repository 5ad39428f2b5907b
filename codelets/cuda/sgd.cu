/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

static __global__ void plain(int64_t n, struct plait__sgd_rule rule, float *w, const float *g)
{
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__sgd_step(rule, w[i], g[i]);
}

static __global__ void with_momentum(int64_t n, struct plait__sgd_rule rule, float *w,
				     const float *g, float *v)
{
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__sgd_momentum_step(rule, w[i], g[i], &v[i]);
}

extern "C" int plait__sgd_cuda(int64_t n, const struct plait__sgd_rule *rule, float *w,
			       const float *g, float *v, void *stream)
{
	if (n > 0 && v)
		PLAIT_LAUNCH(with_momentum, plait__blocks(n), PLAIT_THREADS, stream, n, *rule, w, g,
			     v);
	else if (n > 0)
		PLAIT_LAUNCH(plain, plait__blocks(n), PLAIT_THREADS, stream, n, *rule, w, g);
	return cudaGetLastError();
}
