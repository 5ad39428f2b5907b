/* SPDX-License-Identifier: MIT
 * Activations: layers that compute each element of y from the same element of x.
 *
 * A room defines two formulas and hands them to PLAIT__ELEMENTWISE:
 *   plait__<name>(x)          y
 *   plait__<name>_bwd(v, dy)  dx, where v is y or x, as the room chooses
 * Its .c file is compiled twice. C makes plait_<name>(), the word, the kernels for CPUs and the
 * records of both ops of it. <name>.cu includes it, and there it becomes the kernels for CUDA. So
 * both sides compute the same formula.
 *
 * PLAIT__ELEMENTWISE_BY is for an op with one attribute, a number. The formulas take it as their
 * last argument, and the room has plait_<name>() and word() of its own. */
#ifndef PLAIT__ELEMENTWISE_H
#define PLAIT__ELEMENTWISE_H

#include "codelets/shared/formula.h"

/* What the gradient of an activation reads besides dy. */
#define PLAIT__BWD_READS_Y y
#define PLAIT__BWD_READS_X y->input[0]

#ifdef __cplusplus
#include "codelets/cuda/launch.h"

#define PLAIT__ELEMENTWISE_OF(op, v, flops, bwd_flops, y_of, dx_of) \
	static __global__ void op##_forward(int64_t n, float a, const float *x, float *y) \
	{ \
		(void)a; \
		PLAIT_FOR (int64_t, i, n) \
			y[i] = y_of; \
	} \
\
	static __global__ void op##_backward(int64_t n, float a, const float *value, \
					     const float *dy, float *dx) \
	{ \
		(void)a; \
		PLAIT_FOR (int64_t, i, n) \
			dx[i] = dx_of; \
	} \
\
	int plait__##op##_cuda(const struct plait_call *call) \
	{ \
		int64_t n = plait__call_elements(call, call->node); \
\
		if (n > 0) \
			PLAIT_LAUNCH(op##_forward, plait__blocks(n), PLAIT_THREADS, call->stream, \
				     n, (float)plait_node_attribute(call->node, 0), \
				     plait__call_floats(call, 0), plait__call_out(call)); \
		return cudaGetLastError(); \
	} \
\
	int plait__##op##_bwd_cuda(const struct plait_call *call) \
	{ \
		int64_t n = plait__call_elements(call, call->node); \
\
		if (n > 0) \
			PLAIT_LAUNCH(op##_backward, plait__blocks(n), PLAIT_THREADS, call->stream, \
				     n, (float)plait_node_attribute(call->node, 0), \
				     plait__call_floats(call, 0), plait__call_floats(call, 1), \
				     plait__call_out(call)); \
		return cudaGetLastError(); \
	}

#define PLAIT__ELEMENTWISE_BUILDER(op)

#else
#include "codelets/shared/room.h"

#include <plait/ops.h>

/* y_of, dx_of: element i of y and dx, from x, value, dy and the attribute a, which is 0 if there is
 * none. */
#define PLAIT__ELEMENTWISE_OF(op, v, flops, bwd_flops, y_of, dx_of) \
	static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx) \
	{ \
		dx[0] = plait_op_gradient(y, y->input[0], &plait__op_##op##_bwd, 2, \
					  (struct plait_node *[]){ v, dy }); \
	} \
\
	PLAIT__CLONES static void forward(int64_t n, float a, const float *restrict x, \
					  float *restrict y) \
	{ \
		(void)a; \
		for (int64_t i = 0; i < n; i++) \
			y[i] = y_of; \
	} \
\
	PLAIT__CLONES static void backward(int64_t n, float a, const float *restrict value, \
					   const float *restrict dy, float *restrict dx) \
	{ \
		(void)a; \
		for (int64_t i = 0; i < n; i++) \
			dx[i] = dx_of; \
	} \
\
	static void cpu(const struct plait_call *call) \
	{ \
		PLAIT__ASSERT(call->out != call->in[0], "an activation is not computed in place"); \
		forward(plait__call_elements(call, call->node), \
			(float)plait_node_attribute(call->node, 0), plait__call_floats(call, 0), \
			plait__call_out(call)); \
	} \
\
	static void bwd_cpu(const struct plait_call *call) \
	{ \
		PLAIT__ASSERT(call->out != call->in[0] && call->out != call->in[1], \
			      "the gradient of an activation is not computed in place"); \
		backward(plait__call_elements(call, call->node), \
			 (float)plait_node_attribute(call->node, 0), plait__call_floats(call, 0), \
			 plait__call_floats(call, 1), plait__call_out(call)); \
	} \
\
	static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result) \
	{ \
		plait_op_cost(node, rows, flops, 2, result); \
	} \
\
	static void bwd_cost(const struct plait_node *node, int64_t rows, \
			     struct plait_cost *result) \
	{ \
		plait_op_cost(node, rows, bwd_flops, 3, result); \
	} \
\
	const struct plait_op plait__op_##op = { \
		.abi = PLAIT_OP_ABI, \
		.name = #op, \
		.activation = true, \
		.layout = PLAIT_PRESERVE, \
		.chunks = PLAIT_CHUNKS_ANY, \
		.gradient = gradient, \
		.word = word, \
		.cpu = cpu, \
		.cuda = PLAIT__CUDA(plait__##op##_cuda), \
		.cost = cost, \
	}; \
\
	const struct plait_op plait__op_##op##_bwd = { \
		.abi = PLAIT_OP_ABI, \
		.name = #op "_bwd", \
		.activation = true, \
		.layout = PLAIT_PRESERVE, \
		.chunks = PLAIT_CHUNKS_ANY, \
		.cpu = bwd_cpu, \
		.cuda = PLAIT__CUDA(plait__##op##_bwd_cuda), \
		.cost = bwd_cost, \
	};

#define PLAIT__ELEMENTWISE_BUILDER(op) \
	struct plait_node *plait_##op(struct plait_node *x) \
	{ \
		return plait_op_unary(x, &plait__op_##op); \
	} \
\
	static struct plait_node *word(struct plait_node *x, const char *arguments) \
	{ \
		return plait_op_no_arguments(x, #op, arguments) ? plait_##op(x) : NULL; \
	}

#endif

/* v: PLAIT__BWD_READS_Y or PLAIT__BWD_READS_X. flops: of one element. An exponential counts as
 * the 16 additions and multiplications in it. */
#define PLAIT__ELEMENTWISE(op, v, flops, bwd_flops) \
	PLAIT__ELEMENTWISE_BUILDER(op) \
	PLAIT__ELEMENTWISE_OF(op, v, flops, bwd_flops, plait__##op(x[i]), \
			      plait__##op##_bwd(value[i], dy[i]))

#define PLAIT__ELEMENTWISE_BY(op, v, flops, bwd_flops) \
	PLAIT__ELEMENTWISE_OF(op, v, flops, bwd_flops, plait__##op(x[i], a), \
			      plait__##op##_bwd(value[i], dy[i], a))

#endif
