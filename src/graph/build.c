/* SPDX-License-Identifier: MIT
 * Building a graph. Nodes are appended and never removed, so a node's id is a topological order. */
#include "config.h"
#include "src/base/grow.h"
#include "src/graph/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plait_graph *plait_graph_create(void)
{
	return plait__calloc(1, sizeof(struct plait_graph), "a graph");
}

static void free_node(struct plait_node *node)
{
	if (node->name[0])
		free(node->name);
	free(node);
}

void plait_graph_destroy(struct plait_graph *graph)
{
	if (!graph)
		return;
	while (graph->nodes > 0)
		free_node(graph->node[--graph->nodes]);
	while (graph->layers > 0)
		free(graph->path[--graph->layers]);
	free(graph->path);
	free(graph->node);
	free(graph->input);
	free(graph);
}

struct plait__graph_mark plait__graph_mark(const struct plait_graph *graph)
{
	return (struct plait__graph_mark){ .nodes = graph->nodes,
					   .layers = graph->layers,
					   .sequence = graph->sequence,
					   .accuracy = graph->accuracy,
					   .output = graph->output,
					   .scored = graph->scored,
					   .clip = graph->clip,
					   .outlier_state = graph->outlier_state,
					   .status = graph->status };
}

void plait__graph_rewind(struct plait_graph *graph, struct plait__graph_mark mark)
{
	PLAIT__ASSERT(mark.nodes <= graph->nodes, "a graph grows until it is rewound");
	while (graph->nodes > mark.nodes)
		free_node(graph->node[--graph->nodes]);
	for (int i = 0; i < graph->nodes; i++)
		graph->node[i]->gradient = NULL;
	while (graph->layers > mark.layers)
		free(graph->path[--graph->layers]);
	graph->sequence = mark.sequence;
	graph->accuracy = mark.accuracy;
	graph->output = mark.output;
	graph->scored = mark.scored;
	graph->clip = mark.clip;
	graph->outlier_state = mark.outlier_state;
	if (mark.status == 0)
		graph->message[0] = '\0';
	graph->status = mark.status;
}

int plait__graph_settle_output(struct plait_graph *graph)
{
	for (int i = graph->nodes - 1; i >= 0 && !graph->output; i--)
		if (graph->node[i]->phase == PLAIT_FORWARD)
			graph->output = graph->node[i];
	if (!graph->output)
		return plait__error(PLAIT_EINVAL, "the graph computes nothing: add layers to it");
	graph->output = plait__layout_contiguous(graph->output);
	return plait_graph_status(graph);
}

int plait_graph_status(const struct plait_graph *graph)
{
	if (!graph)
		return plait__error(PLAIT_EINVAL, "the graph is NULL");
	return graph->status == 0 ? 0 : plait__error(graph->status, "%s", graph->message);
}

struct plait_node *plait_graph_fail(struct plait_graph *graph, int status, const char *format, ...)
{
	va_list args;

	if (!graph || graph->status != 0)
		return NULL;
	graph->status = status < 0 ? status : PLAIT_EINVAL;
	va_start(args, format);
	vsnprintf(graph->message, sizeof graph->message, format ? format : "no message", args);
	va_end(args);
	return NULL;
}

/* A node with room for its inputs and attributes, which follow it in the same memory. */
static struct plait_node *allocate(struct plait_graph *graph, const struct plait_node_spec *spec)
{
	size_t attributes = (size_t)spec->nattr * sizeof(double);
	size_t inputs = (size_t)spec->ninputs * sizeof(struct plait_node *);
	struct plait_node *node = calloc(1, sizeof *node + attributes + inputs);

	if (!node)
		return plait_graph_fail(graph, PLAIT_ENOMEM, "%s: no memory for a node",
					spec->op->name);
	node->attr = (double *)(node + 1);
	node->input = (struct plait_node **)(node->attr + spec->nattr);
	node->name = (char *)"";
	if (attributes > 0)
		memcpy(node->attr, spec->attr, attributes);
	if (inputs > 0)
		memcpy(node->input, spec->input, inputs);
	return node;
}

/* Makes node the last one of its graph. */
static struct plait_node *keep(struct plait_node *node)
{
	struct plait_graph *graph = node->graph;

	if (plait__grow(&graph->node, &graph->capacity, (size_t)graph->nodes + 1,
			sizeof(struct plait_node *), "a graph") < 0) {
		plait_graph_fail(graph, PLAIT_ENOMEM, "%s: no memory for a node", node->op->name);
		free(node);
		return NULL;
	}
	node->id = graph->nodes;
	graph->node[graph->nodes++] = node;
	return node;
}

