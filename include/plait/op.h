/* SPDX-License-Identifier: MIT
 * An op of one's own: the record that Plait's own ops have too, the functions that build its nodes,
 * and what its kernels see of a call.  examples/12_own_op.c is a whole one.
 *
 * An op computes a value y from inputs, such as x and parameters.  A program that has an op's
 * record appends nodes of it, and needs no more than that.  plait_op_register() makes the op's name
 * a word of plait_model() too, or of plait_metric_word().  A plug-in is a shared object that
 * registers ops when it is loaded: see plait_plugin_load().
 *
 * Losses and optimizers are Plait's own.  So are some fields below: leave them 0.
 *
 * Results must not depend on where and when kernels run.  So a kernel reads its inputs and the
 * node's attributes and nothing else, and adds up in an order that sizes alone decide. */
#ifndef PLAIT_OP_H
#define PLAIT_OP_H

#include <plait/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The number of this interface.  It changes with any struct of this header, and an op with another
 *  number is refused (PLAIT_EINVAL): compile it again. */
#define PLAIT_OP_ABI 6

struct plait_op;
struct plait_scalars; /* Plait's own: what an optimizer's kernels read */

/* -- kernels ------------------------------------------------------------------------------- */

/** One call of a kernel, for some samples of a batch.  Pointers are to memory where the kernel
 *  runs: host or device.  An output overlaps no input. */
struct plait_call {
	const struct plait_node *node; /* shapes and attributes */
	int64_t rows;                  /* samples in this part of the batch; may be 0 */
	int64_t batch;                 /* samples in the whole batch; a mean divides by them */
	int64_t first;                 /* where in the whole batch this part's samples begin */
	bool training;                 /* of a step that updates; else it evaluates or predicts */
	uint64_t seed;                 /* the trainer's: random numbers follow from it */
	const void *const *in;         /* one for each input of the node; each is only read */
	void *out;                     /* every element is written */
	const struct plait_scalars *scalars; /* of Plait's own ops */
	void *stream;                        /* CUDA: cudaStream_t */
	void *cublas;                        /* CUDA: cublasHandle_t, already on that stream */
	/* CUDA, of Plait's own ops, in training: a flag in the device's memory, else NULL.  The
	 * loss sets it to 1 if it is not finite.  While it is 1 updates change nothing: they are
	 * queued before the host sees the loss. */
	int *halt;
	/* CUDA, of Plait's own ops: a piece of the device's memory for the kernels of this stream,
	 * which run one after another.  They have rules about what they leave there. */
	void *workspace;
	/* CPU, of Plait's own ops: so many samples of the part come before these, and out holds
	 * what is summed over them. */
	int64_t before;
	/* Of Plait's own ops: memory for this call alone, of as many bytes as the op's cuda_scratch
	 * or cpu_scratch asks for.  It begins at a multiple of 256; anything may be in it. */
	void *scratch;
	enum plait_precision precision; /* of products of matrices */
};

/** What a call costs, an estimate by which work is divided into tasks. */
struct plait_cost {
	double flops;
	double bytes; /* read and written, if nothing stays in cache */
};

/** Elements of a node's value in this call: of call->rows samples, or of the whole value if it is
 *  not one of each sample.  node is the call's, or one of its inputs.  0 if one is NULL. */
PLAIT_API int64_t plait_call_elements(const struct plait_call *call, const struct plait_node *node);

/** The value as a matrix: its last dimension is the columns, all others are rows, those of the
 *  samples in this call.  A scalar has 1 column.  0 for NULL. */
PLAIT_API int64_t plait_call_rows(const struct plait_call *call, const struct plait_node *node);
PLAIT_API int64_t plait_node_columns(const struct plait_node *node);

/** Input i of a call, and its output, of which the dtype is known to be float32: PLAIT_ASSERT=1 in
 *  the environment has that checked.  NULL if the call is, or has no such input. */
PLAIT_API const float *plait_call_floats(const struct plait_call *call, int i);
PLAIT_API float *plait_call_out(const struct plait_call *call);
/** Input i, which is plait_labels(): -1 where a sample has none.  NULL as above. */
PLAIT_API const int32_t *plait_call_labels(const struct plait_call *call, int i);

/* -- the record ---------------------------------------------------------------------------- */

/** How the dtype of an op's value follows from its inputs. */
enum plait_dtype_rule {
	PLAIT_DTYPE_F32 = 0,  /* float32, whatever the inputs are */
	PLAIT_DTYPE_OF_INPUT, /* that of input 0 */
};

