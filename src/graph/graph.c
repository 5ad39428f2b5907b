/* SPDX-License-Identifier: MIT
 * Nodes are appended and never removed, so a node's id is a topological order. */
#include "config.h"
#include "src/graph/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct plait__op plait__op_source = { .name = "source" };

struct plait_graph *plait_graph_create(void)
{
	return plait__calloc(1, sizeof(struct plait_graph), "a graph");
}

void plait_graph_destroy(struct plait_graph *graph)
{
	if (!graph)
		return;
	for (int i = 0; i < graph->nodes; i++)
		free(graph->node[i]);
	free(graph->node);
	free(graph);
}

struct plait__graph_mark plait__graph_mark(const struct plait_graph *graph)
{
	return (struct plait__graph_mark){ .nodes = graph->nodes,
					   .layers = graph->layers,
					   .accuracy = graph->accuracy,
					   .status = graph->status };
}

void plait__graph_rewind(struct plait_graph *graph, struct plait__graph_mark mark)
{
	PLAIT__ASSERT(mark.nodes <= graph->nodes, "a graph grows until it is rewound");
	while (graph->nodes > mark.nodes)
		free(graph->node[--graph->nodes]);
	graph->layers = mark.layers;
	graph->accuracy = mark.accuracy;
	if (mark.status == 0)
		graph->message[0] = '\0';
	graph->status = mark.status;
}

int plait_graph_status(const struct plait_graph *graph)
{
	if (!graph)
		return plait__error(PLAIT_EINVAL, "the graph is NULL");
	return graph->status == 0 ? 0 : plait__error(graph->status, "%s", graph->message);
}

struct plait_node *plait__graph_fail(struct plait_graph *graph, int status, const char *format, ...)
{
	va_list args;

	if (graph->status != 0)
		return NULL;
	graph->status = status;
	va_start(args, format);
	vsnprintf(graph->message, sizeof graph->message, format, args);
	va_end(args);
	return NULL;
}

int plait_node_shape(const struct plait_node *node, int64_t *dim)
{
	if (!node)
		return 0;
	memcpy(dim, node->dim, (size_t)node->ndim * sizeof *dim);
	return node->ndim;
}

int64_t plait__node_elements(const struct plait_node *node)
{
	return plait_shape_elements(node->ndim, node->dim);
}

size_t plait__node_bytes(const struct plait_node *node, int64_t rows)
{
	return (size_t)(plait__node_elements(node) * (node->batched ? rows : 1)) *
	       plait_dtype_size(node->dtype);
}

static int make_room(struct plait_graph *graph)
{
	int capacity = graph->capacity ? 2 * graph->capacity : 64;
	struct plait_node **node;

	if (graph->nodes < graph->capacity)
		return 0;
	node = realloc(graph->node, (size_t)capacity * sizeof *node);
	if (!node)
		return -1;
	graph->node = node;
	graph->capacity = capacity;
	return 0;
}

/* The checks every builder would otherwise repeat: NULL in gives NULL out. */
static bool inputs_fit(struct plait_graph *graph, const struct plait__node_spec *spec)
{
	for (int i = 0; i < spec->ninputs; i++) {
		if (!spec->input[i])
			return false;
		if (spec->input[i]->graph != graph) {
			plait__graph_fail(graph, PLAIT_EINVAL,
					  "%s: input %d is a node of another graph", spec->op->name,
					  i);
			return false;
		}
	}
	return true;
}

struct plait_node *plait__node_append(struct plait_graph *graph,
				      const struct plait__node_spec *spec)
{
	struct plait_node *node;

	if (!inputs_fit(graph, spec))
		return NULL;
	if (spec->ndim > PLAIT_MAX_DIMS)
		return plait__graph_fail(graph, PLAIT_ESHAPE,
					 "%s: %d dimensions, at most %d are possible",
					 spec->op->name, spec->ndim, PLAIT_MAX_DIMS);
	node = calloc(1, sizeof *node);
	if (!node || make_room(graph) < 0) {
		free(node);
		return plait__graph_fail(graph, PLAIT_ENOMEM, "%s: no memory for a node",
					 spec->op->name);
	}
	node->graph = graph;
	node->op = spec->op;
	node->id = graph->nodes;
	node->layer = -1;
	node->phase = spec->phase;
	node->dtype = PLAIT_F32;
	node->batched = spec->batched;
	node->ndim = spec->ndim;
	if (spec->ndim > 0)
		memcpy(node->dim, spec->dim, (size_t)spec->ndim * sizeof *spec->dim);
	node->ninputs = spec->ninputs;
	memcpy(node->input, spec->input, sizeof node->input);
	memcpy(node->attr, spec->attr, sizeof node->attr);
	for (int i = 0; i < spec->ninputs; i++) {
		node->needs_gradient |= spec->input[i]->needs_gradient;
		node->partial |=
			!spec->batched && (spec->input[i]->batched || spec->input[i]->partial);
	}
	if (spec->ninputs > 0)
		node->layer = spec->input[0]->layer;
	graph->node[graph->nodes++] = node;
	return node;
}

