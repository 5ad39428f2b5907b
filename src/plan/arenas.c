/* SPDX-License-Identifier: MIT
 * Placing values: what crosses a section's edge goes into an arena, one for each kind and segment,
 * or shared with another's; the rest into scratch, reused as soon as its last reader is done. */
#include "config.h"
#include "src/loader/feed.h"
#include "src/plan/layout.h"

#include <stdlib.h>

static int add_arena(struct plait__plan *plan, enum plait__arena_kind kind, int shard,
		     const char *name)
{
	struct plait__arena *arena = &plan->arena[plan->arenas];

	arena->kind = kind;
	arena->shard = shard;
	if (kind == PLAIT__RESULT)
		arena->result = plan->results++;
	arena->name = name;
	return plan->arenas++;
}

/* -- what is where before the step --------------------------------------------------- */

size_t plait__slot_offset(const struct plait__slot_layout *slot, const struct plait_node *source)
{
	PLAIT__ASSERT(plait__comes_with_batch(source), "a slot holds what comes with each batch");
	switch (source->source) {
	case PLAIT__SOURCE_LABELS:
		return slot->labels_offset;
	case PLAIT__SOURCE_TARGETS:
		return slot->targets_offset;
	case PLAIT__SOURCE_WEIGHTS:
		return slot->weights_offset;
	case PLAIT__SOURCE_KEY:
		return slot->key_offset;
	default: /* the input is first */
		return 0;
	}
}

static void lay_out_slot(struct plait__layout *p)
{
	const struct plait__slot_layout *slot = p->plan->options.slot;
	const struct plait_graph *graph = p->graph;
	int arena = add_arena(p->plan, PLAIT__SLOT, -1, "slot");

	p->plan->arena[arena].bytes = slot->bytes;
	for (int i = 0; i < graph->nodes; i++)
		if (plait__comes_with_batch(graph->node[i]))
			*plait__layout_location(p, graph->node[i], 0) = (struct plait__location){
				arena, plait__slot_offset(slot, graph->node[i])
			};
}

static void extend(struct plait__arena *arena, size_t begin, size_t end)
{
	if (arena->bytes == 0)
		arena->offset = begin;
	arena->bytes = end - arena->offset;
}

static void lay_out_range(struct plait__layout *p, const struct plait_node *node, int replica,
			  int arena)
{
	size_t begin = p->plan->store->offset[node->id];

	extend(&p->plan->arena[arena], begin, begin + plait__align(plait__node_bytes(node, 1)));
	*plait__layout_location(p, node, replica) =
		(struct plait__location){ arena, begin - p->plan->arena[arena].offset };
}

/* What a range is of: a layer, a parameter or buffer, or a stage. */
static int key_of(const struct plait__layout *p, int i)
{
	const struct plait_node *entry = p->plan->store->entry[i];

	switch (p->plan->options.granularity) {
	case PLAIT_GRANULARITY_OP:
		return i;
	case PLAIT_GRANULARITY_LAYER:
		return p->cut->group[entry->id];
	default:
		return plait__sections_stage(p->cut, p->plan, entry);
	}
}

/* Ranges of the store, in its order, and those of the other replicas in the same order. */
static void lay_out_store(struct plait__layout *p, int replica)
{
	const struct plait__store *store = p->plan->store;
	int values = -1, state = -1, last = -2;

	for (int i = 0; i < store->entries; i++) {
		const struct plait_node *entry = store->entry[i];
		const struct plait_node *update = store->update[entry->id];

		if (key_of(p, i) != last) {
			values = add_arena(p->plan, PLAIT__PARAMETERS, -1, entry->name);
			state = add_arena(p->plan, PLAIT__STATE, -1, entry->name);
			p->plan->arena[values].replica = p->plan->arena[state].replica = replica;
		}
		last = key_of(p, i);
		lay_out_range(p, entry, replica, values);
		for (int j = 2; update && j < update->ninputs; j++)
			if (update->input[j]->source == PLAIT__SOURCE_STATE)
				lay_out_range(p, update->input[j], replica, state);
	}
	if (p->graph->outlier_state && replica == 0)
		lay_out_range(p, p->graph->outlier_state, 0,
			      add_arena(p->plan, PLAIT__STATE, -1, "outliers"));
}

