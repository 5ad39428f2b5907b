/* SPDX-License-Identifier: MIT
 * The loss of a graph that is finished: one node, made by one builder or of several terms. */
#include "config.h"
#include "src/graph/graph.h"

#include <stdlib.h>

/* Where a node goes, in this order. */
enum place {
	EARLY,       /* the network */
	BEFORE_LOSS, /* what the loss does not read, and that reads none of it */
	IN_LOSS,
	BEHIND_LOSS, /* what reads of the loss, such as a metric */
	PLACES,
};

/* The most that an input has. */
static enum place place_of_inputs(const struct plait_node *node, const enum place *place)
{
	enum place most = EARLY;

	for (int i = 0; i < node->ninputs; i++)
		if (place[node->input[i]->id] > most)
			most = place[node->input[i]->id];
	return most;
}

static void find_places(const struct plait_graph *graph, enum place *place)
{
	for (int i = 0; i < graph->nodes; i++)
		place[i] = graph->node[i]->phase == PLAIT_LOSS ||
					   place_of_inputs(graph->node[i], place) > EARLY
				   ? BEFORE_LOSS
				   : EARLY;
	for (int i = graph->loss ? graph->loss->id : -1; i >= 0; i--) {
		const struct plait_node *node = graph->node[i];

		if (node == graph->loss)
			place[i] = IN_LOSS;
		for (int j = 0; place[i] == IN_LOSS && j < node->ninputs; j++)
			if (place[node->input[j]->id] != EARLY)
				place[node->input[j]->id] = IN_LOSS;
	}
	for (int i = 0; i < graph->nodes; i++)
		if (place[i] == BEFORE_LOSS && place_of_inputs(graph->node[i], place) >= IN_LOSS)
			place[i] = BEHIND_LOSS;
}

/* The order within each place stays: so inputs still come before what reads them. */
static int move_loss_to_end(struct plait_graph *graph)
{
	size_t nodes = (size_t)graph->nodes;
	struct plait_node **moved = plait__calloc(nodes + 1, sizeof *moved, "the order of nodes");
	enum place *place = plait__calloc(nodes + 1, sizeof *place, "the order of nodes");
	int status = moved && place ? 0 : PLAIT_ENOMEM, count = 0;

	if (status == 0)
		find_places(graph, place);
	for (int p = EARLY; p < PLACES && status == 0; p++)
		for (int i = 0; i < graph->nodes; i++)
			if (place[i] == (enum place)p)
				moved[count++] = graph->node[i];
	PLAIT__ASSERT(status < 0 || count == graph->nodes, "an order of nodes has all of them");
	for (int i = 0; i < count; i++) {
		graph->node[i] = moved[i];
		moved[i]->id = i;
	}
	free(moved);
	free(place);
	return status;
}

int plait__graph_settle_loss(struct plait_graph *graph)
{
	if (graph->second_loss && !graph->loss_chosen)
		return plait__error(PLAIT_EINVAL,
				    "the graph has several losses, such as %s and %s: say by "
				    "plait_loss() which is to be minimized, or their sum",
				    graph->loss->op->name, graph->second_loss->op->name);
	return move_loss_to_end(graph);
}

/* By the graph's weights, or by what the loss makes of them for each sample. */
static bool is_weighted(const struct plait_node *node)
{
	bool weighted = node->source == PLAIT__SOURCE_WEIGHTS;

	for (int i = 0; i < node->ninputs && node->phase == PLAIT_LOSS && !weighted; i++)
		weighted = is_weighted(node->input[i]);
	return weighted;
}

static bool is_unweighted(const struct plait_node *node)
{
	bool sums = false;

	for (int i = 0; i < node->ninputs; i++)
		sums |= node->input[i]->batched;
	return node->partial && sums && !is_weighted(node);
}

/* Of all sums over samples that there are: one that neither the loss nor a metric reads is rare.
 * Right answers are counted by labels, and what does not count has none. */
const struct plait_node *plait__graph_unweighted(const struct plait_graph *graph, bool training)
{
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		bool counts =
			node->phase == PLAIT_LOSS || (node->phase == PLAIT_FORWARD && training);

		if (counts && node != graph->accuracy && is_unweighted(node))
			return node;
	}
	return NULL;
}
