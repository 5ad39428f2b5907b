/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/adam.h"
}

static __global__ void update(struct plait__adam_rule rule, const int *halt,
			      struct plait__ranges ranges)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	plait__gradient g(r.g, ranges.clip);

	if (plait__held(halt, ranges.clip))
		return;
	PLAIT_FOR_RANGE (ranges, here, i)
		r.w[i] = plait__adam_step(rule, r.w[i], g[i], &r.state[0][i], &r.state[1][i]);
}

int plait__adam_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	return plait__update_joint(call, calls, done, plait__adam_rule_of, update);
}

int plait__adam_cuda(const struct plait_call *call)
{
	int done;

	return plait__adam_cuda_joint(call, 1, &done);
}