/* -- what the step makes ------------------------------------------------------------- */

static void find_uses(struct plait__layout *p)
{
	for (int i = 0; i < p->cut->sections; i++)
		p->earliest[i] = p->cut->section[i].stage;
	for (int i = 0; i < p->graph->nodes; i++) {
		const struct plait_node *node = p->graph->node[i];
		int stage;

		if (p->cut->of[i] < 0)
			continue;
		stage = p->cut->section[p->cut->of[i]].stage;
		if (p->plan->options.keeps && p->plan->options.keeps[i])
			p->crosses[i] = p->kept[p->cut->of[i]] = true;
		for (int j = 0; j < node->ninputs; j++) {
			int read = plait__resolve(node->input[j], p->plan->options.mode)->id;

			p->last_use[read] = i;
			if (node->phase >= PLAIT_CLIP && p->graph->node[read]->partial &&
			    p->summed_for[read] == 0)
				p->summed_for[read] = i;
			if (p->cut->of[read] == p->cut->of[i])
				continue;
			p->crosses[read] = true;
			p->handed_on[read] |= p->cut->of[read] >= 0 &&
					      p->cut->section[p->cut->of[read]].stage != stage;
			if (p->cut->of[read] >= 0 && stage < p->earliest[p->cut->of[read]])
				p->earliest[p->cut->of[read]] = stage;
		}
	}
}

/* One arena of each kind a segment; `made` remembers it.  What is handed on to another stage has
 * one more: nothing else is to travel with it. */
enum { HANDED_ON = PLAIT__RESULT + 1, KINDS };

static void lay_out_value(struct plait__layout *p, const struct plait_node *node, int shard,
			  int made[])
{
	struct plait__plan *plan = p->plan;
	int owner, *arena_of;
	enum plait__arena_kind kind =
		plait__layout_is_result(p, node) ? PLAIT__RESULT
		: node->partial && (node->phase == PLAIT_BACKWARD || p->summed_for[node->id] > 0)
			? PLAIT__GRADIENTS
			: PLAIT__VALUES;
	struct plait__arena *arena;

	if (kind != PLAIT__RESULT && !p->crosses[node->id]) {
		plait__layout_location(p, node, shard)->arena = PLAIT__IN_SCRATCH;
		return;
	}
	owner = plait__layout_owner(p, node, kind, shard);
	PLAIT__ASSERT(owner <= shard, "memory is shared with a shard that was laid out before");
	if (owner < shard) {
		*plait__layout_location(p, node, shard) = *plait__layout_location(p, node, owner);
		return;
	}
	arena_of = &made[kind == PLAIT__VALUES && p->handed_on[node->id] ? HANDED_ON : kind];
	if (*arena_of < 0)
		*arena_of = add_arena(plan, kind, node->phase >= PLAIT_CLIP ? -1 : shard,
				      p->cut->section[p->cut->of[node->id]].name);
	arena = &plan->arena[*arena_of];
	*plait__layout_location(p, node, shard) =
		(struct plait__location){ *arena_of, arena->bytes };
	if (node == p->graph->loss)
		plan->loss_offset = arena->bytes;
	if (node == p->graph->accuracy)
		plan->accuracy_offset = arena->bytes;
	if (node == p->graph->scored)
		plan->scored_offset = arena->bytes;
	if (node == p->graph->clip) {
		plan->clip_offset = arena->bytes;
		plan->clip_result = arena->result;
	}
	for (int i = 0; i < p->graph->metrics; i++)
		if (node == p->graph->metric[i].node)
			plan->metric_offset[i] = arena->bytes;
	arena->bytes += plait__layout_bytes(p, node);
}

/* Values of a shard, or of the whole batch. */
static void lay_out_part(struct plait__layout *p, int shard, bool whole, int *section, int made[])
{
	for (int i = 0; i < p->graph->nodes; i++) {
		const struct plait_node *node = p->graph->node[i];

		if (p->cut->of[i] < 0 || node->op->updates || (node->phase >= PLAIT_CLIP) != whole)
			continue;
		if (*section != p->cut->of[i])
			for (int k = 0; k < KINDS; k++)
				made[k] = -1;
		*section = p->cut->of[i];
		lay_out_value(p, node, shard, made);
	}
}

