/* SPDX-License-Identifier: MIT
 * Layers and their names, which are PyTorch's.  A network is an nn.Sequential whose entries have
 * indices; a layer that holds others has them in Sequentials with a name, so that a parameter of
 * one is "3.body.0.weight". */
#include "config.h"
#include "src/base/grow.h"
#include "src/graph/op.h"

#include <stdio.h>
#include <stdlib.h>

const char *plait__layer_path(const struct plait_graph *graph, int layer,
			      char text[PLAIT__PATH_SIZE])
{
	bool built = layer >= 0 && layer < graph->layers;
	int length;

	PLAIT__ASSERT(layer <= graph->layers, "a layer is built, or is the next one, or is none");
	length = built ? snprintf(text, PLAIT__PATH_SIZE, "%s", graph->path[layer])
		       : snprintf(text, PLAIT__PATH_SIZE, "%s%d",
				  layer < 0 ? "" : graph->sequence.prefix,
				  layer < 0 ? layer : graph->sequence.next);
	PLAIT__ASSERT(length < PLAIT__PATH_SIZE, "layers are nested as deep as paths are long");
	return text;
}

int plait__layer_index(const struct plait_graph *graph, int layer)
{
	char path[PLAIT__PATH_SIZE];

	return atoi(plait__layer_path(graph, layer, path));
}

struct plait__sequence plait__sequence_enter(struct plait_graph *graph, const char *name)
{
	struct plait__sequence outer = graph->sequence;
	char path[PLAIT__PATH_SIZE];
	int length;

	plait__layer_path(graph, graph->layers, path);
	length = snprintf(graph->sequence.prefix, PLAIT__PATH_SIZE, "%s.%s.", path, name);
	PLAIT__ASSERT(length < PLAIT__PATH_SIZE, "layers are nested as deep as paths are long");
	graph->sequence.next = 0;
	return outer;
}

void plait__sequence_leave(struct plait_graph *graph, struct plait__sequence outer)
{
	graph->sequence = outer;
}

struct plait_node *plait__node_name(struct plait_node *node, const char *suffix)
{
	char path[PLAIT__PATH_SIZE];
	char *text =
		plait__format("%s.%s", plait__layer_path(node->graph, node->layer, path), suffix);

	if (!text)
		return plait_graph_fail(node->graph, PLAIT_ENOMEM, "%s: no memory for a name",
					suffix);
	node->name = text;
	return node;
}

/* Adds the next layer to the list. */
static int add_layer(struct plait_graph *graph)
{
	char path[PLAIT__PATH_SIZE], *kept;

	if (plait__grow(&graph->path, &graph->path_capacity, (size_t)graph->layers + 1,
			sizeof *graph->path, "layers") < 0)
		return PLAIT_ENOMEM;
	kept = plait__strdup(plait__layer_path(graph, graph->layers, path));
	if (!kept)
		return PLAIT_ENOMEM;
	graph->path[graph->layers++] = kept;
	graph->sequence.next++;
	return 0;
}

struct plait_node *plait_node_layer(struct plait_node *node)
{
	if (!node)
		return NULL;
	if (add_layer(node->graph) < 0)
		return plait_graph_fail(node->graph, PLAIT_ENOMEM, "%s: no memory for a layer",
					node->op->name);
	node->layer = node->graph->layers - 1;
	return plait__node_name(node, node->op->name);
}
