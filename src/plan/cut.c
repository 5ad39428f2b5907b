/* SPDX-License-Identifier: MIT
 * Cutting the graph into sections: nodes in a row with the same key.  Rows of a topological order
 * cannot form a cycle. */
#include "config.h"
#include "src/plan/sections.h"

#include <stdlib.h>
#include <string.h>

int plait__plan_groups(const struct plait_graph *graph, int *group)
{
	int groups = 0, last_layer = -1;
	const struct plait_node *last = NULL;
	int *of_layer = plait__calloc((size_t)graph->layers + 1, sizeof *of_layer, "layer groups");

	if (!of_layer)
		return PLAIT_ENOMEM;
	memset(of_layer, -1, ((size_t)graph->layers + 1) * sizeof *of_layer);
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		group[i] = -1;
		if (node->phase != PLAIT_FORWARD || !plait__node_runs(node, PLAIT__TRAIN))
			continue;
		PLAIT__ASSERT(node->layer >= 0 && node->layer <= graph->layers,
			      "what runs belongs to a layer, or to the one that is built next");
		bool joins = last && (node->layer == last_layer || !last->name[0] ||
				      (node->op->activation &&
				       plait__resolve(node->input[0], PLAIT__TRAIN) == last));

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
	for (int i = plan->graph->nodes - 1; i >= 0; i--) {
		int n;
		const struct plait_node *node = plan->graph->node[i];
		struct plait_node *const *of = plait__made_of(node, plan->options.mode, &n);

		needed[i] |= plan->options.keeps && plan->options.keeps[i];
		switch (plan->options.mode) {
		case PLAIT__TRAIN:
			needed[i] |= node->phase >= PLAIT_CLIP; /* fall through */
		case PLAIT__EVALUATE:
			needed[i] |= plait__is_figure(plan, node);
			break;
		case PLAIT__PREDICT:
			needed[i] |= node == plan->graph->output;
		}
		for (int j = 0; needed[i] && j < n; j++)
			needed[of[j]->id] = true;
	}
}

/* Nodes in a row with equal keys are one section.  The loss is one at fine grain, with the
 * count of right answers, because both end in one result. */
enum { FILLS = 7 }; /* beside the phases */
static int key_of(const struct plait__plan *plan, const struct plait__sections *cut,
		  const struct plait_node *node)
{
	bool whole = node->phase >= PLAIT_CLIP, loss = node->phase == PLAIT_LOSS;
	int stage = plait__sections_stage(cut, plan, node);

	if (whole && cut->bucket)
		return -2 - cut->bucket[node->id];
	switch (plan->options.granularity) {
	case PLAIT_GRANULARITY_OP:
		return loss ? -1 : node->id;
	case PLAIT_GRANULARITY_LAYER:
		return loss ? -1
			    : cut->group[node->id] * 8 +
				       (cut->fills[node->id] ? FILLS : (int)node->phase);
	case PLAIT_GRANULARITY_PHASE:
		return stage * 8 + (loss ? (int)PLAIT_FORWARD : (int)node->phase);
	default: /* what is of the whole batch waits for all shards */
		return stage * 2 + (plan->options.split.shards > 1 && whole);
	}
}

/* By group: its first layer, or its first node that runs. */
static void find_heads(const struct plait_graph *graph, const struct plait__sections *cut,
		       const struct plait_node **head)
{
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		if (cut->group[i] < 0 || !plait__node_runs(node, PLAIT__TRAIN))
			continue;
		const struct plait_node **first = &head[cut->group[i]];

		if (!*first || (node->name[0] && !(*first)->name[0]))
			*first = node;
	}
}

/* The name of the section that begins with node; head is what its group is named after.  NULL with
 * the message kept if memory is out. */
static char *name_of(const struct plait__plan *plan, const struct plait__sections *cut,
		     const struct plait_node *const *heads, const struct plait_node *node,
		     bool sums)
{
	static const char *const phases[] = { "", "fwd", "loss", "bwd", "clip", "upd" };
	enum plait_granularity grain = plan->options.granularity;
	char path[PLAIT__PATH_SIZE];
	const struct plait_node *head = node;
	const char *phase = sums ? "sum" : phases[node->phase];
	int stage = plait__sections_stage(cut, plan, node);

	/* The last stage, or the only one, goes on from forward to backward.  A step that trains
	 * nothing is a forward phase, and traces show it as such. */
	if (grain == PLAIT_GRANULARITY_STEP && node->phase < PLAIT_BACKWARD &&
	    stage == plan->stages - 1 && plan->options.mode == PLAIT__TRAIN)
		phase = "step";
	/* It updates, too. */
	if (grain == PLAIT_GRANULARITY_STEP && node->phase == PLAIT_CLIP && plan->stages == 1 &&
	    !cut->bucket)
		phase = "upd";
	if (grain >= PLAIT_GRANULARITY_PHASE && plan->stages > 1)
		return plait__format("%s/stage%d", phase, stage);
	if (grain >= PLAIT_GRANULARITY_PHASE || node->phase == PLAIT_LOSS || node->layer < 0)
		return plait__format("%s", phase);
	if (grain == PLAIT_GRANULARITY_OP && node->phase == PLAIT_UPDATE)
		return plait__format("%s/%s", phase, node->input[0]->name);
	if (grain != PLAIT_GRANULARITY_OP && cut->group[node->id] >= 0)
		head = heads[cut->group[node->id]];
	return plait__format("%s/%s.%s%s", phase, plait__layer_path(plan->graph, head->layer, path),
			     head->op->name,
			     grain != PLAIT_GRANULARITY_OP && cut->fills[node->id] ? ".grad" : "");
}

