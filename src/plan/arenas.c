/* SPDX-License-Identifier: MIT
 * Placing values: what crosses a segment's edge goes into an arena, one for each segment and
 * kind; what does not goes into scratch, reused as soon as its last reader is done. */
#include "config.h"
#include "codelets/ops.h"
#include "src/loader/feed.h"
#include "src/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct location {
	int arena; /* or PLAIT__IN_SCRATCH, or NOWHERE */
	size_t offset;
};
#define NOWHERE (-2)

/* Free bytes of scratch.  The last gap has no end. */
struct gap {
	size_t begin, end;
};

struct layout {
	struct plait__plan *plan;
	const int *segment_of;
	const struct plait_graph *graph;
	int shards;
	struct location *location; /* [node][shard] */
	int *last_use;             /* by node: id of the last needed node that reads it */
	bool *crosses;
	struct gap *gap; /* of the segment's scratch, by offset */
	int gaps;
	int *last_use_of; /* by arena: position in plan->use and one more, of the last use */
};

static struct location *location_of(struct layout *p, const struct plait_node *node, int shard)
{
	const struct plait_node *real = plait__resolve(node);
	bool per_shard = real->phase != PLAIT__SOURCE && real->phase != PLAIT__UPDATE;

	return &p->location[real->id * p->shards + (per_shard && shard > 0 ? shard : 0)];
}

static size_t value_bytes(const struct layout *p, const struct plait_node *node)
{
	int64_t rows = (p->plan->options.batch_size + p->shards - 1) / p->shards;

	return plait__align((size_t)(plait__node_elements(node) * (node->batched ? rows : 1)) *
			    sizeof(float));
}

static int add_arena(struct plait__plan *plan, enum plait__arena_kind kind, int shard,
		     const char *name)
{
	struct plait__arena *arena = &plan->arena[plan->arenas];

	arena->kind = kind;
	arena->shard = shard;
	if (kind == PLAIT__RESULT)
		arena->result = plan->results++;
	snprintf(arena->name, sizeof arena->name, "%s", name);
	return plan->arenas++;
}

/* -- what is where before the step --------------------------------------------------- */

static void lay_out_slot(struct layout *p)
{
	const struct plait__slot_layout *slot = p->plan->options.slot;
	const struct plait_graph *graph = p->graph;
	int arena = add_arena(p->plan, PLAIT__SLOT, -1, "slot");

	p->plan->arena[arena].bytes = slot->bytes;
	if (graph->input)
		*location_of(p, graph->input, 0) = (struct location){ arena, 0 };
	if (graph->labels)
		*location_of(p, graph->labels, 0) = (struct location){ arena, slot->labels_offset };
	if (graph->targets)
		*location_of(p, graph->targets, 0) =
			(struct location){ arena, slot->targets_offset };
	if (graph->weights)
		*location_of(p, graph->weights, 0) =
			(struct location){ arena, slot->weights_offset };
}

static void extend(struct plait__arena *arena, size_t begin, size_t end)
{
	if (arena->bytes == 0)
		arena->offset = begin;
	arena->bytes = end - arena->offset;
}

static void lay_out_range(struct layout *p, const struct plait_node *node, int arena)
{
	size_t begin = p->plan->store->offset[node->id];

	extend(&p->plan->arena[arena], begin,
	       begin + plait__align((size_t)plait__node_elements(node) * sizeof(float)));
	*location_of(p, node, 0) = (struct location){ arena, begin - p->plan->arena[arena].offset };
}

/* Ranges of the store: a range for each layer (each parameter, the whole), in its order. */
static void lay_out_store(struct layout *p, const int *group)
{
	const struct plait__store *store = p->plan->store;
	enum plait_granularity grain = p->plan->options.granularity;
	int values = -1, state = -1, last = -2;

	for (int i = 0; i < store->parameters; i++) {
		const struct plait_node *parameter = store->parameter[i];
		const struct plait_node *update = store->update[parameter->id];
		int key = grain == PLAIT_GRANULARITY_OP      ? i
			  : grain == PLAIT_GRANULARITY_LAYER ? group[parameter->id]
							     : 0;

		if (key != last) {
			values = add_arena(p->plan, PLAIT__PARAMETERS, -1, parameter->name);
			state = add_arena(p->plan, PLAIT__STATE, -1, parameter->name);
		}
		last = key;
		lay_out_range(p, parameter, values);
		for (int j = 2; update && j < update->ninputs; j++)
			lay_out_range(p, update->input[j], state);
	}
}

