/* SPDX-License-Identifier: MIT
 * Losses that are the mean over all elements of a batch of w f(x, t): of an element x, its target t
 * and the weight w of their sample, which is 1 where there are no weights.
 *
 * A room hands its op, a factor and two expressions of x, t and the op's constant c to
 * PLAIT__TERMS: the term is f(x, t), and the factor times the slope is df/dx. Its .c file is
 * compiled twice. C makes the kernels for CPUs, the records of both ops and build() of it. <op>.cu
 * includes it, and there it becomes the kernels for CUDA. */
#ifndef PLAIT__TERMS_H
#define PLAIT__TERMS_H

#include "codelets/shared/formula.h"

#define PLAIT__TERM(op, term, slope) \
	PLAIT_FORMULA float op##_term(float x, float t, float c) \
	{ \
		(void)c; \
		return term; \
	} \
\
	PLAIT_FORMULA float op##_slope(float x, float t, float c) \
	{ \
		(void)c; \
		return slope; \
	}

#ifdef __cplusplus
#include "codelets/cuda/terms.h"

#define PLAIT__TERMS(op, factor, term, slope, flops, bwd_flops) \
	PLAIT__TERM(op, term, slope) \
	PLAIT__TERMS_FORWARD(op) \
	PLAIT__TERMS_BACKWARD(op, factor)
#define PLAIT__TERMS_BUILDERS(op)

#else
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

#define PLAIT__TERM_LANES 16
#define PLAIT__TERM_BLOCK 4096

typedef float plait__term_fn(float x, float t, float c);

/* Adds a block's terms to sum, or x itself where term is NULL: x holds finished ones. The block's
 * own sum runs in floats, in 16 lanes. */
static inline __attribute__((always_inline)) double plait__add_terms(double sum,
								     plait__term_fn *term, float c,
								     int64_t n, const float *x,
								     const float *t)
{
	float lane[PLAIT__TERM_LANES] = { 0 };
	int64_t i = 0;

	for (; i + PLAIT__TERM_LANES <= n; i += PLAIT__TERM_LANES)
		for (int l = 0; l < PLAIT__TERM_LANES; l++)
			lane[l] += term ? term(x[i + l], t[i + l], c) : x[i + l];
	for (; i < n; i++)
		lane[i % PLAIT__TERM_LANES] += term ? term(x[i], t[i], c) : x[i];
	for (int l = 0; l < PLAIT__TERM_LANES; l++)
		sum += (double)lane[l];
	return sum;
}

/* The weighted terms of elements begin to end - 1. width: elements of a row. */
static inline __attribute__((always_inline)) void
plait__weigh_terms(plait__term_fn *term, float c, int64_t begin, int64_t end, int64_t width,
		   const float *x, const float *t, const float *weights, float *weighted)
{
	for (int64_t i = begin, row = begin / width; i < end; row++) {
		int64_t stop = (row + 1) * width < end ? (row + 1) * width : end;
		float w = weights[row];

		for (; i < stop; i++) /* a row of weight 0 may hold NaN */
			weighted[i - begin] = w == 0.0f ? 0.0f : w * term(x[i], t[i], c);
	}
}

/* Blocks and lanes count elements and not rows: so weights of 1 change no bit. */
static inline __attribute__((always_inline)) void
plait__terms_forward(plait__term_fn *term, float c, int64_t n, int64_t width, double count,
		     const float *x, const float *t, const float *weights, float *mean)
{
	float block[PLAIT__TERM_BLOCK];
	double sum = 0.0;

	for (int64_t begin = 0; begin < n; begin += PLAIT__TERM_BLOCK) {
		int64_t size = n - begin < PLAIT__TERM_BLOCK ? n - begin : PLAIT__TERM_BLOCK;

		if (weights)
			plait__weigh_terms(term, c, begin, begin + size, width, x, t, weights,
					   block);
		sum = weights ? plait__add_terms(sum, NULL, c, size, block, NULL)
			      : plait__add_terms(sum, term, c, size, x + begin, t + begin);
	}
	*mean = (float)(sum / count);
}

/* width: elements of a row, or n where weights is NULL. */
static inline __attribute__((always_inline)) void
plait__terms_backward(plait__term_fn *slope, float c, int64_t n, int64_t width, float scale,
		      const float *restrict x, const float *restrict t,
		      const float *restrict weights, float *restrict dx)
{
	for (int64_t begin = 0, row = 0; begin < n; begin += width, row++) {
		float s = weights ? scale * weights[row] : scale;

		if (s == 0.0f) /* a row of weight 0 may hold NaN */
			memset(dx + begin, 0, (size_t)width * sizeof *dx);
		else
			for (int64_t i = begin; i < begin + width; i++)
				dx[i] = s * slope(x[i], t[i], c);
	}
}

