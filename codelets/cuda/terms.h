/* SPDX-License-Identifier: MIT
 * The kernels for CUDA of what is a mean of terms (codelets/shared/terms.h): PLAIT__TERMS_FORWARD
 * of an op for which there is <op>_term(x, t, c), PLAIT__TERMS_BACKWARD where there is <op>_slope,
 * too. c is the op's first attribute, or 0. */
#ifndef PLAIT__CUDA_TERMS_H
#define PLAIT__CUDA_TERMS_H

#include "codelets/cuda/reduce.h"

static inline float plait__term_constant(const struct plait_call *call)
{
	return call->node->nattr > 0 ? (float)call->node->attr[0] : 0.0f;
}

#define PLAIT__TERMS_FORWARD(op) \
	static __global__ void PLAIT_SUM_KERNEL op##_forward( \
		float c, int64_t n, int64_t width, double count, const float *x, const float *t, \
		const float *weights, float *mean, int *halt, struct plait__workspace *workspace) \
	{ \
		double sum = 0.0; \
\
		PLAIT_FOR (int64_t, i, n) { \
			float weight = weights ? weights[i / width] : 1.0f; \
\
			if (weight != 0.0f) \
				sum += (double)weight * (double)op##_term(x[i], t[i], c); \
		} \
		if (plait__grid_sum(&sum, workspace)) \
			plait__give_loss((float)(sum / count), mean, halt); \
	} \
\
	int plait__##op##_cuda(const struct plait_call *call) \
	{ \
		const struct plait_node *x = call->node->input[0]; \
		int64_t n = plait__call_elements(call, x); \
		struct plait__grid grid = plait__sum_grid(plait__warp_loads(n), 1); \
\
		PLAIT_LAUNCH(op##_forward, grid.blocks, grid.threads, call->stream, \
			     plait__term_constant(call), n, plait_node_elements(x), \
			     plait__batch_elements(call, x), plait__call_floats(call, 0), \
			     plait__call_floats(call, 1), plait__call_weights(call), \
			     plait__call_out(call), plait__halt_of(call), \
			     plait__workspace_of(call)); \
		return cudaGetLastError(); \
	}

#define PLAIT__TERMS_BACKWARD(op, factor) \
	static __global__ void op##_backward(float c, int64_t n, int64_t width, float scale, \
					     const float *x, const float *t, const float *weights, \
					     const float *dy, float *dx) \
	{ \
		if (dy) \
			scale *= *dy; \
		PLAIT_FOR (int64_t, i, n) { \
			float s = weights ? scale * weights[i / width] : scale; \
\
			/* A row of weight 0 may hold NaN. */ \
			dx[i] = s == 0.0f ? 0.0f : s * op##_slope(x[i], t[i], c); \
		} \
	} \
\
	int plait__##op##_bwd_cuda(const struct plait_call *call) \
	{ \
		int64_t n = plait__call_elements(call, call->node); \
		float scale = (float)((factor) / plait__batch_elements(call, call->node)); \
\
		if (n > 0) \
			PLAIT_LAUNCH(op##_backward, plait__blocks(n), PLAIT_THREADS, call->stream, \
				     plait__term_constant(call), n, \
				     plait_node_elements(call->node), scale, \
				     plait__call_floats(call, 0), plait__call_floats(call, 1), \
				     plait__call_weights(call), plait__call_dy(call), \
				     plait__call_out(call)); \
		return cudaGetLastError(); \
	}

#endif