/* -- what the step makes ------------------------------------------------------------- */

static void find_uses(struct layout *p)
{
	for (int i = 0; i < p->graph->nodes; i++) {
		const struct plait_node *node = p->graph->node[i];

		if (p->segment_of[i] < 0)
			continue;
		for (int j = 0; j < node->ninputs; j++) {
			int read = plait__resolve(node->input[j])->id;

			p->last_use[read] = i;
			if (p->segment_of[read] != p->segment_of[i])
				p->crosses[read] = true;
		}
	}
}

static bool is_result(const struct layout *p, const struct plait_node *node)
{
	if (p->plan->options.mode == PLAIT__PREDICT)
		return node == plait__resolve(p->graph->output);
	return node == p->graph->loss || node == p->graph->accuracy;
}

/* One arena of each kind a segment's instance; `made` remembers it. */
static void lay_out_value(struct layout *p, const struct plait_node *node, int shard, int made[])
{
	struct plait__plan *plan = p->plan;
	enum plait__arena_kind kind = is_result(p, node) ? PLAIT__RESULT
				      : node->partial && node->phase == PLAIT__BACKWARD
					      ? PLAIT__GRADIENTS
					      : PLAIT__VALUES;
	struct plait__arena *arena;

	if (kind != PLAIT__RESULT && !p->crosses[node->id]) {
		location_of(p, node, shard)->arena = PLAIT__IN_SCRATCH;
		return;
	}
	if (made[kind] < 0)
		made[kind] =
			add_arena(plan, kind, shard, plan->segment[p->segment_of[node->id]].name);
	arena = &plan->arena[made[kind]];
	*location_of(p, node, shard) = (struct location){ made[kind], arena->bytes };
	if (node == p->graph->loss)
		plan->loss_offset = arena->bytes;
	if (node == p->graph->accuracy)
		plan->accuracy_offset = arena->bytes;
	arena->bytes += value_bytes(p, node);
}

static void lay_out_values(struct layout *p)
{
	int made[PLAIT__RESULT + 1];

	for (int s = 0; s < p->shards; s++) {
		int segment = -1;

		for (int i = 0; i < p->graph->nodes; i++) {
			const struct plait_node *node = p->graph->node[i];

			if (p->segment_of[i] < 0 || node->phase == PLAIT__UPDATE)
				continue;
			if (segment != p->segment_of[i])
				for (int k = 0; k <= PLAIT__RESULT; k++)
					made[k] = -1;
			segment = p->segment_of[i];
			lay_out_value(p, node, s, made);
		}
	}
}

/* -- scratch ------------------------------------------------------------------------- */

static bool in_scratch(struct layout *p, const struct plait_node *node, int shard)
{
	return location_of(p, node, shard)->arena == PLAIT__IN_SCRATCH;
}

static void clear_scratch(struct layout *p)
{
	p->gap[0] = (struct gap){ 0, SIZE_MAX };
	p->gaps = 1;
}

static size_t scratch_end(const struct layout *p)
{
	return p->gap[p->gaps - 1].begin;
}

/* The first gap that is large enough. */
static void take_scratch(struct layout *p, const struct plait_node *node, int shard)
{
	size_t bytes = value_bytes(p, node);
	struct gap *gap = p->gap;

	while (gap->end - gap->begin < bytes)
		gap++;
	location_of(p, node, shard)->offset = gap->begin;
	gap->begin += bytes;
	if (gap->begin == gap->end) {
		p->gaps--;
		memmove(gap, gap + 1, (size_t)(p->gap + p->gaps - gap) * sizeof *gap);
	}
}

