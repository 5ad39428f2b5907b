/* SPDX-License-Identifier: MIT
 * Cutting the graph into segments: nodes in a row with the same key.  Rows of a topological order
 * cannot form a cycle. */
#include "config.h"
#include "src/plan/plan.h"

#include <stdlib.h>
#include <string.h>

int plait__plan_groups(const struct plait_graph *graph, int *group)
{
	int groups = 0, last_layer = -1;
	const struct plait_node *last = NULL;
	int *of_layer = plait__calloc((size_t)graph->layers + 1, sizeof *of_layer, "layer groups");

	if (!of_layer)
		return PLAIT_ENOMEM;
	for (int i = 0; i <= graph->layers; i++)
		of_layer[i] = -1;
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		group[i] = -1;
		if (node->phase != PLAIT_FORWARD || !plait__node_runs(node))
			continue;
		PLAIT__ASSERT(node->layer >= 0 && node->layer <= graph->layers,
			      "what runs belongs to a layer, or to the one that is built next");
		bool joins =
			last && (node->layer == last_layer || !last->name[0] ||
				 (node->op->activation && plait__resolve(node->input[0]) == last));

		if (!joins)
			groups++;
		group[i] = groups - 1;
		of_layer[node->layer] = groups - 1;
		last = node;
		last_layer = node->layer;
	}
	/* Gradients, updates and parameters go with the layer they belong to. */
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		if (group[i] < 0 && node->layer >= 0)
			group[i] = of_layer[node->layer];
	}
	free(of_layer);
	return 0;
}

/* Everything the mode's results depend on. */
static void mark_needed(const struct plait__plan *plan, bool *needed)
{
	const struct plait_graph *graph = plan->graph;

	for (int i = graph->nodes - 1; i >= 0; i--) {
		const struct plait_node *node = graph->node[i];

		needed[i] |= plan->options.keeps && plan->options.keeps[i];
		switch (plan->options.mode) {
		case PLAIT__TRAIN:
			needed[i] |= node->phase == PLAIT_UPDATE; /* fall through */
		case PLAIT__EVALUATE:
			needed[i] |= plait__is_figure(graph, node);
			break;
		case PLAIT__PREDICT:
			needed[i] |= node == graph->output;
		}
		for (int j = 0; needed[i] && j < node->ninputs; j++)
			needed[node->input[j]->id] = true;
	}
}

/* Nodes in a row with equal keys are one segment.  The loss is one at fine grain, with the
 * count of right answers, because both end in one result. */
static int key_of(const struct plait__plan *plan, const struct plait_node *node, const int *group)
{
	bool update = node->phase == PLAIT_UPDATE;

	switch (plan->options.granularity) {
	case PLAIT_GRANULARITY_OP:
		return node->phase == PLAIT_LOSS ? -1 : node->id;
	case PLAIT_GRANULARITY_LAYER:
		return node->phase == PLAIT_LOSS ? -1 : group[node->id] * 8 + (int)node->phase;
	case PLAIT_GRANULARITY_PHASE:
		return node->phase == PLAIT_LOSS ? (int)PLAIT_FORWARD : (int)node->phase;
	default: /* updates wait for all shards */
		return plan->options.split.shards > 1 && update;
	}
}

/* What each group of nodes is named after: its first layer, or its first node that runs. */
static void find_heads(const struct plait_graph *graph, const int *group,
		       const struct plait_node **head)
{
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		if (group[i] < 0 || !plait__node_runs(node))
			continue;
		const struct plait_node **first = &head[group[i]];

		if (!*first || (node->name[0] && !(*first)->name[0]))
			*first = node;
	}
}

/* The name of the segment that begins with node; head is what its group is named after.  NULL with
 * the message kept if memory is out. */