struct plait_node *plait__node_like(struct plait_node *x, const struct plait__op *op,
				    enum plait__phase phase, int ninputs,
				    struct plait_node *const *inputs)
{
	struct plait__node_spec spec = { .op = op, .phase = phase, .ninputs = ninputs };

	if (!x)
		return NULL;
	spec.batched = x->batched;
	spec.ndim = x->ndim;
	spec.dim = x->dim;
	memcpy(spec.input, inputs, (size_t)ninputs * sizeof *inputs);
	return plait__node_append(x->graph, &spec);
}

struct plait_node *plait__node_layer(struct plait_node *node)
{
	if (!node)
		return NULL;
	node->layer = node->graph->layers++;
	snprintf(node->name, sizeof node->name, "%d.%s", node->layer, node->op->name);
	return node;
}

static struct plait_node *source(struct plait_graph *graph, bool batched, int ndim,
				 const int64_t *dim)
{
	if (plait_shape_elements(ndim, dim) < 1) {
		char text[128];

		return plait__graph_fail(graph, PLAIT_ESHAPE,
					 "shape %s holds no elements, or too many",
					 plait_shape_text(ndim, dim, text, sizeof text));
	}
	return plait__node_append(graph, &(struct plait__node_spec){ .op = &plait__op_source,
								     .phase = PLAIT__SOURCE,
								     .batched = batched,
								     .ndim = ndim,
								     .dim = dim });
}

struct plait_node *plait_input(struct plait_graph *graph, enum plait_dtype dtype, int ndim,
			       const int64_t *dim)
{
	if (!graph)
		return NULL;
	if (dtype != PLAIT_F32 && dtype != PLAIT_U8)
		return plait__graph_fail(graph, PLAIT_EINVAL,
					 "input: dtype %s, must be float32 or uint8",
					 plait_dtype_name(dtype));
	if (graph->input)
		return plait__graph_fail(graph, PLAIT_EINVAL, "input: the graph has one already");
	if (ndim < 1 || ndim > PLAIT_MAX_DIMS)
		return plait__graph_fail(graph, PLAIT_ESHAPE,
					 "input: %d dimensions, must be 1 to %d", ndim,
					 PLAIT_MAX_DIMS);
	graph->input = source(graph, true, ndim, dim);
	if (graph->input)
		graph->input->dtype = dtype;
	return graph->input;
}

struct plait_node *plait_labels(struct plait_graph *graph)
{
	if (!graph)
		return NULL;
	if (!graph->labels) {
		graph->labels = source(graph, true, 0, NULL);
		if (graph->labels)
			graph->labels->dtype = PLAIT_I32;
	}
	return graph->labels;
}

struct plait_node *plait_targets(struct plait_graph *graph, int64_t m)
{
	if (!graph)
		return NULL;
	if (graph->targets && graph->targets->dim[0] != m)
		return plait__graph_fail(graph, PLAIT_ESHAPE,
					 "targets: %" PRId64 " wanted, the graph has %" PRId64
					 " already",
					 m, graph->targets->dim[0]);
	if (!graph->targets)
		graph->targets = source(graph, true, 1, &m);
	return graph->targets;
}

struct plait_node *plait_weights(struct plait_graph *graph)
{
	if (!graph)
		return NULL;
	if (!graph->weights)
		graph->weights = source(graph, true, 0, NULL);
	return graph->weights;
}

struct plait_node *plait__parameter(struct plait_graph *graph, const char *suffix, int ndim,
				    const int64_t *dim, float bound)
{
	struct plait_node *node = source(graph, false, ndim, dim);

	if (!node)
		return NULL;
	node->layer = graph->layers;
	node->needs_gradient = true;
	node->init = PLAIT__INIT_UNIFORM;
	node->attr[0] = bound;
	snprintf(node->name, sizeof node->name, "%d.%s", node->layer, suffix);
	return node;
}

struct plait_node *plait__state(struct plait_node *parameter)
{
	struct plait_node *node;

	if (!parameter)
		return NULL;
	node = source(parameter->graph, false, parameter->ndim, parameter->dim);
	if (node)
		node->layer = parameter->layer;
	return node;
}