static void drop_scratch(struct layout *p, const struct plait_node *node, int shard)
{
	size_t begin = location_of(p, node, shard)->offset, end = begin + value_bytes(p, node);
	int low = 0, high = p->gaps - 1; /* the first gap after the value: the last, at most */

	while (low < high) {
		int middle = (low + high) / 2;

		if (p->gap[middle].begin < end)
			low = middle + 1;
		else
			high = middle;
	}
	struct gap *after = &p->gap[low];
	bool joins_before = low > 0 && after[-1].end == begin, joins_after = after->begin == end;

	if (joins_before && joins_after)
		after[-1].end = after->end;
	else if (joins_before)
		after[-1].end = end;
	else if (joins_after)
		after->begin = begin;
	if (joins_before != joins_after)
		return;
	/* One gap less, or one more. */
	memmove(after + !joins_before, after + joins_before,
		(size_t)(p->gaps - low - joins_before) * sizeof *after);
	p->gaps += joins_before ? -1 : 1;
	if (!joins_before)
		*after = (struct gap){ begin, end };
}

/* Frees what nobody reads after this node: inputs of its own, or its value. */
static void drop_read(struct layout *p, const struct plait_node *node, int shard, bool has_out)
{
	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *read = plait__resolve(node->input[i]);
		bool again = false;

		for (int j = 0; j < i; j++)
			again |= plait__resolve(node->input[j]) == read;
		if (!again && p->last_use[read->id] == node->id && in_scratch(p, read, shard))
			drop_scratch(p, read, shard);
	}
	if (has_out && p->last_use[node->id] <= node->id && in_scratch(p, node, shard))
		drop_scratch(p, node, shard);
}

/* -- calls --------------------------------------------------------------------------- */

static int use_arena(struct layout *p, struct plait__segment *segment, int arena,
		     enum plait__access access)
{
	struct plait__plan *plan = p->plan;
	int *last = &p->last_use_of[arena];

	if (*last > segment->first_use) { /* it is the segment's own */
		struct plait__use *use = &plan->use[*last - 1];

		/* What the segment itself has written stays write-only for everybody else. */
		if (use->access == PLAIT__READ)
			use->access |= access;
	} else {
		plan->use[plan->uses++] = (struct plait__use){ .arena = arena, .access = access };
		segment->uses++;
		*last = plan->uses;
	}
	return *last - 1 - segment->first_use;
}

static struct plait__operand operand(struct layout *p, struct plait__segment *segment,
				     const struct plait_node *node, int shard,
				     enum plait__access access)
{
	const struct location *location = location_of(p, node, shard);
	struct plait__operand operand = { .buffer = PLAIT__IN_SCRATCH, .offset = location->offset };

	if (location->arena == PLAIT__IN_SCRATCH)
		return operand;
	operand.buffer = use_arena(p, segment, location->arena, access);
	if (p->plan->arena[location->arena].kind == PLAIT__SLOT && shard > 0)
		operand.row_bytes = (size_t)plait__node_elements(plait__resolve(node)) *
				    plait_dtype_size(plait__resolve(node)->dtype);
	return operand;
}

/* Gradients of the shards, added in a fixed binary tree into that of shard 0. */
static void add_gradient_sum(struct layout *p, struct plait__segment *segment,
			     const struct plait_node *gradient)
{
	for (int stride = 1; stride < p->shards; stride *= 2)
		for (int s = 0; s + stride < p->shards; s += 2 * stride) {
			struct plait__step_call *call = &p->plan->call[p->plan->calls++];

			*call = (struct plait__step_call){
				.op = &plait__op_add, .node = gradient, .has_out = true, .inputs = 2
			};
			call->in[0] = operand(p, segment, gradient, s, PLAIT__READ_WRITE);
			call->in[1] = operand(p, segment, gradient, s + stride, PLAIT__READ);
			call->out = call->in[0];
			segment->calls++;
		}
}