/* What is of the whole batch comes last, and so does its result if it has one of its own. */
static void lay_out_values(struct plait__layout *p)
{
	int made[KINDS], section = -1;

	for (int s = 0; s < p->shards; s++) {
		section = -1;
		lay_out_part(p, s, false, &section, made);
	}
	lay_out_part(p, 0, true, &section, made);
}

static int allocate(struct plait__layout *p)
{
	struct plait__plan *plan = p->plan;
	size_t nodes = (size_t)p->graph->nodes, shards = (size_t)p->shards;
	size_t replicas = (size_t)plait__plan_replicas(plan);
	size_t arenas = 1 + 2 * nodes * replicas + 4 * (size_t)plan->segments;
	size_t calls = 2 * nodes * shards;    /* every node on every shard, every gradient's sums */
	size_t operands = 2 * nodes * shards; /* of the sums */

	for (size_t i = 0; i < nodes; i++)
		operands += (size_t)p->graph->node[i]->ninputs * shards;
	p->location = plait__calloc(nodes * shards, sizeof *p->location, "places");
	p->last_use = plait__calloc(nodes, sizeof *p->last_use, "uses");
	p->crosses = plait__calloc(nodes, sizeof *p->crosses, "uses");
	p->handed_on = plait__calloc(nodes, sizeof *p->handed_on, "uses");
	p->summed_for = plait__calloc(nodes, sizeof *p->summed_for, "uses");
	p->held = plait__calloc(nodes, sizeof *p->held, "scratch");
	p->kept = plait__calloc((size_t)p->cut->sections, sizeof *p->kept, "uses");
	p->earliest = plait__calloc((size_t)p->cut->sections, sizeof *p->earliest, "uses");
	p->run = plait__calloc(nodes, sizeof *p->run, "runs of calls");
	p->local = plait__calloc(nodes, sizeof *p->local, "runs of calls");
	p->chunk = plait__calloc(2 * nodes + 1, sizeof *p->chunk, "runs of calls");
	p->gap = plait__calloc(nodes + 1, sizeof *p->gap, "scratch");
	p->last_use_of = plait__calloc(arenas, sizeof *p->last_use_of, "uses");
	plan->arena = plait__calloc(arenas, sizeof *plan->arena, "arenas");
	plan->call = plait__calloc(calls, sizeof *plan->call, "calls");
	plan->operand = plait__calloc(operands, sizeof *plan->operand, "operands");
	plan->use = plait__calloc(operands + calls, sizeof *plan->use, "uses");
	return p->location && p->last_use && p->crosses && p->handed_on && p->summed_for &&
			       p->held && p->kept && p->earliest && p->gap && p->run && p->local &&
			       p->chunk && p->last_use_of && plan->arena && plan->call &&
			       plan->operand && plan->use
		       ? 0
		       : PLAIT_ENOMEM;
}

int plait__plan_lay_out(struct plait__plan *plan, const struct plait__sections *cut)
{
	struct plait__layout p = {
		.plan = plan, .cut = cut, .graph = plan->graph, .shards = plan->options.split.shards
	};
	int status = allocate(&p);

	if (status == 0)
		status = plait__layout_share_gradients(&p);
	if (status == 0) {
		for (int i = 0; i < plan->graph->nodes * p.shards; i++)
			p.location[i].arena = PLAIT__NOWHERE;
		lay_out_slot(&p);
		for (int r = 0; r < plait__plan_replicas(plan); r++)
			lay_out_store(&p, r);
		find_uses(&p);
		plait__layout_find_runs(&p);
		lay_out_values(&p);
		plait__layout_add_calls(&p);
	}
	free(p.location);
	free(p.gradients_of);
	free(p.kept);
	free(p.earliest);
	free(p.last_use);
	free(p.crosses);
	free(p.handed_on);
	free(p.summed_for);
	free(p.held);
	free(p.gap);
	free(p.run);
	free(p.local);
	free(p.chunk);
	free(p.last_use_of);
	return status;
}
