/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/sgd.h"
}

static __global__ void plain(int64_t n, struct plait__sgd_rule rule, const int *halt, float *w,
			     const float *g)
{
	if (plait__halted(halt))
		return;
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__sgd_step(rule, w[i], g[i]);
}

static __global__ void with_momentum(int64_t n, struct plait__sgd_rule rule, const int *halt,
				     float *w, const float *g, float *v)
{
	if (plait__halted(halt))
		return;
	PLAIT_FOR (int64_t, i, n)
		w[i] = plait__sgd_momentum_step(rule, w[i], g[i], &v[i]);
}

int plait__sgd_cuda(const struct plait__call *call)
{
	int64_t n = plait__call_elements(call, call->node->input[0]);
	struct plait__sgd_rule rule = plait__sgd_rule_of(call);

	if (n > 0 && call->node->ninputs == 3)
		PLAIT_LAUNCH(with_momentum, plait__blocks(n), PLAIT_THREADS, call->stream, n, rule,
			     call->halt, plait__call_updated(call, 0), plait__call_floats(call, 1),
			     plait__call_updated(call, 2));
	else if (n > 0)
		PLAIT_LAUNCH(plain, plait__blocks(n), PLAIT_THREADS, call->stream, n, rule,
			     call->halt, plait__call_updated(call, 0), plait__call_floats(call, 1));
	return cudaGetLastError();
}
