/* SPDX-License-Identifier: MIT
 * Updates of many parameters in one launch. A step of a network has a few per layer, most of them
 * small, and a launch takes longer than a small update. */
#ifndef PLAIT__UPDATE_H
#define PLAIT__UPDATE_H

#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/clip/update.h"
}

#include <limits.h>
#include <string.h>

#define PLAIT_RANGES \
	PLAIT__MOST_JOINT /* of one launch: the arguments of a kernel have 4 KB at most */

/* What an update changes: the parameters w, by their gradients g, and up to three states. */
struct plait__range {
	int64_t n;
	float *w;
	const float *g;
	float *state[3];
};

/* The argument of a kernel. Blocks first[r] to first[r + 1] - 1 take range r. */
struct plait__ranges {
	struct plait__range range[PLAIT_RANGES];
	unsigned first[PLAIT_RANGES + 1];
	int count;
	const float *clip; /* what clips their gradients, or NULL */
};

/* Whether an update must change nothing. */
static __device__ __forceinline__ bool plait__held(const int *halt, const float *clip)
{
	return plait__halted(halt) || (clip && clip[PLAIT__CLIP_SKIPPED] != 0.0f);
}

/* A gradient as an update reads it: clipped. */
struct plait__gradient {
	const float *g;
	float factor, limit;

	__device__ plait__gradient(const float *g, const float *clip)
	    : g(g), factor(clip ? clip[PLAIT__CLIP_FACTOR] : 1.0f),
	      limit(clip ? clip[PLAIT__CLIP_LIMIT] : INFINITY)
	{
	}

	__device__ __forceinline__ float operator[](int64_t i) const
	{
		return plait__clipped(factor, limit, g[i]);
	}
};

/* The range of this block. */
static __device__ __forceinline__ int plait__range_here(const struct plait__ranges &ranges)
{
	int low = 0, high = ranges.count - 1;

	while (low < high) {
		int middle = (low + high + 1) / 2;

		if (ranges.first[middle] <= blockIdx.x)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* i runs over this thread's share of range r, as in PLAIT_FOR. */
#define PLAIT_FOR_RANGE(ranges, r, i) \
	for (int64_t i = (int64_t)(blockIdx.x - (ranges).first[r]) * blockDim.x + threadIdx.x; \
	     i < (ranges).range[r].n; \
	     i += (int64_t)((ranges).first[(r) + 1] - (ranges).first[r]) * blockDim.x)

static inline struct plait__range plait__range_of(const struct plait_call *call)
{
	struct plait__range range = { plait__call_elements(call, call->node->input[0]),
				      plait__call_updated(call, 0),
				      plait__call_floats(call, 1),
				      {} };

	for (int i = 2; i < plait__update_inputs(call->node); i++)
		range.state[i - 2] = plait__call_updated(call, i);
	return range;
}

/* Blocks for a call alone: the elements decide how many. */
static inline unsigned plait__range_blocks(int64_t n, unsigned most)
{
	unsigned blocks = n > 0 ? plait__blocks(n) : 0;

	return blocks < most ? blocks : most;
}

/* The first of the calls that one launch can do: those with one rule and as many states, and of no
 * more than `most` blocks together. What stands among them of another kind, and so depends on none,
 * is left to launches of its own. Returns how many calls were looked at. */
template <typename rule>
static int plait__ranges_take(struct plait__ranges *ranges, const struct plait_call *call,
			      int calls, unsigned most, rule (*rule_of)(const struct plait_call *))
{
	rule first = rule_of(call);
	int taken = 0;

	for (; taken < calls && ranges->count < PLAIT_RANGES; taken++) {
		struct plait__range range;
		rule other;
		unsigned blocks;
		int r = ranges->count;

		if (call[taken].node->op == &plait__op_batchnorm_update)
			continue;
		if (call[taken].node->op != call->node->op ||
		    call[taken].node->ninputs != call->node->ninputs)
			break;
		range = plait__range_of(&call[taken]);
		other = rule_of(&call[taken]);
		if (memcmp(&first, &other, sizeof first) != 0)
			break;
		blocks = plait__range_blocks(range.n, most);
		if (ranges->first[r] > most - blocks)
			break;
		ranges->clip = plait__update_clip(&call[taken]);
		ranges->range[r] = range;
		ranges->first[r + 1] = ranges->first[r] + blocks;
		ranges->count++;
	}
	return taken;
}

/* The virtual GPU translates the pointers of a kernel's arguments. */
#ifndef __CUDACC__
template <>
struct vgpu_argument<struct plait__ranges> {
	static struct plait__ranges of(const char *kernel, struct plait__ranges ranges, int device)
	{
		for (struct plait__range &r : ranges.range) {
			r.w = vgpu_argument<float *>::of(kernel, r.w, device);
			r.g = vgpu_argument<const float *>::of(kernel, r.g, device);
			for (float *&state : r.state)
				state = vgpu_argument<float *>::of(kernel, state, device);
		}
		ranges.clip = vgpu_argument<const float *>::of(kernel, ranges.clip, device);
		return ranges;
	}
};
#endif

/* What plait__ranges_take left among so many calls.  Returns what an op's cuda does. */
static inline int plait__update_others(const struct plait_call *call, int calls)
{
	int status = cudaSuccess;

	for (int i = 0; i < calls && status == cudaSuccess; i++)
		if (call[i].node->op == &plait__op_batchnorm_update)
			status = plait__batchnorm_update_cuda(&call[i]);
	return status == cudaSuccess ? (int)cudaGetLastError() : status;
}

/* The cuda_joint of an update; kernel takes a rule, the call's halt, and ranges. */
template <typename rule>
static int plait__update_joint(const struct plait_call *call, int calls, int *done,
			       rule (*rule_of)(const struct plait_call *),
			       void (*kernel)(rule, const int *, struct plait__ranges))
{
	struct plait__ranges ranges = {};

	*done = plait__ranges_take(&ranges, call, calls, UINT_MAX, rule_of);
	if (ranges.first[ranges.count] > 0)
		PLAIT_LAUNCH(kernel, ranges.first[ranges.count], PLAIT_THREADS, call->stream,
			     rule_of(call), call->halt, ranges);
	return plait__update_others(call, *done);
}

#endif
