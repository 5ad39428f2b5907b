/* SPDX-License-Identifier: MIT
 * The ops: one builder each, each with its gradient and kernels.
 * Letters: N samples (never written in a shape), K inner, M outputs, C classes.
 * Names, defaults and gradients are PyTorch's.  Every builder appends to the graph of
 * its input and returns the new node, which dies with the graph. */
#ifndef PLAIT_OPS_H
#define PLAIT_OPS_H

#include <plait/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes to floats: y = x / 255 * scale[c] + shift[c].  x: the input, uint8, [C,...] with as many
 *  channels, or any shape with one pair for all of it; y: the same shape.  scale and shift,
 *  `channels` long and copied, are what plait_transform_affine() says; y is then, bit for bit, what
 *  a float32 input would be.  No layer: layers keep their numbers. */
PLAIT_API struct plait_node *plait_normalize(struct plait_node *x, int channels, const float *scale,
					     const float *shift);

/** y = x W^T + b.  x: [...,K]; W: [outputs,K], b: [outputs], both drawn from
 *  U(-1/sqrt(K), 1/sqrt(K)); y: [...,outputs]. */
PLAIT_API struct plait_node *plait_linear(struct plait_node *x, int64_t outputs);
PLAIT_API struct plait_node *plait_linear_no_bias(struct plait_node *x, int64_t outputs);

/** max(x, 0); gradient 0 at 0. */
PLAIT_API struct plait_node *plait_relu(struct plait_node *x);
/** x where x > 0, else slope x.  As a word it has slope 0.01 unless it says another:
 *  leaky-relu:0.2. */
PLAIT_API struct plait_node *plait_leaky_relu(struct plait_node *x, float slope);
/** x Phi(x), with erf, not tanh. */
PLAIT_API struct plait_node *plait_gelu(struct plait_node *x);
PLAIT_API struct plait_node *plait_tanh(struct plait_node *x);
PLAIT_API struct plait_node *plait_sigmoid(struct plait_node *x);
/** x / (1 + e^-x). */
PLAIT_API struct plait_node *plait_silu(struct plait_node *x);
/** x min(max(x + 3, 0), 6) / 6; gradient -1/2 at -3 and 3/2 at 3, as PyTorch. */
PLAIT_API struct plait_node *plait_hardswish(struct plait_node *x);

/** Dropout: in training each element is 0 with probability p, else x / (1 - p).  p: 0 to 1, or
 *  PLAIT_EINVAL; PyTorch's default is 0.5.  x: a value of each sample, of any shape; y: the same
 *  shape.  Which elements are 0 is a function of the seeds of trainer and loader, of the step, of
 *  where the sample is in its batch, and of how many dropouts the graph had before: the same on
 *  CPUs and GPUs, however a batch is split.  In evaluation, prediction and the passes of a pool y
 *  is x, and nothing is computed. */
PLAIT_API struct plait_node *plait_dropout(struct plait_node *x, float p);

/** Softmax over the last dimension, and its logarithm. */
PLAIT_API struct plait_node *plait_softmax(struct plait_node *x);
PLAIT_API struct plait_node *plait_log_softmax(struct plait_node *x);

/** All dimensions in one; a view, nothing is copied. */
PLAIT_API struct plait_node *plait_flatten(struct plait_node *x);

/** The elements of a sample under another shape; a view, nothing is copied.  dim: [ndim], copied;
 *  one of them may be -1, which is what the others leave.  PLAIT_ESHAPE if they are no as many. */
PLAIT_API struct plait_node *plait_reshape(struct plait_node *x, int ndim, const int64_t *dim);

/** Batch normalization, as torch.nn.BatchNorm1d and 2d.  x: [C] or images [C,H,W]; weight, bias:
 * [C], 1 and 0 at first; eps above 0, momentum from 0 to 1: PyTorch's are 1e-5 and 0.1.  Training
 * takes mean and variance of each channel over a batch's samples and pixels.  Of a batch that is
 * cut into shards, replicas, microbatches or accumulated batches each part has its own, as with
 * PyTorch's DistributedDataParallel; one of a single row has variance 0, where PyTorch refuses.
 * Buffers running_mean, running_var (0 and 1 at first) and num_batches_tracked are updated once in
 * a step, by the mean over its parts.  Evaluation, prediction, and gradients of
 * plait_pool_backward() take the running ones.  Samples that do not count, as pad_last and
 * PLAIT_BAD_MASK make them, are refused in training: they would be in mean and variance. */