static char *name_of(const struct plait__plan *plan, const struct plait_node *node,
		     const struct plait_node *head)
{
	static const char *const phases[] = { "", "fwd", "loss", "bwd", "upd" };
	enum plait_granularity grain = plan->options.granularity;
	const char *phase = phases[node->phase];

	/* A step that trains nothing is a forward phase, and traces show it as such. */
	if (grain == PLAIT_GRANULARITY_STEP && node->phase != PLAIT_UPDATE &&
	    plan->options.mode == PLAIT__TRAIN)
		return plait__format("step");
	if (grain >= PLAIT_GRANULARITY_PHASE || node->phase == PLAIT_LOSS)
		return plait__format("%s", phase);
	if (grain == PLAIT_GRANULARITY_OP && node->phase == PLAIT_UPDATE)
		return plait__format("%s/%s", phase, node->input[0]->name);
	if (grain == PLAIT_GRANULARITY_OP)
		head = node;
	return plait__format("%s/%d.%s", phase, head->layer, head->op->name);
}

static int add_segment(struct plait__plan *plan, const struct plait_node *node,
		       const struct plait_node *head)
{
	bool whole = node->phase == PLAIT_UPDATE;
	int instances = whole ? 1 : plan->options.split.shards;
	char *name = name_of(plan, node, head);

	if (!name)
		return PLAIT_ENOMEM;
	plan->name[plan->names++] = name;
	PLAIT__ASSERT(plan->segments == 0 ||
			      plan->segment[plan->segments - 1].phase <= node->phase ||
			      plan->options.granularity == PLAIT_GRANULARITY_STEP,
		      "phases follow each other in the graph");
	for (int s = 0; s < instances; s++)
		plan->segment[plan->segments++] = (struct plait__segment){
			.name = name, .phase = node->phase, .shard = whole ? -1 : s
		};
	return 0;
}

/* What cutting knows of a graph, by node id and by group. */
struct cut {
	int *group;
	bool *needed;
	const struct plait_node **head; /* by group */
};

static void free_cut(struct cut *c)
{
	free(c->group);
	free(c->needed);
	free(c->head);
}

static int make_cut(struct cut *c, const struct plait__plan *plan)
{
	size_t nodes = (size_t)plan->graph->nodes;
	int status;

	c->group = plait__calloc(nodes, sizeof *c->group, "layer groups");
	c->needed = plait__calloc(nodes, sizeof *c->needed, "marks");
	c->head = plait__calloc(nodes, sizeof(void *), "layer groups");
	if (!c->group || !c->needed || !c->head)
		return PLAIT_ENOMEM;
	status = plait__plan_groups(plan->graph, c->group);
	if (status < 0)
		return status;
	find_heads(plan->graph, c->group, c->head);
	mark_needed(plan, c->needed);
	return 0;
}

static int cut(struct plait__plan *plan, const struct cut *c, int *segment_of)
{
	int key = 0, current = -1, status = 0;
	const struct plait_op *last = NULL;
	bool joined;

	for (int i = 0; i < plan->graph->nodes && status == 0; i++) {
		const struct plait_node *node = plan->graph->node[i];

		segment_of[i] = -1;
		if (!c->needed[i] || !plait__node_runs(node))
			continue;
		joined = node->op->joins && node->op->joins == last;
		if (current < 0 || (key_of(plan, node, c->group) != key && !joined)) {
			key = key_of(plan, node, c->group);
			current = plan->segments;
			status = add_segment(plan, node,
					     c->group[i] < 0 ? node : c->head[c->group[i]]);
		}
		segment_of[i] = current;
		last = node->op;
	}
	return status;
}

int plait__plan_cut(struct plait__plan *plan, int *segment_of)
{
	struct cut c = { 0 };
	int status = make_cut(&c, plan);

	if (status == 0) {
		plan->segment = plait__calloc((size_t)plan->graph->nodes *
						      (size_t)plan->options.split.shards,
					      sizeof *plan->segment, "segments");
		plan->name =
			plait__calloc((size_t)plan->graph->nodes, sizeof *plan->name, "segments");
		status = plan->segment && plan->name ? 0 : PLAIT_ENOMEM;
	}
	if (status == 0)
		status = cut(plan, &c, segment_of);
	free_cut(&c);
	return status;
}