/** How the images that an op takes and gives lie in memory: values of each sample of shape [C,H,W],
 *  float32, with more than one channel and more than one pixel.  Shapes are PyTorch's in any case,
 *  and so are these names.  plait_node_append() inserts what converts an input that lies otherwise.
 */
enum plait_layout {
	PLAIT_CONTIGUOUS = 0, /* as the shape says: W varies fastest, then H, C, N */
	PLAIT_CHANNELS_LAST,  /* C varies fastest: a matrix with a row for each pixel */
	PLAIT_PRESERVE,       /* either, all inputs and the output alike: elementwise ops */
};

/** How the samples of a part may be divided among calls of a kernel for CPUs.  Of Plait's own ops.
 */
enum plait_chunks {
	PLAIT_CHUNKS_WHOLE = 0, /* not at all */
	PLAIT_CHUNKS_ANY,       /* as one likes: each sample's value depends on that sample only */
	/* By a size that the shapes decide, wherever it is computed: bits may depend on it.  Where
	 * call->before is not 0, a sum over samples is added to what out holds. */
	PLAIT_CHUNKS_FIXED,
};

/** An op.  It is not copied: it stays where it is, unchanged, as long as a graph has nodes of it,
 *  and for ever once it is registered.  The first two fields are the same in every version. */
struct plait_op {
	unsigned abi;     /* PLAIT_OP_ABI */
	const char *name; /* letters, digits and _, at most 32; names tasks and messages.  As a word
			   * it may be written with - for _ */
	unsigned updates; /* of Plait's own ops: bit i: input i is changed in place (optimizers) */
	bool view;        /* out is input 0 under another shape: nothing runs */
	/* Of Plait's own ops: outside of training out is input 0, which is of the same shape, and
	 * nothing runs. */
	bool training_only;
	bool activation; /* belongs to the layer whose output it reads */
	/* Of Plait's own ops: a loss, of which there is plait_<name>_weighted() too.  Where it is
	 * the graph's, its kernel for CUDA looks whether it is finite. */
	bool loss;
	/* Of Plait's own ops: what it reads of a batch is that of all call->batch samples,
	 * whichever part the call is for.  So its value is that of the whole batch, and no part of
	 * a sum. */
	bool whole;
	/* Of Plait's own ops: the op of the node before it, with which it is in one task at any
	 * granularity.  A GPU joins the two, and its bits would depend on the granularity
	 * otherwise.  NULL: none. */
	const struct plait_op *joins;
	enum plait_dtype_rule dtype;
	enum plait_layout layout;
	enum plait_chunks chunks;

	/** Appends the nodes that compute dx[i], the gradient of the loss by input i, from dy,
	 *  the gradient by y: see plait_op_gradient().  dx has an entry for each input of y, all
	 *  NULL at first; only those are wanted whose input plait_node_needs_gradient().  dy is
	 *  NULL for the graph's loss.  On error dx[i] stays NULL and the graph keeps the error.
	 * NULL: the op has no gradient, and nothing below it can be trained. */
	void (*gradient)(struct plait_node *y, struct plait_node *dy, struct plait_node **dx);

	/** Builds the layer from what stands after "name:" in a model's words ("" if nothing).  x
	 *  is the node before, never NULL.  Returns the layer's node, or NULL with an error kept in
	 *  the graph (plait_graph_fail()).  NULL for ops that are no word. */
	struct plait_node *(*word)(struct plait_node *x, const char *arguments);

	/** Builds the number that plait_metric_word() makes a metric of, from what stands after
	 *  "name:" ("" if nothing): see there for the other arguments, of which only weights may
	 *  be NULL.  The number is a node of PLAIT_LOSS that is not batched, of this op or of
	 *  others.  Its kernel divides by call->batch where it is a mean, and where there are
	 *  weights multiplies by them: a sample of weight 0 adds 0, whatever its values are.
	 *  Returns NULL with an error kept in the graph.  NULL for ops that are no metric. */
	struct plait_node *(*metric)(struct plait_node *y, struct plait_node *answers,
				     struct plait_node *weights, const char *arguments);

	/** Does the one-time work of the kernel's first call for so many samples, such as
	 *  generating code, before anything is timed.  Cheap when called again.  NULL: none. */
	void (*warm_up)(const struct plait_node *node, int64_t rows,
			enum plait_precision precision);