PLAIT_API struct plait_node *plait_batchnorm(struct plait_node *x, double eps, double momentum);

/** torch.transpose: x with two dimensions exchanged, copied.  They are dimensions of a sample, from
 *  0 on: plait_transpose(x, 0, 1) makes [K,T] of [T,K].  PLAIT_EINVAL if x has none such. */
PLAIT_API struct plait_node *plait_transpose(struct plait_node *x, int dim0, int dim1);

/** torch.cat: x[0] to x[n - 1] behind each other along a dimension of a sample, from 0 on.  All
 *  other dimensions are equal.  x: [n], copied, of any length.  Images are joined as they lie in
 *  memory: those that convolutions made are not converted.  NULL also if n is below 1 or x is NULL.
 *  Errors: PLAIT_EINVAL (there is no such dimension), PLAIT_ESHAPE (the shapes). */
PLAIT_API struct plait_node *plait_concat(int n, struct plait_node *const *x, int dim);

/** What a convolution has besides its outputs and its kernel.  Of a pair the first is along the
 *  height.  A field left out is PyTorch's default. */
struct plait_conv2d_options {
	int64_t stride[2];   /* 0: 1 */
	int64_t padding[2];  /* zeros around the image */
	int64_t dilation[2]; /* 0: 1 */
	int64_t groups;      /* 0: 1; as many as channels: depthwise */
	bool no_bias;
};

/** torch.nn.Conv2d.  x: [C,H,W]; weight: [outputs,C/groups,kernel_height,kernel_width] and bias:
 *  [outputs], both drawn from U(-b, b), b = 1/sqrt(C/groups kernel_height kernel_width); y:
 *  [outputs,P,Q] with P = (H + 2 padding - dilation (kernel_height - 1) - 1) / stride + 1, rounded
 *  down, and Q likewise.  options may be NULL.
 *  Errors: PLAIT_EINVAL (a size below 1, groups that do not divide C and outputs), PLAIT_ESHAPE (x
 *  is no image; the kernel does not fit in it). */
PLAIT_API struct plait_node *plait_conv2d(struct plait_node *x, int64_t outputs,
					  int64_t kernel_height, int64_t kernel_width,
					  const struct plait_conv2d_options *options);

/** What a maxpool has besides its kernel.  Of a pair the first is along the height.  A field left
 *  out is PyTorch's default. */
struct plait_maxpool_options {
	int64_t stride[2];   /* 0: the kernel's */
	int64_t padding[2];  /* around the image, never chosen; at most half of the kernel */
	int64_t dilation[2]; /* 0: 1 */
	bool ceil_mode;      /* P and Q are rounded up */
};

/** torch.nn.MaxPool2d: the largest number of each window, for each channel.  x: [C,H,W]; y: [C,P,Q]
 *  with P = (H + 2 padding - dilation (kernel_height - 1) - 1) / stride + 1, rounded down, and Q
 *  likewise; rounded up it leaves out a window that begins behind image and padding before it.  Of
 *  equal numbers the first of a window, row by row, is chosen and has the gradient; a NaN is the
 *  largest.  options may be NULL.
 *  Errors: PLAIT_EINVAL (a size below 1, a padding that is too large), PLAIT_ESHAPE (x is no image;
 *  a window would have no pixel of it). */
PLAIT_API struct plait_node *plait_maxpool(struct plait_node *x, int64_t kernel_height,
					   int64_t kernel_width,
					   const struct plait_maxpool_options *options);

/** What an avgpool has besides its kernel, as struct plait_maxpool_options. */
struct plait_avgpool_options {
	int64_t stride[2];  /* 0: the kernel's */
	int64_t padding[2]; /* zeros around the image; at most half of the kernel */
	bool ceil_mode;     /* P and Q are rounded up */
	/* Padding does not count among the pixels that a sum is divided by: count_include_pad
	 * is false. */
	bool leaves_out_padding;
};