static int add_section(struct plait__plan *plan, struct plait__sections *cut,
		       const struct plait_node *const *head, const struct plait_node *node,
		       bool sums)
{
	char *name = name_of(plan, cut, head, node, sums);

	if (!name)
		return PLAIT_ENOMEM;
	plan->name[plan->names++] = name;
	PLAIT__ASSERT(cut->sections == 0 || cut->section[cut->sections - 1].phase <= node->phase ||
			      plan->options.granularity == PLAIT_GRANULARITY_STEP,
		      "phases follow each other in the graph");
	cut->section[cut->sections++] = (struct plait__section){
		.name = name,
		.phase = node->phase,
		.stage = plait__sections_stage(cut, plan, node),
		.fills = cut->fills[node->id],
		.whole = node->phase >= PLAIT_CLIP,
		.sums = sums || node->phase == PLAIT_CLIP,
		.first = node->id,
	};
	return 0;
}

static int add_sections(struct plait__plan *plan, struct plait__sections *cut,
			const struct plait_node *const *head, const bool *needed)
{
	int key = 0, status = 0;
	const struct plait_op *last = NULL;
	bool joined, sums = false; /* the section has one of sums before it */

	for (int i = 0; i < plan->graph->nodes && status == 0; i++) {
		const struct plait_node *node = plan->graph->node[i];

		cut->of[i] = -1;
		if (!needed[i] || !plait__node_runs(node, plan->options.mode))
			continue;
		joined = node->op->joins && node->op->joins == last;
		if (cut->sections == 0 ||
		    (!joined && (key_of(plan, cut, node) != key ||
				 plait__sections_stage(cut, plan, node) !=
					 cut->section[cut->sections - 1].stage))) {
			key = key_of(plan, cut, node);
			sums = node->phase == PLAIT_UPDATE && cut->bucket &&
			       plait__plan_bucket_sums(plan, cut, i);
			if (sums)
				status = add_section(plan, cut, head, node, true);
			if (status == 0)
				status = add_section(plan, cut, head, node, false);
		}
		if (status < 0)
			break;
		cut->of[i] = cut->sections - 1;
		cut->section[cut->sections - 1].end = i + 1;
		if (node->phase == PLAIT_UPDATE && sums)
			cut->section[cut->sections - 2].end = i + 1;
		last = node->op;
	}
	return status;
}

int plait__plan_cut(struct plait__plan *plan, struct plait__sections *cut)
{
	size_t nodes = (size_t)plan->graph->nodes;
	bool *needed = plait__calloc(nodes, sizeof *needed, "marks");
	bool *others = plait__calloc(nodes, sizeof *others, "marks");
	const struct plait_node **head = plait__calloc(nodes, sizeof *head, "layer groups");
	int status = needed && others && head ? 0 : PLAIT_ENOMEM;

	cut->of = plait__calloc(nodes, sizeof *cut->of, "sections");
	cut->group = plait__calloc(nodes, sizeof *cut->group, "layer groups");
	cut->stage = plait__calloc(nodes, sizeof *cut->stage, "stages");
	cut->fills = plait__calloc(nodes, sizeof *cut->fills, "sections");
	/* A bucket is two. */
	cut->section = plait__calloc(2 * nodes, sizeof *cut->section, "sections");
	plan->name = plait__calloc(2 * nodes, sizeof *plan->name, "sections");
	if (!cut->of || !cut->group || !cut->stage || !cut->fills || !cut->section || !plan->name)
		status = PLAIT_ENOMEM;
	if (status == 0)
		status = plait__plan_groups(plan->graph, cut->group);
	if (status == 0) {
		find_heads(plan->graph, cut, head);
		status = plait__plan_find_stages(plan, cut, head);
		plait__plan_mark_fills(plan, cut, others);
	}
	if (status == 0 && plan->options.replicas > 1)
		status = plait__plan_fill_buckets(plan, cut);
	if (status == 0) {
		mark_needed(plan, needed);
		status = add_sections(plan, cut, head, needed);
	}
	free(needed);
	free(others);
	free(head);
	return status;
}

void plait__sections_free(struct plait__sections *cut)
{
	free(cut->section);
	free(cut->of);
	free(cut->group);
	free(cut->stage);
	free(cut->fills);
	free(cut->bucket);
}
