/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/adagrad.h"
}

static __global__ void update(struct plait__adagrad_rule rule, const int *halt,
			      struct plait__ranges ranges)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	plait__gradient g(r.g, ranges.clip);

	if (plait__held(halt, ranges.clip))
		return;
	PLAIT_FOR_RANGE (ranges, here, i)
		r.w[i] = plait__adagrad_step(rule, r.w[i], g[i], &r.state[0][i]);
}

int plait__adagrad_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	return plait__update_joint(call, calls, done, plait__adagrad_rule_of, update);
}

int plait__adagrad_cuda(const struct plait_call *call)
{
	int done;

	return plait__adagrad_cuda_joint(call, 1, &done);
}
