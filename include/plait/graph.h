/* SPDX-License-Identifier: MIT
 * A graph is an append-only list of nodes made by the builders of ops.h.  Shapes are
 * those of one sample: the batch dimension is never written.
 *
 * Builders carry a sticky error: a bad shape gives a NULL node, NULL in gives NULL out,
 * and the first cause stays in the graph until plait_trainer_create returns it. */
#ifndef PLAIT_GRAPH_H
#define PLAIT_GRAPH_H

#include <plait/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_graph;
struct plait_node;

/** So many metrics a graph has at most besides loss and accuracy, and so many bytes their names,
 *  the last one 0. */
#define PLAIT_MAX_METRICS 8
#define PLAIT_METRIC_NAME 32

/** An empty graph, to be freed with plait_graph_destroy.  It is the first of the builders: as they
 *  do, it returns a pointer, NULL when memory is out, which the builders hand on and
 *  plait_trainer_create reports.  One graph, one thread. */
PLAIT_API struct plait_graph *plait_graph_create(void);

/** Frees the graph and its nodes; NULL is ignored.  Destroy its trainer first. */
PLAIT_API void plait_graph_destroy(struct plait_graph *graph);

/** The input: what the loader delivers, a tensor of this shape per sample.  dtype PLAIT_F32, or
 *  PLAIT_U8 for slots of bytes, a quarter of the memory and of the transfer, which
 *  plait_normalize() makes floats of.  dim has ndim entries and is copied.  A data set delivers one
 *  input, so plait_fit refuses a graph with more. */
PLAIT_API struct plait_node *plait_input(struct plait_graph *graph, enum plait_dtype dtype,
					 int ndim, const int64_t *dim);

/** Class labels, int32, one per sample, as the loader delivers them. */
PLAIT_API struct plait_node *plait_labels(struct plait_graph *graph);

/** A target vector of m floats per sample, as the loader delivers them. */
PLAIT_API struct plait_node *plait_targets(struct plait_graph *graph, int64_t m);

/** How much each sample counts, a float32 per sample, as the loader delivers it: 0 for one
 *  that does not count (a padded last batch), all the same for the others of a batch, so that
 *  the mean of weight x loss over the batch is the mean loss of those that count. */
PLAIT_API struct plait_node *plait_weights(struct plait_graph *graph);

/** Makes node the network's output: what plait_predict and a predictor give.  Where it is not
 * called the output is the first input of the first loss of plait/ops.h, or the last layer if there
 * is none.  Returns node; NULL for NULL, and for what is made of a whole batch,
 * such as a loss: the graph then keeps the error (PLAIT_EINVAL). */
PLAIT_API struct plait_node *plait_output(struct plait_node *node);

/** Has the layer that node belongs to, with its activation, its gradients and its updates, computed
 *  on a device: "cpu0" is the first CPU worker, "cuda0" the first GPU, "cpu" and "cuda" any one of
 *  that kind, "any" leaves it to the scheduling policy as where this is not called.  Layers that
 *  follow each other in one place are a stage of a pipeline: with microbatches stages work at once,
 *  under a policy that has priorities, such as "prio" ("eager" has none).
 *  A GPU has memory only for the layers that are computed there.
 *  Where several nodes of a layer are placed, the first says it.  Whether there is such a worker is
 *  checked when a run begins.  A predictor ignores it.  Returns node; NULL for NULL, and for a
 * device that is none: the graph then keeps the error (PLAIT_EINVAL). */
PLAIT_API struct plait_node *plait_place(struct plait_node *node, const char *device);

/** The same for layers by their numbers, which are PyTorch's and those that a plan's tasks are
 * named by: words are LAYERS:DEVICE, as in "0-3:cpu0 4-:cuda0".  A residual is one layer.  On error
 * some layers may be placed. Errors: those of the graph; PLAIT_EINVAL (graph or words is NULL; no
 * such layers or device; a layer named twice), PLAIT_ENOMEM. */
PLAIT_API int plait_place_words(struct plait_graph *graph, const char *words);

/** 0, or the status of the first builder that failed (then plait_error_message() says
 *  which and why).  PLAIT_EINVAL if graph is NULL. */
PLAIT_API int plait_graph_status(const struct plait_graph *graph);

/** Dimensions of a node's value for one sample; returns ndim and fills dim
 *  (PLAIT_MAX_DIMS long), which may be NULL.  0 for NULL. */
PLAIT_API int plait_node_shape(const struct plait_node *node, int64_t *dim);

#ifdef __cplusplus
}
#endif
#endif
