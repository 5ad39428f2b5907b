/* SPDX-License-Identifier: MIT
 * The loss of a graph that is finished: one node, made by one builder or of several terms. */
#include "config.h"
#include "src/graph/graph.h"

#include <stdlib.h>

/* What is moved has the id LATE meanwhile. */
enum { LATE = -1 };

static bool is_late(const struct plait_node *node)
{
	bool late = node->phase == PLAIT_LOSS;

	for (int i = 0; i < node->ninputs; i++)
		late |= node->input[i]->id == LATE;
	return late;
}

/* The order of both parts stays: so inputs still come before what reads them. */
static int move_loss_to_end(struct plait_graph *graph)
{
	int early = 0, lates = 0;
	struct plait_node **late =
		plait__calloc((size_t)graph->nodes + 1, sizeof *late, "the order of nodes");

	if (!late)
		return PLAIT_ENOMEM;
	for (int i = 0; i < graph->nodes; i++) {
		struct plait_node *node = graph->node[i];

		if (is_late(node)) {
			late[lates++] = node;
			node->id = LATE;
		} else {
			graph->node[early] = node;
			node->id = early++;
		}
	}
	PLAIT__ASSERT(early + lates == graph->nodes, "an order of nodes has all of them");
	for (int i = 0; i < lates; i++) {
		graph->node[early + i] = late[i];
		late[i]->id = early + i;
	}
	free(late);
	return 0;
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

/* Of all sums over samples that there are: one that the loss does not read is rare. */
const struct plait_node *plait__graph_unweighted_loss(const struct plait_graph *graph)
{
	for (int i = 0; graph->loss && i <= graph->loss->id; i++) {
		const struct plait_node *node = graph->node[i];

		if (node->partial && node->input[0]->batched &&
		    !(node->ninputs > 2 && node->input[2]->source == PLAIT__SOURCE_WEIGHTS))
			return node;
	}
	return NULL;
}