	/** The kernel, in one thread, which allocates nothing and waits for nothing.  Several
	 *  workers may call it at once.  Every op has one but views. */
	void (*cpu)(const struct plait_call *call);
	/** The same on a GPU: submits to call->stream and does not wait for it.  Returns a
	 *  cudaError_t, which ends the run if it is not 0, or a negative cublasStatus_t, or
	 *  cudnnStatus_t.  A synchronisation or an allocation in it fails where calls are captured
	 *  as CUDA graphs.
	 *  NULL: there is none, and a run on a GPU with this op is refused (PLAIT_EINVAL). */
	int (*cuda)(const struct plait_call *call);
	/* Of Plait's own ops: the same for a call of this op and as many of those after it, of any
	 * op, as one launch can do; *done: how many they are, at least 1.  It is shown no more than
	 * `joint` calls, in the order in which they follow each other.  NULL where nothing can be
	 * joined. */
	int (*cuda_joint)(const struct plait_call *call, int calls, int *done);
	int joint;
	/* Of Plait's own ops: how many bytes of call->scratch the kernel for CUDA, or the one for
	 * CPUs, wants for so many samples; for fewer it wants no more.  NULL: none. */
	size_t (*cuda_scratch)(const struct plait_node *node, int64_t rows);
	size_t (*cpu_scratch)(const struct plait_node *node, int64_t rows);

	/** Fills *cost for a call of so many samples: see plait_op_cost().  NULL: the op counts as
	 *  no work. */
	void (*cost)(const struct plait_node *node, int64_t rows, struct plait_cost *cost);
};

/* -- nodes --------------------------------------------------------------------------------- */

/** When a node runs within a step. */
enum plait_phase {
	PLAIT_SOURCE = 0, /* input, labels, targets, weights, parameters, state: nothing runs */
	PLAIT_FORWARD,
	PLAIT_LOSS,
	PLAIT_BACKWARD,
	PLAIT_CLIP, /* of Plait's own ops: what is made of all gradients before the updates */
	PLAIT_UPDATE,
};

/** What a builder describes.  Lists are copied. */
struct plait_node_spec {
	const struct plait_op *op;
	/* PLAIT_FORWARD of a layer, PLAIT_LOSS of a number made of a batch, PLAIT_BACKWARD in a
	 * gradient. */
	enum plait_phase phase;
	int source;             /* of Plait's own sources, such as parameters */
	enum plait_dtype dtype; /* of a source; for the others the op says which */
	bool batched;           /* the value is one of each sample, as most are */
	int ndim;               /* of one sample, or of the whole value if not batched */
	const int64_t *dim;
	int ninputs;
	struct plait_node *const *input;
	int nattr;
	const double *attr; /* what each is, the op says */
};

/** Appends a node.  A value that is not batched and has inputs that are is a sum over samples: of
 *  each part of a batch, a call computes the part's, and the parts are added up.
 *  Returns the node, which dies with the graph, or NULL: if an input is NULL, as the builder before
 *  kept its error, if graph or spec is NULL, or with the error kept in the graph: PLAIT_EINVAL (an
 *  op of another PLAIT_OP_ABI or with a field that is wrong, no phase, a list that is NULL, an
 *  input of another graph), PLAIT_ESHAPE (a shape without elements, or a view with others than its
 *  input), PLAIT_ENOMEM.  So do all that return a node here. */
PLAIT_API struct plait_node *plait_node_append(struct plait_graph *graph,
					       const struct plait_node_spec *spec);

/** Appends a node of x's shape, one value for each of its elements: what elementwise ops do.  All
 *  but the shape comes from spec. */
PLAIT_API struct plait_node *plait_node_like(struct plait_node *x,
					     const struct plait_node_spec *spec);

/** Makes node a layer: it takes the next index and the name "<index>.<op>".  Within a residual
 *  (plait_model()) names begin with where it is: "3.body.0.linear".  Returns node; NULL for NULL.
 */
PLAIT_API struct plait_node *plait_node_layer(struct plait_node *node);

/** A parameter of the layer that is built next, trained and saved under "<index>.<suffix>", with
 *  what names of layers begin with, float32, drawn from U(-bound, bound); bound 0: zeros. */
PLAIT_API struct plait_node *plait_parameter(struct plait_graph *graph, const char *suffix,
					     int ndim, const int64_t *dim, float bound);

/** Whether x can be the input of a layer: a float32 value of a layer or of the loader.  False for
 *  NULL.  False too for labels, weights, and what is made of a whole batch, such as a loss; the
 *  graph then keeps the error. */
PLAIT_API bool plait_op_accepts(const struct plait_op *op, struct plait_node *x);

