/* SPDX-License-Identifier: MIT
 * What an op is: the record each room codelets/<op>.c ends with.  To add an op: its .c
 * (and .cu), one line in ops.def, one prototype in plait/ops.h, lines in local.mk, one row
 * in tests/ops_table.c. */
#ifndef PLAIT__OP_H
#define PLAIT__OP_H

#include "src/graph/graph.h"

/* Numbers that change from step to step; the optimizer fills them before a step is
 * submitted, update kernels read them. */
struct plait__scalars {
	double lr;
	double correction1; /* Adam: 1 - beta1^t */
	double correction2; /* Adam: sqrt(1 - beta2^t) */
};

/* One call of a kernel.  Pointers are where the kernel runs (host or device). */
struct plait__call {
	const struct plait_node *node; /* shapes and attributes */
	int64_t rows;                  /* samples in this part of the batch; may be 0 */
	int64_t batch;                 /* samples in the whole batch: what a mean divides by */
	const void *in[PLAIT__MAX_INPUTS];
	void *out; /* written whole; NULL for ops that only update their inputs */
	const struct plait__scalars *scalars;
	void *stream; /* CUDA: cudaStream_t */
	void *cublas; /* CUDA: cublasHandle_t, already on that stream */
};

struct plait__cost {
	double flops;
	double bytes; /* read and written, if nothing stays in cache */
};

struct plait__op {
	const char *name;
	unsigned updates; /* bit i: input i is changed in place (optimizers) */
	bool view;        /* out is input 0 under another shape: nothing runs */
	bool activation;  /* belongs to the layer whose output it reads */

	/* Appends the nodes that compute dx[i], the gradient of the loss by input i, from
	 * dy, the gradient by y; only where y->input[i]->needs_gradient.  dy is NULL for a
	 * loss.  Leaves dx[i] NULL on error (the graph keeps it).  NULL: no gradient. */
	void (*gradient)(struct plait_node *y, struct plait_node *dy, struct plait_node **dx);

	/* Builds the layer from what stands after "name:" in a model's words ("" if nothing);
	 * NULL for ops that are no word. */
	struct plait_node *(*word)(struct plait_node *x, const char *arguments);

	/* Pays what the first call of the kernel would cost (code generated at run time), before
	 * anything is timed; NULL where there is nothing to pay.  Cheap when called again. */
	void (*warm_up)(void);

	void (*cpu)(const struct plait__call *call); /* one thread, no allocation */
	/* Submits to call->stream; returns a cudaError_t or, where cuBLAS failed, -1. */
	int (*cuda)(const struct plait__call *call);

	void (*cost)(const struct plait_node *node, int64_t rows, struct plait__cost *cost);
};

/* Inputs, labels, parameters and the like: nothing runs. */
extern const struct plait__op plait__op_source;

/* Elements of a call's value: rows samples of it, or the whole of it. */
static inline int64_t plait__call_elements(const struct plait__call *call,
					   const struct plait_node *node)
{
	return plait__node_elements(node) * (node->batched ? call->rows : 1);
}

/* A value as a matrix: its last dimension is the columns, all others are rows. */
static inline int64_t plait__columns(const struct plait_node *node)
{
	return node->dim[node->ndim - 1];
}

static inline int64_t plait__call_rows(const struct plait__call *call,
				       const struct plait_node *node)
{
	return plait__call_elements(call, node) / plait__columns(node);
}

/* A loss's weights [N], or NULL for all 1. */
static inline const float *plait__call_weights(const struct plait__call *call)
{
	return call->node->ninputs > 2 ? (const float *)call->in[2] : NULL;
}

/* Where CUDA is compiled in is decided once: PLAIT__CUDA(f) is f there and NULL elsewhere.
 * Either way f is compiled, so that a machine without CUDA still checks it; the constant
 * condition leaves no reference to a launcher that does not exist. */
#ifdef PLAIT_HAVE_CUDA
#define PLAIT__CUDA(f) (f)
#else
#define PLAIT__CUDA(f) (0 ? (f) : NULL)
#endif

#endif