/** torch.nn.AvgPool2d: the mean of each window, for each channel.  Shapes and errors are those of
 *  plait_maxpool() without dilation. */
PLAIT_API struct plait_node *plait_avgpool(struct plait_node *x, int64_t kernel_height,
					   int64_t kernel_width,
					   const struct plait_avgpool_options *options);

/** torch.nn.AdaptiveAvgPool2d(1): the mean of each channel.  x: [C,H,W]; y: [C,1,1].  PLAIT_ESHAPE
 *  if x is no image. */
PLAIT_API struct plait_node *plait_global_avgpool(struct plait_node *x);

/** Of layernorm and groupnorm.  A field left out is PyTorch's default. */
struct plait_norm_options {
	double eps;     /* 0: 1e-5; above 0 */
	bool no_affine; /* neither weight nor bias */
};

/** torch.nn.LayerNorm over the last `dims` dimensions of x, 1 for the last one: y = (x - mean) /
 *  sqrt(variance + eps) weight + bias, mean and variance over those of a sample's elements that
 *  have the other indices in common.  x: [...,D1,...,Dn]; y: the same shape; weight and bias:
 *  [D1,...,Dn], ones and zeros at first.  options may be NULL.
 *  Errors: PLAIT_EINVAL (eps), PLAIT_ESHAPE (x has not so many dimensions, or dims is below 1). */
PLAIT_API struct plait_node *plait_layernorm(struct plait_node *x, int dims,
					     const struct plait_norm_options *options);

/** torch.nn.GroupNorm: the same, mean and variance over all pixels of C/groups neighbouring
 * channels of a sample.  x: [C] or an image [C,H,W]; y: the same shape; weight and bias: [C], ones
 * and zeros at first.  options may be NULL. Errors: PLAIT_EINVAL (eps; groups that do not divide
 * C), PLAIT_ESHAPE (the shape of x). */
PLAIT_API struct plait_node *plait_groupnorm(struct plait_node *x, int64_t groups,
					     const struct plait_norm_options *options);

/** a + b, a - b and a b, elementwise.  a, b and the result: one shape.  PLAIT_ESHAPE if the shapes
 *  differ. */
PLAIT_API struct plait_node *plait_add(struct plait_node *a, struct plait_node *b);
PLAIT_API struct plait_node *plait_sub(struct plait_node *a, struct plait_node *b);
PLAIT_API struct plait_node *plait_mul(struct plait_node *a, struct plait_node *b);

/** alpha x. */
PLAIT_API struct plait_node *plait_scale(struct plait_node *x, float alpha);

/** Mean over the batch of -log softmax(x)[label].  x: [C]; labels: plait_labels(); the result: a
 *  scalar.  It becomes the graph's loss: see plait_loss(). */
PLAIT_API struct plait_node *plait_cross_entropy(struct plait_node *x, struct plait_node *labels);

/** Mean over the batch of -x[label].  x: [C], log-probabilities, as plait_log_softmax() makes them:
 *  the two together are plait_cross_entropy(); labels: plait_labels(); the result: a scalar.  It
 *  becomes the graph's loss: see plait_loss(). */
PLAIT_API struct plait_node *plait_nll(struct plait_node *x, struct plait_node *labels);

/** Mean over all elements of (x - y)^2.  x: [M]...; targets: plait_targets() of as many
 *  elements; the result: a scalar.  It becomes the graph's loss: see plait_loss(). */
PLAIT_API struct plait_node *plait_mse(struct plait_node *x, struct plait_node *targets);

/** The same of |x - y|; gradient 0 at 0. */
PLAIT_API struct plait_node *plait_l1(struct plait_node *x, struct plait_node *targets);

/** The same of (x - y)^2 / 2 where |x - y| is below delta, and of delta (|x - y| - delta / 2)
 *  elsewhere.  delta: PyTorch's default is 1; above 0, or PLAIT_EINVAL. */
PLAIT_API struct plait_node *plait_huber(struct plait_node *x, struct plait_node *targets,
					 float delta);

/** The same of -y log p - (1 - y) log(1 - p), p = sigmoid(x): each output is a question of its own,
 *  and a target, 0 to 1, how far the answer is yes. */