/* flops: of one element. An exponential, or a logarithm, counts as the 16 additions and
 * multiplications in it. */
#define PLAIT__TERMS(self, factor, term, slope, flops, bwd_flops) \
	PLAIT__TERM(self, term, slope) \
\
	/* weights NULL: each sample counts as 1. */ \
	static struct plait_node *build(struct plait_node *x, struct plait_node *targets, \
					struct plait_node *weights, float c) \
	{ \
		if (!plait__op_targeted(&plait__op_##self, x, targets) || \
		    (weights && !plait__op_weighted(&plait__op_##self, weights))) \
			return NULL; \
		return plait__op_append_loss(&(struct plait_node_spec){ \
			.op = &plait__op_##self, \
			.ninputs = weights ? 3 : 2, \
			.input = (struct plait_node *[]){ x, targets, weights }, \
			.nattr = 1, \
			.attr = &(double){ (double)c } }); \
	} \
\
	static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx) \
	{ \
		if (y->input[0]->needs_gradient) \
			dx[0] = plait__op_loss_gradient(y, dy, &plait__op_##self##_bwd); \
	} \
\
	PLAIT__CLONES static void forward(float c, int64_t n, int64_t width, double count, \
					  const float *x, const float *t, const float *weights, \
					  float *mean) \
	{ \
		plait__terms_forward(self##_term, c, n, width, count, x, t, weights, mean); \
	} \
\
	PLAIT__CLONES static void backward(float c, int64_t n, int64_t width, float scale, \
					   const float *restrict x, const float *restrict t, \
					   const float *restrict weights, float *restrict dx) \
	{ \
		plait__terms_backward(self##_slope, c, n, width, scale, x, t, weights, dx); \
	} \
\
	static void cpu(const struct plait_call *call) \
	{ \
		const struct plait_node *x = call->node->input[0]; \
\
		PLAIT__ASSERT(plait_node_elements(x) == plait_node_elements(call->node->input[1]), \
			      "there are as many targets as elements"); \
		forward((float)call->node->attr[0], plait__call_elements(call, x), \
			plait_node_elements(x), plait__batch_elements(call, x), \
			plait__call_floats(call, 0), plait__call_floats(call, 1), \
			plait__call_weights(call), plait__call_out(call)); \
	} \
\
	static void bwd_cpu(const struct plait_call *call) \
	{ \
		const float *weights = plait__call_weights(call), *dy = plait__call_dy(call); \
		int64_t n = plait__call_elements(call, call->node); \
		float scale = (float)((factor) / plait__batch_elements(call, call->node)); \
\
		backward((float)call->node->attr[0], n, \
			 weights ? plait_node_elements(call->node) : n, dy ? scale **dy : scale, \
			 plait__call_floats(call, 0), plait__call_floats(call, 1), weights, \
			 plait__call_out(call)); \
	} \
\
	static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result) \
	{ \
		plait_op_cost(node->input[0], rows, flops, 2, result); \
	} \
\
	static void bwd_cost(const struct plait_node *node, int64_t rows, \
			     struct plait_cost *result) \
	{ \
		plait_op_cost(node, rows, bwd_flops, 3, result); \
	} \
\
	const struct plait_op plait__op_##self = { \
		.abi = PLAIT_OP_ABI, \
		.name = #self, \
		.loss = true, \
		.gradient = gradient, \
		.cpu = cpu, \
		.cuda = PLAIT__CUDA(plait__##self##_cuda), \
		.cost = cost, \
	}; \
\
	const struct plait_op plait__op_##self##_bwd = { \
		.abi = PLAIT_OP_ABI, \
		.name = #self "_bwd", \
		.cpu = bwd_cpu, \
		.cuda = PLAIT__CUDA(plait__##self##_bwd_cuda), \
		.cost = bwd_cost, \
	};

/* plait_<op>() and plait_<op>_weighted() of an op without a constant. */
#define PLAIT__TERMS_BUILDERS(self) \
	struct plait_node *plait_##self(struct plait_node *x, struct plait_node *targets) \
	{ \
		return build(x, targets, NULL, 0.0f); \
	} \
\
	struct plait_node *plait_##self##_weighted( \
		struct plait_node *x, struct plait_node *targets, struct plait_node *weights) \
	{ \
		return weights ? build(x, targets, weights, 0.0f) : NULL; \
	}

#endif
#endif
