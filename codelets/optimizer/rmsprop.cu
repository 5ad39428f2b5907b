/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/rmsprop.h"
}

static __global__ void update(struct plait__rmsprop_rule rule, const int *halt,
			      struct plait__ranges ranges)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	plait__gradient g(r.g, ranges.clip);
	float *v = r.state[0], *mean = rule.centered ? r.state[1] : NULL;
	float *momentum = rule.centered ? r.state[2] : r.state[1];

	if (plait__held(halt, ranges.clip))
		return;
	PLAIT_FOR_RANGE (ranges, here, i)
		r.w[i] = plait__rmsprop_step(rule, r.w[i], g[i], &v[i], mean ? &mean[i] : NULL,
					     momentum ? &momentum[i] : NULL);
}

int plait__rmsprop_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	return plait__update_joint(call, calls, done, plait__rmsprop_rule_of, update);
}

int plait__rmsprop_cuda(const struct plait_call *call)
{
	int done;

	return plait__rmsprop_cuda_joint(call, 1, &done);
}
