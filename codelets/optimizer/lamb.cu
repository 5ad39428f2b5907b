/* SPDX-License-Identifier: MIT
 * Two launches for as many calls as have PLAIT_PARTS blocks together. */
#include "codelets/cuda/reduce.h"
#include "codelets/cuda/update.h"

extern "C" {
#include "codelets/optimizer/lamb.h"
}

/* Updates m and v. */
static __global__ void measure(struct plait__lamb_rule rule, const int *halt,
			       struct plait__ranges ranges, struct plait__workspace *workspace)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	plait__gradient g(r.g, ranges.clip);
	double sums[2] = { 0.0, 0.0 }; /* of squares: of w, of its direction */

	if (plait__held(halt, ranges.clip))
		return;
	PLAIT_FOR_RANGE (ranges, here, i) {
		float direction;

		plait__lamb_moments(rule, g[i], &r.state[0][i], &r.state[1][i]);
		direction = plait__lamb_direction(rule, r.w[i], r.state[0][i], r.state[1][i]);
		sums[0] += (double)r.w[i] * (double)r.w[i];
		sums[1] += (double)direction * (double)direction;
	}
	plait__block_sums(sums);
	if (threadIdx.x == 0)
		for (int k = 0; k < 2; k++)
			workspace->part.sum[k * PLAIT_PARTS + blockIdx.x] = sums[k];
}

static __global__ void move(struct plait__lamb_rule rule, const int *halt,
			    struct plait__ranges ranges, const struct plait__workspace *workspace)
{
	int here = plait__range_here(ranges);
	struct plait__range r = ranges.range[here];
	unsigned begin = ranges.first[here], end = ranges.first[here + 1];
	double w_squares, squares;
	float step;

	if (plait__held(halt, ranges.clip))
		return;
	w_squares = plait__part_sum(workspace->part.sum, begin, end);
	squares = plait__part_sum(workspace->part.sum + PLAIT_PARTS, begin, end);
	step = plait__lamb_step(rule, w_squares, squares);
	PLAIT_FOR_RANGE (ranges, here, i)
		r.w[i] = r.w[i] -
			 step * plait__lamb_direction(rule, r.w[i], r.state[0][i], r.state[1][i]);
}

int plait__lamb_cuda_joint(const struct plait_call *call, int calls, int *done)
{
	struct plait__ranges ranges = {};
	unsigned blocks;

	*done = plait__ranges_take(&ranges, call, calls, PLAIT_PARTS, plait__lamb_rule_of);
	blocks = ranges.first[ranges.count];
	if (blocks > 0) {
		PLAIT_LAUNCH(measure, blocks, PLAIT_THREADS, call->stream,
			     plait__lamb_rule_of(call), call->halt, ranges,
			     plait__workspace_of(call));
		PLAIT_LAUNCH(move, blocks, PLAIT_THREADS, call->stream, plait__lamb_rule_of(call),
			     call->halt, ranges, plait__workspace_of(call));
	}
	return plait__update_others(call, *done);
}

int plait__lamb_cuda(const struct plait_call *call)
{
	int done;

	return plait__lamb_cuda_joint(call, 1, &done);
}