PLAIT_API struct plait_node *plait_bce_with_logits(struct plait_node *x,
						   struct plait_node *targets);

/** The same with a weight for each sample: 1/batch sum of weight x loss.  weights:
 *  plait_weights().  A sample of weight 0 adds exactly 0 to loss and gradients, whatever its
 *  values and its label, which may be -1; with all weights 1 every bit is as without. */
PLAIT_API struct plait_node *plait_cross_entropy_weighted(struct plait_node *x,
							  struct plait_node *labels,
							  struct plait_node *weights);
PLAIT_API struct plait_node *plait_nll_weighted(struct plait_node *x, struct plait_node *labels,
						struct plait_node *weights);
PLAIT_API struct plait_node *plait_mse_weighted(struct plait_node *x, struct plait_node *targets,
						struct plait_node *weights);
PLAIT_API struct plait_node *plait_l1_weighted(struct plait_node *x, struct plait_node *targets,
					       struct plait_node *weights);
PLAIT_API struct plait_node *plait_huber_weighted(struct plait_node *x, struct plait_node *targets,
						  struct plait_node *weights, float delta);
PLAIT_API struct plait_node *plait_bce_with_logits_weighted(struct plait_node *x,
							    struct plait_node *targets,
							    struct plait_node *weights);

/** What PyTorch's cross entropy takes as well; a field left out changes nothing. */
struct plait_cross_entropy_options {
	/* a, 0 to 1: of class j is wanted a / C, and 1 - a more if it is the label's. */
	float label_smoothing;
	/* [classes], copied; NULL: each is 1.  How much a label of a class counts, or what is
	 * wanted of a class where labels are smoothed. */
	const float *class_weights;
	int64_t classes; /* the elements of x */
	bool ignores;    /* a sample whose label is ignore_index does not count */
	int32_t ignore_index;
	struct plait_node *weights; /* plait_weights(), or NULL where each sample counts as 1 */
	/* The focal loss: a sample's part is multiplied by (1 - p)^focal_gamma, p the probability
	 * of its label (Lin et al., 2017, arXiv 1708.02002); 2 is usual; not with smoothed labels.
	 */
	float focal_gamma;
};

/** plait_cross_entropy() with options, which may be NULL.  With weights of classes or an ignored
 *  label the sum over the batch is divided by what its labels count, as in PyTorch: by the sum of
 *  their classes' weights without the ignored ones.  The batch is all samples of an update, be they
 *  computed in shards, by replicas or in microbatches, or accumulated from several batches of the
 *  loader.  If its labels count 0, loss and gradients are 0 (in PyTorch NaN).  Weights of samples
 *  multiply a sample's part of both sums, and their mean multiplies the result.  Where all weights
 *  are 1 and no label is ignored, every bit is as without.
 *  Right answers are counted among all samples.  An epoch's loss is the mean of its batches'
 *  losses, each by the number of its samples.
 *  Errors: PLAIT_EINVAL (label_smoothing, focal_gamma; a weight that is negative or not finite),
 * PLAIT_ESHAPE (x is not [classes]). */
PLAIT_API struct plait_node *
plait_cross_entropy_with(struct plait_node *x, struct plait_node *labels,
			 const struct plait_cross_entropy_options *options);

/** Mean and sum over all elements of all samples of the batch, as torch.mean and torch.sum.  x: a
 *  value of each sample, of any shape; the result: a scalar, a term of a loss.  With shards each
 *  has a part of it, so of all ops only plait_add, plait_sub, plait_scale and plait_loss() take it;
 *  the same is so of the losses above.  PLAIT_EINVAL for another op, and if x is a parameter.
 */
PLAIT_API struct plait_node *plait_mean(struct plait_node *x);
PLAIT_API struct plait_node *plait_sum(struct plait_node *x);

