/* SPDX-License-Identifier: MIT
 * What an op is: the record that each room codelets/<op>.c ends with, and the call that its
 * kernels get. To add an op: its .c and cuda/<op>.cu, a prototype in plait/ops.h, and a row in
 * tests/codelets/ops_table.c. */
#ifndef PLAIT__OP_H
#define PLAIT__OP_H

#include "src/graph/graph.h"

/* Numbers that change from step to step. The optimizer fills them before a step is submitted,
 * and the update kernels read them. The update op's room says what each one is, and has the
 * function that fills them. */
#define PLAIT__MAX_SCALARS 8
struct plait_scalars {
	double value[PLAIT__MAX_SCALARS];
};

/* Bytes of a call's workspace: partial sums of all blocks of a kernel, and counters of blocks. */
#define PLAIT__WORKSPACE ((size_t)65 * 1024)
#define PLAIT__WORKSPACE_COUNTERS ((size_t)1024) /* bytes of them, which come first */

/* One call of a kernel. Pointers are to memory where the kernel runs: host or device. */
struct plait_call {
	const struct plait_node *node; /* shapes and attributes */
	int64_t rows;                  /* samples in this part of the batch; may be 0 */
	int64_t batch;                 /* samples in the whole batch; a mean divides by them */
	const void *const *in;         /* one for each input of the op */
	void *out; /* every element is written; NULL for ops that only update their inputs */
	const struct plait_scalars *scalars;
	void *stream; /* CUDA: cudaStream_t */
	void *cublas; /* CUDA: cublasHandle_t, already on that stream */
	/* CUDA, in training: a flag in the device's memory, else NULL. The loss sets it to 1 if it
	 * is not finite. While it is 1 updates change nothing: they are queued before the host
	 * sees the loss. */
	int *halt;
	/* CUDA: PLAIT__WORKSPACE bytes of the device's memory for the kernels of this stream, which
	 * run one after another. They were 0 before the first one. codelets/cuda/reduce.h says what
	 * is in them. */
	void *workspace;
	bool tf32; /* CUDA: products may round their factors to TF32 */
};

#define PLAIT__MOST_JOINT 64

struct plait_cost {
	double flops;
	double bytes; /* read and written, if nothing stays in cache */
};

/* How the dtype of an op's value follows from its inputs. */
enum plait_dtype_rule {
	PLAIT_DTYPE_F32 = 0,  /* float32, whatever the inputs are */
	PLAIT_DTYPE_OF_INPUT, /* that of input 0 */
};

#define PLAIT_OP_ABI 1

struct plait_op {
	unsigned abi; /* PLAIT_OP_ABI */
	const char *name;
	unsigned updates; /* bit i: input i is changed in place (optimizers) */
	bool view;        /* out is input 0 under another shape: nothing runs */
	bool activation;  /* belongs to the layer whose output it reads */
	/* The op of the node before it, with which it is in one task at any granularity: a GPU
	 * joins the two, and its bits would depend on the granularity otherwise. NULL: none. */
	const struct plait_op *joins;
	enum plait_dtype_rule dtype;

	/* Appends the nodes that compute dx[i], the gradient of the loss by input i, from dy,
	 * the gradient by y. dx has y->ninputs entries, all NULL at first; only those where
	 * y->input[i]->needs_gradient are wanted. dy is NULL for a loss. On error dx[i] stays
	 * NULL and the graph keeps the error. NULL: the op has no gradient. */
	void (*gradient)(struct plait_node *y, struct plait_node *dy, struct plait_node **dx);

	/* Builds the layer from what stands after "name:" in a model's words ("" if nothing);
	 * NULL for ops that are no word. */
	struct plait_node *(*word)(struct plait_node *x, const char *arguments);

	/* Does the one-time work of the kernel's first call, such as generating code, before
	 * anything is timed. NULL where there is none. Cheap when called again. */
	void (*warm_up)(void);

	void (*cpu)(const struct plait_call *call); /* one thread, no allocation */
	/* Submits to call->stream. Returns a cudaError_t, or a negative cublasStatus_t. */
	int (*cuda)(const struct plait_call *call);
	/* The same for a call of this op and as many of those after it, of any op, as one launch
	 * can do; *done: how many they are, at least 1. It is shown no more than `joint` calls,
	 * in the order in which they follow each other. NULL where nothing can be joined. */
	int (*cuda_joint)(const struct plait_call *call, int calls, int *done);
	int joint; /* at most PLAIT__MOST_JOINT */

	void (*cost)(const struct plait_node *node, int64_t rows, struct plait_cost *cost);
};

/* Inputs, labels, parameters and the like: nothing runs. */
extern const struct plait_op plait__op_source;

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

/* A loss's weights [N], or NULL where each sample counts as 1. */
static inline const float *plait__call_weights(const struct plait_call *call)
{
	return call->node->ninputs > 2 ? plait__call_floats(call, 2) : NULL;
}

/* A kernel for CUDA in an op's record: f where CUDA is compiled in, NULL elsewhere. The
 * constant condition leaves no reference to a function that does not exist. */
#ifdef PLAIT_HAVE_CUDA
#define PLAIT__CUDA(f) (f)
#else
#define PLAIT__CUDA(f) (0 ? (f) : NULL)
#endif

#endif
