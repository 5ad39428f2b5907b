/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/adam.h"
}

static __global__ void update(int64_t n, struct plait__adam_rule rule, const int *halt, float *w,
			      const float *g, float *m, float *v)
{
	if (plait__halted(halt))
		return;
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__adam_step(rule, w[i], g[i], &m[i], &v[i]);
}

int plait__adam_cuda(const struct plait__call *call)
{
	int64_t n = plait__call_elements(call, call->node->input[0]);

	if (n > 0)
		PLAIT_LAUNCH(update, plait__blocks(n), PLAIT_THREADS, call->stream, n,
			     plait__adam_rule_of(call), call->halt, plait__call_updated(call, 0),
			     plait__call_floats(call, 1), plait__call_updated(call, 2),
			     plait__call_updated(call, 3));
	return cudaGetLastError();
}
