/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/sgd.h"
}

static __global__ void update(struct plait__sgd_rule rule, const int *halt,
			      struct plait__ranges ranges)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	plait__gradient g(r.g, ranges.clip);
	float *v = r.state[0]; /* NULL without momentum */

	if (plait__held(halt, ranges.clip))
		return;
	PLAIT_FOR_RANGE (ranges, here, i)
		r.w[i] = v ? plait__sgd_momentum_step(rule, r.w[i], g[i], &v[i])
			   : plait__sgd_step(rule, r.w[i], g[i]);
}

int plait__sgd_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	return plait__update_joint(call, calls, done, plait__sgd_rule_of, update);
}

int plait__sgd_cuda(const struct plait_call *call)
{
	int done;

	return plait__sgd_cuda_joint(call, 1, &done);
}