/** The layer y = op(x), elementwise, without attributes. */
PLAIT_API struct plait_node *plait_op_unary(struct plait_node *x, const struct plait_op *op);

/** What a gradient appends: the node dx = op(inputs...) of x's shape, in y's layer, with y's
 *  attributes.  x is the input of y by which this is the gradient.  Where x is a parameter the
 *  kernel adds up over the samples of its call, and writes 0 for none. */
PLAIT_API struct plait_node *plait_op_gradient(struct plait_node *y, struct plait_node *x,
					       const struct plait_op *op, int ninputs,
					       struct plait_node *const *inputs);

/** For words that take no arguments.  If there are some, the graph keeps the error and the result
 *  is false. */
PLAIT_API bool plait_op_no_arguments(struct plait_node *x, const char *word, const char *arguments);

/** Fills *cost for an op that needs `flops` for each element of node, and reads or writes `arrays`
 *  arrays of node's shape.  If node or cost is NULL it does nothing. */
PLAIT_API void plait_op_cost(const struct plait_node *node, int64_t rows, double flops,
			     double arrays, struct plait_cost *cost);

/** Keeps the first error of a graph, a negative status and a message as printf's.  Returns NULL,
 *  for builders to return. */
PLAIT_API struct plait_node *plait_graph_fail(struct plait_graph *graph, int status,
					      const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** What there is of a node besides plait_node_shape().  Input i or attribute i of a node that has
 *  fewer is NULL or 0, as is all of NULL. */
PLAIT_API struct plait_graph *plait_node_graph(const struct plait_node *node);
PLAIT_API enum plait_dtype plait_node_dtype(const struct plait_node *node);
PLAIT_API int plait_node_inputs(const struct plait_node *node);
PLAIT_API struct plait_node *plait_node_input(const struct plait_node *node, int i);
PLAIT_API double plait_node_attribute(const struct plait_node *node, int i);
/** Whether a parameter stands above. */
PLAIT_API bool plait_node_needs_gradient(const struct plait_node *node);
/** Elements of one sample's value, or of the whole value if it is not one of each sample. */
PLAIT_API int64_t plait_node_elements(const struct plait_node *node);

/* -- checks -------------------------------------------------------------------------------- */

/** Compares the gradients that the op of y appends with differences of the values that it computes.
 *  y: a node of the op, on a plait_input() and parameters, which are given numbers from -2 to 2.
 *  rows: samples, at least 1.  Kernels for CPUs run in this thread; StarPU is not needed, and the
 *  graph is left as it was.  Returns 0 if no gradient is off by more than 0.002 of the largest by
 *  the same input, which is more than rounding to floats does.  *worst, which may be NULL: the
 *  largest error in that measure.
 *  Errors: PLAIT_EINVAL (a gradient that is wrong: the message has it, and what was expected; no
 *  gradient; an input that is no source; less than 1 row; y is NULL), PLAIT_ENOMEM, and that of the
 *  graph. */
PLAIT_API int plait_gradient_check(struct plait_node *y, int64_t rows, double *worst);

/* -- words and plug-ins -------------------------------------------------------------------- */

/** Makes op's name a word of plait_model() if it has a word, and of plait_metric_word() if it has a
 *  metric, in all graphs of the process, for ever.  One with a metric alone needs no kernel, where
 *  that builds of other ops.  It may be called at any time, by several threads.  Registering an op
 *  again does nothing.
 *  Errors: PLAIT_EINVAL (the message has the field that is wrong, or the op that has this name
 *  already), PLAIT_ENOMEM. */
PLAIT_API int plait_op_register(const struct plait_op *op);

/** Loads a shared object that defines
 *    int plait_plugin(void)
 *  and calls that: it registers ops and returns 0, or a negative status after a call that failed
 *  with it.  A path without a slash is a file here, if there is one, or else looked for as
 *  libraries are.  A plug-in stays loaded; loading it again does nothing.  Link it without -lplait:
 *  it takes what this header declares, but for plait_gradient_check(), from the program that loads
 *  it, be that `plait` or one that is linked with libplait.so.  Load it before the graphs that need
 *  it are built; several threads may call this, but plait_plugin may not.
 *  Errors: PLAIT_EINVAL (no such file, no shared object, no such function), PLAIT_ENOMEM, and what
 *  plait_plugin returned.  The message has the path. */
PLAIT_API int plait_plugin_load(const char *path);

#ifdef __cplusplus
}
#endif
#endif