/** Makes x the graph's loss: what training minimizes, and evaluation and events tell.  x: a scalar
 *  made of a batch by the functions above, as in
 *    plait_loss(plait_add(plait_cross_entropy(x, labels),
 *			   plait_scale(plait_mean(plait_mul(h, h)), 0.01f)))
 *  Returns the loss's node.  Without it a graph's only loss of those above is its loss; with
 *  several plait_trainer_create() refuses the graph (PLAIT_EINVAL).  The right answers are those of
 *  the first cross entropy or nll, whatever the loss is.  A graph that has no loss of those above
 *  calls plait_output() to say what is predicted.
 *  Errors: PLAIT_EINVAL (x is no such scalar; it was called before). */
PLAIT_API struct plait_node *plait_loss(struct plait_node *x);

/** Makes x a metric: a number that training and evaluation tell beside loss and accuracy
 *  (plait_metrics_value()).  It has no gradient and changes no bit of the losses.  x: a scalar made
 * of a batch, as plait_loss() takes it, of which the parts of a batch add up to the batch's: a term
 * of the loss, a plait_mean(), or the result of an op of one's own (plait/op.h) in PLAIT_LOSS.
 * Where some samples of a batch do not count (pad_last, PLAIT_BAD_MASK) an op between samples and x
 * must have plait_weights() among its inputs.  plait_cross_entropy() and its like are losses too,
 * so in a graph that has one as a metric plait_loss() says which is the loss. name: letters,
 * digits and any of _ - . : but less than PLAIT_METRIC_NAME; copied. Returns x, or NULL with the
 * error kept in the graph: PLAIT_EINVAL (x is no such scalar; the name is none, is "loss" or
 * "accuracy", or is that of another metric; there are PLAIT_MAX_METRICS; the graph has a trainer).
 * NULL for NULL. */
PLAIT_API struct plait_node *plait_metric(struct plait_node *x, const char *name);

/** The same by a word: "mae", "topk:5", or that of an op of one's own (metric of struct plait_op).
 *  The word is the metric's name.  y: the network's output.  answers: plait_labels() or
 *  plait_targets().  weights: plait_weights(), or NULL where each sample counts as 1.
 *    mae: mean of |y - targets| over all elements.  No matter their shapes, there are as many.
 *    topk:K: share of samples whose class is among the K largest of y, [C]; of equal ones the
 *      first are the larger, and NaN is the largest of all, as for the accuracy, which is topk:1.
 *  Errors also: PLAIT_EINVAL (no such word: the message lists them; its argument; labels where it
 *  needs targets, or the other way round), PLAIT_ESHAPE. */
PLAIT_API struct plait_node *plait_metric_word(struct plait_node *y, struct plait_node *answers,
					       struct plait_node *weights, const char *word);

/** The names that plait_metric_word() knows, as plait_model_words() those of layers. */
PLAIT_API int plait_metric_words(const char **names, int max);

/** Appends layers from words, one per layer as in an nn.Sequential: "linear:50 relu
 *  linear:2".  A word may have - where a layer's name has _, as in log-softmax.  A linear flattens
 *  what has more than one dimension.
 *    residual{ words }          y = body(x) + x, where words are the body
 *    residual{ words | words }  y = body(x) + shortcut(x)
 *  A residual is one layer, and its sides are an nn.Sequential each: the first weight in the body
 *  of layer 3 is "3.body.0.weight", in its shortcut "3.shortcut.0.weight".  Residuals may be in
 *  residuals, 8 deep.  Around braces and bars there may be blanks; from a # on the line is a
 *  comment.  A preset, such as "mlp" or "mlp:7", is a whole network with 10 or so many outputs, and
 *  stands alone.  Words are 65,536 bytes at most.  Returns the last node, or NULL with the error
 *  kept in the graph: it says what was expected and where, with the line if there are several, or
 *  which word is unknown and what the valid ones are. */
PLAIT_API struct plait_node *plait_model(struct plait_node *x, const char *words);

/** The names of the layers that plait_model knows, those that plait_op_register() added last.
 *  Writes at most max of them to names, static strings, and returns how many there are.  names may
 *  be NULL: they are only counted. */
PLAIT_API int plait_model_words(const char **names, int max);

/** The presets that plait_model knows, and a line about each, as plait_model_words() the layers.
 *  names and about may be NULL. */
PLAIT_API int plait_model_presets(const char **names, const char **about, int max);

#ifdef __cplusplus
}
#endif
#endif
