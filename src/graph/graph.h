/* SPDX-License-Identifier: MIT
 * Inside a graph: what ops, autodiff and plan see of a node. */
#ifndef PLAIT__GRAPH_H
#define PLAIT__GRAPH_H

#include "src/base/base.h"
#include <plait/op.h>

/* What a source holds. */
enum plait__source {
	PLAIT__SOURCE_NONE = 0, /* the node's op computes its value */
	PLAIT__SOURCE_INPUT,    /* these five come with each batch */
	PLAIT__SOURCE_LABELS,
	PLAIT__SOURCE_TARGETS,
	PLAIT__SOURCE_WEIGHTS,
	PLAIT__SOURCE_KEY,       /* one for all of its samples: plait__batch_key() */
	PLAIT__SOURCE_PARAMETER, /* the rest stays from step to step */
	PLAIT__SOURCE_BUFFER,    /* of a layer: an op updates it, not the optimizer */
	PLAIT__SOURCE_STATE,     /* an optimizer's, of one parameter */
};

/* How a source gets its first value. */
enum plait__init {
	PLAIT__INIT_ZERO = 0,
	PLAIT__INIT_UNIFORM,  /* U(-attr[0], attr[0]) */
	PLAIT__INIT_CONSTANT, /* attr[0] everywhere */
};

/* Where something is computed. */
enum plait__device_kind { PLAIT__ANYWHERE = 0, PLAIT__CPU, PLAIT__CUDA };
struct plait__device {
	enum plait__device_kind kind;
	int index; /* of the worker or GPU, from 0; -1: any of this kind */
};

/* Reads "any", "cpu", "cpu0", "cuda" and the like; false: it is none of them.  PLAIT__NO_DEVICE is
 * the message's format. */
#define PLAIT__NO_DEVICE \
	"\"%s\" is no device: any, cpu, cuda, or one of them by its number, as cpu0"
bool plait__device_parse(const char *text, struct plait__device *device);

struct plait_node {
	struct plait_graph *graph;
	const struct plait_op *op;
	int id;    /* position in graph->node: inputs come before */
	int layer; /* position of the layer among the graph's layers; -1: none */
	enum plait_phase phase;
	enum plait__source source;
	enum plait_dtype dtype;
	bool batched; /* the value has a leading dimension: the samples of a (part of a) batch */
	bool partial; /* the value is a sum over samples: parts of a batch give parts of it */
	bool needs_gradient; /* a parameter stands above */
	bool channels_last;  /* an image whose memory is [H,W,C] in each sample */
	int ndim;            /* of one sample, or of the whole value if not batched */
	int64_t dim[PLAIT_MAX_DIMS];
	int ninputs, nattr;
	struct plait_node **input;
	double *attr; /* what each is, its op says */
	enum plait__init init;
	struct plait__device device; /* plait_place()'s */
	struct plait_node *gradient; /* of the loss by this value, once autodiff has appended it */
	/* Outside of training this node's value is that of its stand-in, and nothing of its own
	 * runs; NULL: it has none.  The stand-in comes before it, and nothing of the graph reads
	 * that: in training it does not run. */
	struct plait_node *stand_in;
	bool stands_in; /* it is some node's stand-in */
	char *name;     /* "0.weight" for a parameter or buffer, "0.linear" for a layer, or "" */
};

/* The nn.Sequential that the next layer is an entry of. */
#define PLAIT__PATH_SIZE 256
struct plait__sequence {
	char prefix[PLAIT__PATH_SIZE]; /* "", or "3.body." in layer 3 */
	int next;                      /* the index that the next layer has */
};

struct plait__metric {
	struct plait_node *node;
	char name[PLAIT_METRIC_NAME];
};

struct plait_graph {
	struct plait_node **node;
	int nodes;
	size_t capacity;
	char **path; /* [layers]: "3", or "3.body.0" for one in the Sequential `body` of layer 3 */
	int layers;
	size_t path_capacity;
	struct plait__sequence sequence;
	struct plait_node **input;
	int inputs;
	size_t input_capacity;
	struct plait_node *labels, *targets, *weights, *batch_key, *loss, *accuracy;
	bool loss_chosen;               /* by plait_loss(), else it is that of the first builder */
	struct plait_node *second_loss; /* that of the second builder, or NULL */
	struct plait_node *class_loss;  /* the first of labels, whose right answers are counted */
	struct plait_node *output;      /* NULL: the last node that is computed */
	/* A gather of what scores read of each sample (src/trainer/scoring/), which only evaluation
	 * computes, and only where it is asked to; or NULL. */
	struct plait_node *scored;
	struct plait_node *clip; /* by what updates clip their gradients; NULL: they do not */
	struct plait_node *outlier_state; /* of what leaves out updates; NULL: none is left out */
	struct plait__metric metric[PLAIT_MAX_METRICS]; /* [metrics] */
	int metrics;
	bool has_trainer;
	int status; /* sticky: the first builder's failure */
	char message[768];
};