static void add_call(struct layout *p, struct plait__segment *segment,
		     const struct plait_node *node)
{
	int shard = segment->shard < 0 ? 0 : segment->shard;
	struct plait__step_call *call;
	struct plait__cost cost = { 0 };

	if (node->phase == PLAIT__UPDATE && p->shards > 1)
		add_gradient_sum(p, segment, node->input[1]);
	call = &p->plan->call[p->plan->calls++];
	*call = (struct plait__step_call){ .op = node->op,
					   .node = node,
					   .has_out = node->op->updates == 0,
					   .inputs = node->ninputs };
	for (int i = 0; i < node->ninputs; i++)
		call->in[i] = operand(p, segment, node->input[i], shard,
				      node->op->updates >> i & 1 ? PLAIT__READ_WRITE : PLAIT__READ);
	if (call->has_out) {
		if (in_scratch(p, node, shard))
			take_scratch(p, node, shard);
		call->out = operand(p, segment, node, shard, PLAIT__WRITE);
	}
	if (scratch_end(p) > segment->scratch_bytes)
		segment->scratch_bytes = scratch_end(p);
	drop_read(p, node, shard, call->has_out);
	segment->calls++;
	if (node->op->cost)
		node->op->cost(
			node,
			plait__shard_rows(p->plan->options.batch_size, segment->shard, p->shards),
			&cost);
	segment->cost.flops += cost.flops;
	segment->cost.bytes += cost.bytes;
}

/* Segments follow the order of the graph, and the shards of one are side by side, so the nodes
 * of each lie between those of the segment before it and of the one after it. */
static void add_calls(struct layout *p)
{
	struct plait__plan *plan = p->plan;
	int begin = 0, end = 0;

	for (int i = 0; i < plan->segments; i++) {
		struct plait__segment *segment = &plan->segment[i];
		int first = i - (segment->shard > 0 ? segment->shard : 0);

		segment->first_call = plan->calls;
		segment->first_use = plan->uses;
		clear_scratch(p);
		if (i == first)
			begin = end;
		for (end = begin; end < p->graph->nodes && p->segment_of[end] <= first; end++)
			if (p->segment_of[end] == first)
				add_call(p, segment, p->graph->node[end]);
		if (segment->scratch_bytes > plan->scratch_bytes)
			plan->scratch_bytes = segment->scratch_bytes;
	}
}

static int allocate(struct layout *p)
{
	struct plait__plan *plan = p->plan;
	size_t nodes = (size_t)p->graph->nodes, shards = (size_t)p->shards;
	size_t arenas = 1 + 2 * nodes + 3 * (size_t)plan->segments;
	size_t calls = 2 * nodes * shards; /* every node on every shard, every gradient's sums */

	p->location = plait__calloc(nodes * shards, sizeof *p->location, "places");
	p->last_use = plait__calloc(nodes, sizeof *p->last_use, "uses");
	p->crosses = plait__calloc(nodes, sizeof *p->crosses, "uses");
	p->gap = plait__calloc(nodes + 1, sizeof *p->gap, "scratch");
	p->last_use_of = plait__calloc(arenas, sizeof *p->last_use_of, "uses");
	plan->arena = plait__calloc(arenas, sizeof *plan->arena, "arenas");
	plan->call = plait__calloc(calls, sizeof *plan->call, "calls");
	plan->use = plait__calloc(calls * (PLAIT__MAX_INPUTS + 1), sizeof *plan->use, "uses");
	return p->location && p->last_use && p->crosses && p->gap && p->last_use_of &&
			       plan->arena && plan->call && plan->use
		       ? 0
		       : PLAIT_ENOMEM;
}

int plait__plan_lay_out(struct plait__plan *plan, const int *segment_of)
{
	struct layout p = { .plan = plan,
			    .segment_of = segment_of,
			    .graph = plan->graph,
			    .shards = plan->options.shards };
	int *group = plait__calloc((size_t)plan->graph->nodes, sizeof *group, "layer groups");
	int status = group ? allocate(&p) : PLAIT_ENOMEM;

	if (status == 0)
		status = plait__plan_groups(plan->graph, group);
	if (status == 0) {
		for (int i = 0; i < plan->graph->nodes * p.shards; i++)
			p.location[i].arena = NOWHERE;
		lay_out_slot(&p);
		lay_out_store(&p, group);
		find_uses(&p);
		lay_out_values(&p);
		add_calls(&p);
	}
	free(group);
	free(p.location);
	free(p.last_use);
	free(p.crosses);
	free(p.gap);
	free(p.last_use_of);
	return status;
}
