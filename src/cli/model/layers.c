/* SPDX-License-Identifier: MIT
 * A layer is the nodes of its number: the one that is named after it, and those that stand before
 * that, such as the flatten in front of a linear. */
#include "config.h"
#include "src/cli/model/model.h"
#include "src/base/base.h"
#include "src/base/grow.h"
#include "src/graph/op.h"

#include <stdlib.h>

static int add_edge(struct cli_layers *layers, int from, int to)
{
	for (int i = layers->edges; i-- > 0 && layers->edge[i].to == to;)
		if (layers->edge[i].from == from)
			return 0;
	if (plait__grow(&layers->edge, &layers->room, (size_t)layers->edges + 1,
			sizeof *layers->edge, "a list of layers") < 0)
		return PLAIT_ENOMEM;
	layers->edge[layers->edges++] = (struct cli_edge){ from, to };
	return 0;
}

/* Of one sample, or of all of a parameter. */
static double bytes_of(const struct plait_node *node)
{
	return (double)plait_node_elements(node) * (double)plait_dtype_size(node->dtype);
}

/* A node that computes. */
static int add_node(struct cli_layers *layers, const struct plait_node *node)
{
	struct cli_layer *layer = &layers->layer[node->layer];
	struct plait_cost cost = { 0 };
	int status = 0;

	if (node->op->cost)
		node->op->cost(node, layers->samples, &cost);
	layer->flops += cost.flops;
	if (!node->op->view)
		layer->bytes += bytes_of(node) * (double)layers->samples;
	if (node->name[0]) {
		layer->name = node->name;
		layer->op = node->op->name;
		layer->ndim = plait_node_shape(node, layer->dim);
	}
	for (int i = 0; i < node->ninputs && status == 0; i++) {
		const struct plait_node *input = node->input[i];

		if (input->source <= PLAIT__SOURCE_INPUT && input->layer != node->layer)
			status = add_edge(layers, input->layer, node->layer);
	}
	return status;
}

/* Words can ask for more parameters than there are numbers for their count. */
static void add_parameters(struct cli_layer *layer, int64_t parameters, double bytes)
{
	if (__builtin_add_overflow(layer->parameters, parameters, &layer->parameters))
		layer->parameters = INT64_MAX;
	layer->parameter_bytes += bytes;
}

static void sum(struct cli_layers *layers)
{
	struct cli_layer *all = &layers->all;

	*all = (struct cli_layer){ 0 };
	for (int i = 0; i < layers->layers; i++) {
		add_parameters(all, layers->layer[i].parameters, layers->layer[i].parameter_bytes);
		all->flops += layers->layer[i].flops;
		all->bytes += layers->layer[i].bytes;
	}
}

int cli_layers_list(struct cli_layers *layers, const struct plait_node *x)
{
	const struct plait_graph *graph = x->graph;
	int status = 0;

	layers->layer =
		plait__calloc((size_t)graph->layers, sizeof *layers->layer, "a list of layers");
	if (!layers->layer)
		return PLAIT_ENOMEM;
	layers->layers = graph->layers;
	for (int i = 0; i < graph->nodes && status == 0; i++) {
		const struct plait_node *node = graph->node[i];

		if (node->source == PLAIT__SOURCE_PARAMETER)
			add_parameters(&layers->layer[node->layer], plait_node_elements(node),
				       bytes_of(node));
		else if (node->phase == PLAIT_FORWARD && node->layer >= 0 && !node->stands_in)
			status = add_node(layers, node);
	}
	sum(layers);
	return status;
}

void cli_layers_free(struct cli_layers *layers)
{
	free(layers->layer);
	free(layers->edge);
}