/* Whether an update is left out where the loss is an outlier or not finite, and training goes on.
 */
static inline bool plait__graph_skips(const struct plait_graph *graph)
{
	return graph->outlier_state != NULL;
}

/* Names node "<path of its layer>.<suffix>"; NULL and an error of the graph if memory is out. */
struct plait_node *plait__node_name(struct plait_node *node, const char *suffix);

/* Where a layer is in the network, as names of PyTorch's state_dict begin; of layer graph->layers
 * where the next one will be; "-1" of layer -1.  Returns text. */
const char *plait__layer_path(const struct plait_graph *graph, int layer,
			      char text[PLAIT__PATH_SIZE]);

/* The index of the outermost layer that this one is or is in; -1 for -1. */
int plait__layer_index(const struct plait_graph *graph, int layer);

/* Until plait__sequence_leave layers are entries of the Sequential `name` in the layer that is
 * built after that.  Returns what the latter gets. */
struct plait__sequence plait__sequence_enter(struct plait_graph *graph, const char *name);
void plait__sequence_leave(struct plait_graph *graph, struct plait__sequence outer);

/* As plait_parameter, but each of its elements is number at first. */
struct plait_node *plait__parameter_of(struct plait_graph *graph, const char *suffix, int ndim,
				       const int64_t *dim, float number);

/* A buffer of the layer that is built next: saved with the parameters, under such a name, but no
 * gradient is taken by it and no optimizer knows it.  An update of the layer's op changes it, as
 * plait__op_update says.  Its elements, of float32 or int64, are number at first; an int64 is 0. */
struct plait_node *plait__buffer(struct plait_graph *graph, enum plait_dtype dtype,
				 const char *suffix, int ndim, const int64_t *dim, float number);

/* A random key of 64 bits that comes with each batch of training, and is another in each step: two
 * words, the low one first.  It has no memory in other steps: only an op that is training_only may
 * read it. */
struct plait_node *plait__batch_key(struct plait_graph *graph);

/* Whether a value comes with each batch, so that a slot holds it. */
static inline bool plait__comes_with_batch(const struct plait_node *node)
{
	return node->source >= PLAIT__SOURCE_INPUT && node->source <= PLAIT__SOURCE_KEY;
}

/* Optimizer state of the shape of parameter, zero at first or the number. */
struct plait_node *plait__state(struct plait_node *parameter);
struct plait_node *plait__state_of(struct plait_node *parameter, double number);

/* State that is of no parameter: n numbers, 0 at first.  A graph has one, its outlier_state. */
struct plait_node *plait__state_numbers(struct plait_graph *graph, int64_t n);

/* What a graph was at a moment.  Rewinding frees the nodes appended since and restores the rest. */
struct plait__graph_mark {
	int nodes, layers;
	struct plait__sequence sequence;
	struct plait_node *accuracy, *output, *scored, *clip, *outlier_state;
	int status;
};
struct plait__graph_mark plait__graph_mark(const struct plait_graph *graph);
void plait__graph_rewind(struct plait_graph *graph, struct plait__graph_mark mark);

/* Sets the graph's output if nothing has done so.  PLAIT_EINVAL (it computes nothing). */
int plait__graph_settle_output(struct plait_graph *graph);

/* Whether it is clear which node is the loss; PLAIT_EINVAL if not.  Puts the nodes of the loss, and
 * what reads them, behind all others: phases follow each other in a plan.  Those of metrics come
 * before the loss where they can, because a GPU joins a loss with what follows it.  PLAIT_ENOMEM.
 */
int plait__graph_settle_loss(struct plait_graph *graph);

/* A term of the loss, or a metric, that counts each sample, whatever its weight is; in training
 * also what a layer makes of all samples of a batch.  NULL: none does. */
const struct plait_node *plait__graph_unweighted(const struct plait_graph *graph, bool training);

/* Bytes of the value for so many samples; rows counts only if the node is batched. */
size_t plait__node_bytes(const struct plait_node *node, int64_t rows);

#endif