/* What follows from the op and the inputs. */
static void derive(struct plait_node *node)
{
	enum plait_dtype first = node->ninputs > 0 ? node->input[0]->dtype : PLAIT_F32;

	node->layer = node->ninputs > 0 ? node->input[0]->layer : -1;
	if (node->source == PLAIT__SOURCE_NONE)
		node->dtype = plait__op_dtype(node->op, first);
	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *input = node->input[i];

		/* What reads values of several layers belongs to the last one. */
		if (node->phase == PLAIT_FORWARD && input->layer > node->layer)
			node->layer = input->layer;
		node->needs_gradient |= input->needs_gradient;
		node->partial |=
			!node->op->whole && !node->batched && (input->batched || input->partial);
	}
}

/* What a caller from outside may have left out. */
static bool is_complete(struct plait_graph *graph, const struct plait_node_spec *spec)
{
	char fault[PLAIT__OP_FAULT_SIZE];

	if (!spec->op)
		plait_graph_fail(graph, PLAIT_EINVAL, "a node's op is NULL");
	else if (!plait__op_valid(spec->op, false, fault))
		plait_graph_fail(graph, PLAIT_EINVAL, "%s", fault);
	else if ((spec->phase == PLAIT_SOURCE) != (spec->op == &plait__op_source))
		plait_graph_fail(
			graph, PLAIT_EINVAL,
			"%s: a node of it must have a phase: PLAIT_FORWARD, PLAIT_LOSS, or "
			"PLAIT_BACKWARD in a gradient",
			spec->op->name);
	else if (spec->ninputs < 0 || (spec->ninputs > 0 && !spec->input) || spec->nattr < 0 ||
		 (spec->nattr > 0 && !spec->attr))
		plait_graph_fail(graph, PLAIT_EINVAL,
				 "%s: %d inputs and %d attributes, and a list of them is NULL",
				 spec->op->name, spec->ninputs, spec->nattr);
	else
		return true;
	return false;
}

static bool shape_fits(struct plait_graph *graph, const struct plait_node_spec *spec)
{
	char text[128];

	if (spec->ndim > PLAIT_MAX_DIMS)
		plait_graph_fail(graph, PLAIT_ESHAPE, "%s: %d dimensions, at most %d are possible",
				 spec->op->name, spec->ndim, PLAIT_MAX_DIMS);
	else if (plait_shape_elements(spec->ndim, spec->dim) < 1)
		plait_graph_fail(graph, PLAIT_ESHAPE, "%s: shape %s holds no elements, or too many",
				 spec->op->name,
				 plait_shape_text(spec->ndim, spec->dim, text, sizeof text));
	else if (spec->op->view &&
		 (spec->ninputs < 1 || plait_shape_elements(spec->ndim, spec->dim) !=
					       plait_node_elements(spec->input[0])))
		plait_graph_fail(graph, PLAIT_ESHAPE,
				 "%s: a view has as many elements as its input", spec->op->name);
	else
		return true;
	return false;
}

/* The checks every builder would otherwise repeat: NULL in gives NULL out. */
static bool inputs_fit(struct plait_graph *graph, const struct plait_node_spec *spec)
{
	for (int i = 0; i < spec->ninputs; i++) {
		if (!spec->input[i])
			return false;
		if (spec->input[i]->graph != graph) {
			plait_graph_fail(graph, PLAIT_EINVAL,
					 "%s: input %d is a node of another graph", spec->op->name,
					 i);
			return false;
		}
	}
	return true;
}

struct plait_node *plait_node_append(struct plait_graph *graph, const struct plait_node_spec *spec)
{
	struct plait_node *node;

	if (!graph || !spec || !is_complete(graph, spec) || !inputs_fit(graph, spec) ||
	    !shape_fits(graph, spec))
		return NULL;
	node = allocate(graph, spec);
	if (!node)
		return NULL;
	node->graph = graph;
	node->op = spec->op;
	node->phase = spec->phase;
	node->source = (enum plait__source)spec->source;
	node->dtype = spec->dtype;
	node->batched = spec->batched;
	node->ndim = spec->ndim;
	if (spec->ndim > 0)
		memcpy(node->dim, spec->dim, (size_t)spec->ndim * sizeof *spec->dim);
	node->ninputs = spec->ninputs;
	node->nattr = spec->nattr;
	if (!plait__layout_inputs(node)) {
		free(node);
		return NULL;
	}
	derive(node);
	node->channels_last = plait__layout_output(node);
	return keep(node);
}

struct plait_node *plait_node_like(struct plait_node *x, const struct plait_node_spec *spec)
{
	struct plait_node_spec shaped;

	if (!x || !spec)
		return NULL;
	shaped = *spec;
	shaped.batched = x->batched;
	shaped.ndim = x->ndim;
	shaped.dim = x->dim;
	return plait_node_append(x->graph, &shaped);
}
