/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/reduce.h"

extern "C" {
#include "codelets/clip/clip.h"
}

/* Norms that a launch reads, a thread each. */
#define NORMS 128

struct norms {
	const float *norm[NORMS];
	int count;
};

/* The virtual GPU translates the pointers of a kernel's arguments. */
#ifndef __CUDACC__
template <>
struct vgpu_argument<struct norms> {
	static struct norms of(const char *kernel, struct norms norms, int device)
	{
		for (int i = 0; i < norms.count; i++)
			norms.norm[i] =
				vgpu_argument<const float *>::of(kernel, norms.norm[i], device);
		return norms;
	}
};
#endif

/* One block.  The sum of squares goes on from the launch before; out: NULL but for the last. */
static __global__ void clip(struct plait__clip_rule rule, struct norms norms, int first,
			    const float *loss, const float *state, float *out,
			    struct plait__workspace *workspace)
{
	double norm = (int)threadIdx.x < norms.count ? (double)*norms.norm[threadIdx.x] : 0.0;
	double squares = plait__block_sum(norm * norm);

	if (threadIdx.x != 0)
		return;
	if (!first)
		squares += workspace->part.sum[0];
	workspace->part.sum[0] = squares;
	if (out)
		plait__clip_figures(rule, squares, loss, state, out);
}

int plait__clip_cuda(const struct plait_call *call)
{
	int count = plait__clip_norms(call->node);

	for (int begin = 0; begin < count; begin += NORMS) {
		bool last = count - begin <= NORMS;
		struct norms norms = {};

		norms.count = last ? count - begin : NORMS;
		for (int i = 0; i < norms.count; i++)
			norms.norm[i] = plait__call_floats(call, begin + i);
		PLAIT_LAUNCH(clip, 1, NORMS, call->stream, plait__clip_rule_of(call->node), norms,
			     begin == 0, plait__clip_extra(call, 0), plait__clip_extra(call, 1),
			     last ? plait__call_out(call) : NULL, plait__workspace_of(call));
	}
	return cudaGetLastError();
}

static __global__ void outliers(struct plait__clip_rule rule, const int *halt, const float *figures,
				float *state)
{
	if (!plait__halted(halt) && threadIdx.x == 0)
		plait__outliers_update(rule, figures, state);
}

int plait__outliers_cuda(const struct plait_call *call)
{
	PLAIT_LAUNCH(outliers, 1, 1, call->stream, plait__clip_rule_of(call->node->input[1]),
		     call->halt, plait__call_floats(call, 1), plait__call_updated(call, 0));
	return cudaGetLastError();
}
