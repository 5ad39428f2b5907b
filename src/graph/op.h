/* SPDX-License-Identifier: MIT
 * The inside of what plait/op.h declares: the record that each room ends with, and the call that
 * its kernels get. To add an op: <op>.c and <op>.cu in a folder of codelets/, a prototype in
 * plait/ops.h, and a row in tests/codelets/ops_table.c. */
#ifndef PLAIT__OP_H
#define PLAIT__OP_H

#include "src/graph/graph.h"

/* Numbers that change from step to step. The optimizer fills them before a step is submitted,
 * and the update kernels read them. The update op's room says what each one is, and has the
 * function that fills them. */
#define PLAIT__MAX_SCALARS 12
struct plait_scalars {
	double value[PLAIT__MAX_SCALARS];
	double lr; /* the learning rate, as events tell it */
};

/* Bytes of a call's workspace: partial sums of all blocks of a kernel, and counters of blocks. They
 * were 0 before the first one. codelets/cuda/reduce.h says what is in them. */
#define PLAIT__WORKSPACE ((size_t)65 * 1024)
#define PLAIT__WORKSPACE_COUNTERS ((size_t)1024) /* bytes of them, which come first */

#define PLAIT__MOST_JOINT 64 /* the largest `joint` of an op */

/* Writes what is wrong with op into text, and returns false; true if nothing is.  builds: the op
 * is no node's, and only a word that builds nodes of others. */
#define PLAIT__OP_FAULT_SIZE 160
bool plait__op_valid(const struct plait_op *op, bool builds, char text[PLAIT__OP_FAULT_SIZE]);

/* Inputs, labels, parameters and the like: nothing runs. */
extern const struct plait_op plait__op_source;

/* What converts between layouts: codelets/layer/layout.c. */
extern const struct plait_op plait__op_channels_last, plait__op_contiguous;

/* In src/graph/layout.c.  inputs: makes those of node, which is not in the graph yet, lie as its op
 * wants them; false with an error of the graph.  output: whether its value is channels_last.
 * contiguous: x, or its conversion, which belongs to the last layer; NULL for NULL. */
bool plait__layout_inputs(struct plait_node *node);
bool plait__layout_output(const struct plait_node *node);
struct plait_node *plait__layout_contiguous(struct plait_node *x);

/* The dtype that a node of this op has; first: that of its first input. */
static inline enum plait_dtype plait__op_dtype(const struct plait_op *op, enum plait_dtype first)
{
	return op->dtype == PLAIT_DTYPE_OF_INPUT ? first : PLAIT_F32;
}

/* Checks what every kernel relies on, where assertions are on: sizes, pointers, dtypes.
 * Whoever calls a kernel of op calls this before. codelets/shared/call.c has it. */
void plait__call_check(const struct plait_call *call, const struct plait_op *op);

/* Elements of a node's value in this call: of call->rows samples, or of the whole value. */
static inline int64_t plait__call_elements(const struct plait_call *call,
					   const struct plait_node *node)
{
	return plait_node_elements(node) * (node->batched ? call->rows : 1);
}

/* Elements of a node's value in the whole batch: a mean divides by them. */
static inline double plait__batch_elements(const struct plait_call *call,
					   const struct plait_node *node)
{
	return (double)call->batch * (double)plait_node_elements(node);
}

/* A value as a matrix: its last dimension is the columns, all others are rows. */
static inline int64_t plait__columns(const struct plait_node *node)
{
	return node->dim[node->ndim - 1];
}

static inline int64_t plait__call_rows(const struct plait_call *call, const struct plait_node *node)
{
	return plait__call_elements(call, node) / plait__columns(node);
}

/* Input i of a call. Kernels take their inputs by these, so that each one checks the dtypes
 * that it was written for. */
static inline const void *plait__call_input(const struct plait_call *call, int i,
					    enum plait_dtype dtype)
{
	PLAIT__ASSERT(i < call->node->ninputs, "a kernel reads only inputs that its node has");
	PLAIT__ASSERT(call->node->input[i]->dtype == dtype,
		      "an input has the dtype that the kernel takes");
	return call->in[i];
}

static inline const float *plait__call_floats(const struct plait_call *call, int i)
{
	return (const float *)plait__call_input(call, i, PLAIT_F32);
}

static inline const int32_t *plait__call_labels(const struct plait_call *call, int i)
{
	return (const int32_t *)plait__call_input(call, i, PLAIT_I32);
}

static inline const uint8_t *plait__call_bytes(const struct plait_call *call, int i)
{
	return (const uint8_t *)plait__call_input(call, i, PLAIT_U8);
}

/* An input that the op updates. It is const only in struct plait_call. */
static inline float *plait__call_updated(const struct plait_call *call, int i)
{
	PLAIT__ASSERT(call->node->op->updates >> i & 1,
		      "a kernel changes only inputs that its op declares");
	return (float *)plait__call_floats(call, i);
}

static inline float *plait__call_out(const struct plait_call *call)
{
	PLAIT__ASSERT(call->node->dtype == PLAIT_F32,
		      "a kernel that writes floats has a float32 node");
	return (float *)call->out;
}

/* What an op may read or not is told apart by its shape: the input of this shape, from input
 * `first` on, or NULL. */
static inline const float *plait__call_of_shape(const struct plait_call *call, int first,
						bool batched, int ndim)
{
	for (int i = first; i < call->node->ninputs; i++) {
		const struct plait_node *input = call->node->input[i];

		if (input->batched == batched && input->ndim == ndim)
			return plait__call_floats(call, i);
	}
	return NULL;
}

/* A loss's weights [N], or NULL where each sample counts as 1. */
static inline const float *plait__call_weights(const struct plait_call *call)
{
	return plait__call_of_shape(call, 2, true, 0);
}

/* In the gradient of a loss that is a term of the graph's: the gradient by this term, one number.
 * NULL if it is the graph's loss itself. */
static inline const float *plait__call_dy(const struct plait_call *call)
{
	return plait__call_of_shape(call, 2, false, 0);
}

/* Weights of the classes [C], or NULL where each class counts as 1. */
static inline const float *plait__call_class_weights(const struct plait_call *call)
{
	return plait__call_of_shape(call, 2, false, 1);
}

/* A kernel for CUDA in an op's record: f where CUDA is compiled in, NULL elsewhere. The
 * constant condition leaves no reference to a function that does not exist. */
#ifdef PLAIT_HAVE_CUDA
#define PLAIT__CUDA(f) (f)
#else
#define PLAIT__CUDA(f) (0 ? (f) : NULL)
#endif

#endif
