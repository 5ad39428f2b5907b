/* SPDX-License-Identifier: MIT
 * The calls of each segment, with their operands, and the arenas that it uses. */
#include "config.h"
#include "codelets/ops.h"
#include "src/plan/layout.h"

static int use_arena(struct plait__layout *p, struct plait__segment *segment, int arena,
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

static struct plait__operand operand(struct plait__layout *p, struct plait__segment *segment,
				     const struct plait_node *node, int shard,
				     enum plait__access access)
{
	const struct plait_node *real = plait__resolve(node, p->plan->options.mode);
	int part = plait__is_stored(real) ? segment->replica : shard;
	const struct plait__location *location = plait__layout_location(p, node, part);
	struct plait__operand operand = { .buffer = PLAIT__IN_SCRATCH, .offset = location->offset };

	PLAIT__ASSERT(location->arena != PLAIT__NOWHERE, "what a call reads or writes has a place");
	if (real->batched && !p->local[real->id])
		operand.chunk_bytes = plait__node_bytes(real, 1);
	if (location->arena == PLAIT__IN_SCRATCH)
		return operand;
	operand.buffer = use_arena(p, segment, location->arena, access);
	if (p->plan->arena[location->arena].kind == PLAIT__SLOT && shard > 0 && real->batched)
		operand.row_bytes = plait__node_bytes(real, 1);
	return operand;
}

static void begin_call(struct plait__plan *plan, struct plait__planned_call *call,
		       const struct plait_op *op, const struct plait_node *node, int inputs)
{
	*call = (struct plait__planned_call){ .op = op,
					      .node = node,
					      .has_out = op->updates == 0,
					      .inputs = inputs,
					      .run = 1,
					      .in = &plan->operand[plan->operands] };
	plan->operands += inputs;
	if (inputs > plan->most_inputs)
		plan->most_inputs = inputs;
}

static void add_cost(struct plait__segment *segment, const struct plait_op *op,
		     const struct plait_node *node, int64_t rows)
{
	struct plait_cost cost = { 0 };

	if (op->cost)
		op->cost(node, rows, &cost);
	segment->cost.flops += cost.flops;
	segment->cost.bytes += cost.bytes;
}

/* The most memory that a call wants for itself, in any batch. */
static void add_call_scratch(const struct plait__plan *plan, struct plait__segment *segment,
			     const struct plait_node *node)
{
	int64_t batch = plan->options.batch_size,
		rows = segment->shard < 0 ? batch : plait__shard_most(&plan->options.split, batch);
	size_t gpu = node->op->cuda_scratch ? node->op->cuda_scratch(node, rows) : 0;
	size_t cpu = node->op->cpu_scratch ? node->op->cpu_scratch(node, rows) : 0;

	if (gpu > segment->call_scratch)
		segment->call_scratch = gpu;
	if (cpu > segment->cpu_scratch)
		segment->cpu_scratch = cpu;
}

/* The sums of a gradient's parts that are due when a microbatch is over. */
static void add_sums(struct plait__layout *p, struct plait__segment *segment,
		     const struct plait_node *gradient, int microbatch)
{
	struct plait__sum sum = { 0 };

	while (plait__next_sum(&p->plan->options.split, microbatch, &sum)) {
		struct plait__planned_call *call = &p->plan->call[p->plan->calls++];

		begin_call(p->plan, call, &plait__op_add, gradient, 2);
		call->in[0] = operand(p, segment, gradient, sum.left, PLAIT__READ_WRITE);
		call->in[1] = operand(p, segment, gradient, sum.right, PLAIT__READ);
		call->out = call->in[0];
		segment->calls++;
		add_cost(segment, &plait__op_add, gradient, 1);
	}
}

/* The sums that node, which is of the whole batch, is the first to read. */
static void add_read_sums(struct plait__layout *p, struct plait__segment *segment,
			  const struct plait_node *node)
{
	int last = plait__split_microbatches(&p->plan->options.split) - 1;

	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *read = plait__resolve(node->input[i], PLAIT__TRAIN);

		if (p->summed_for[read->id] == node->id)
			add_sums(p, segment, read, last);
	}
}

/* Which shard's part of an input a node reads. The whole batch begins where the first one does. */
static int part_read(const struct plait_node *node, const struct plait_node *input, int shard)
{
	return node->op->whole && input->source != PLAIT__SOURCE_NONE ? 0 : shard;
}

/* Whether the next node of its section is in the same run. */
static bool run_goes_on(const struct plait__layout *p, const struct plait_node *node)
{
	int next = node->id + 1;

	while (next < p->graph->nodes && p->cut->of[next] != p->cut->of[node->id])
		next++;
	return next < p->graph->nodes && p->run[next] == p->run[node->id];
}

/* Lets the last call of the segment be one more of the run that is there. */
static void join_run(const struct plait__layout *p, const struct plait__segment *segment,
		     struct plait__planned_call *call)
{
	struct plait__planned_call *head = call - 1;

	if (segment->calls == 0 || head->op != head->node->op ||
	    p->run[head->node->id] != p->run[call->node->id])
		return;
	while (head->run == 0)
		head--;
	head->run++;
	call->run = 0;
}

static void add_call(struct plait__layout *p, struct plait__segment *segment,
		     const struct plait_node *node)
{
	int shard = segment->shard < 0 ? 0 : segment->shard;
	int64_t rows = plait__shard_rows(&p->plan->options.split, p->plan->options.batch_size,
					 segment->shard);
	struct plait__planned_call *call;

	/* Else the section before has made it. */
	if (node->phase == PLAIT_CLIP || plait__plan_replicas(p->plan) == 1)
		add_read_sums(p, segment, node);
	call = &p->plan->call[p->plan->calls++];
	begin_call(p->plan, call, node->op, node, node->ninputs);
	for (int i = 0; i < node->ninputs; i++)
		call->in[i] =
			operand(p, segment, node->input[i], part_read(node, node->input[i], shard),
				node->op->updates >> i & 1 ? PLAIT__READ_WRITE : PLAIT__READ);
	if (call->has_out) {
		if (plait__layout_in_scratch(p, node, shard))
			plait__layout_take_scratch(p, node, shard);
		call->out = operand(p, segment, node, shard, PLAIT__WRITE);
	}
	if (plait__layout_scratch_end(p) > segment->scratch_bytes)
		segment->scratch_bytes = plait__layout_scratch_end(p);
	PLAIT__ASSERT(call->has_out || segment->shard < 0 || p->shards == 1,
		      "updates see the gradient of the whole batch");
	plait__layout_drop_read(p, node, shard, call->has_out, run_goes_on(p, node));
	call->chunk = p->chunk[p->run[node->id]];
	join_run(p, segment, call);
	segment->calls++;
	add_cost(segment, node->op, node, rows);
	add_call_scratch(p->plan, segment, node);
}

/* The last shard of a microbatch adds up what the microbatches so far allow; what is due after the
 * last one is done before the update. */
static void add_microbatch_sums(struct plait__layout *p, struct plait__segment *segment)
{
	const struct plait__split *split = &p->plan->options.split;
	const struct plait__section *section = &p->cut->section[segment->section];
	int beside = plait__split_beside(split), microbatch = segment->shard / beside;

	if (segment->shard < 0 || (segment->shard + 1) % beside != 0 ||
	    microbatch == plait__split_microbatches(split) - 1)
		return;
	for (int i = section->first; i < section->end; i++)
		if (p->cut->of[i] == segment->section && p->summed_for[i] > 0)
			add_sums(p, segment, p->graph->node[i], microbatch);
}

void plait__layout_add_calls(struct plait__layout *p)
{
	struct plait__plan *plan = p->plan;

	for (int i = 0; i < plan->segments; i++) {
		struct plait__segment *segment = &plan->segment[i];
		const struct plait__section *section = &p->cut->section[segment->section];
		size_t bytes;

		segment->first_call = plan->calls;
		segment->first_use = plan->uses;
		plait__layout_clear_scratch(p);
		for (int n = section->first; n < section->end; n++)
			if (p->cut->of[n] == segment->section)
				add_call(p, segment, p->graph->node[n]);
			else if (section->sums && p->graph->node[n]->phase == PLAIT_UPDATE)
				add_read_sums(p, segment, p->graph->node[n]);
		add_microbatch_sums(p, segment);
		PLAIT__ASSERT(segment->calls > 0, "a segment calls at least one kernel");
		bytes = plait__align(segment->scratch_bytes) + segment->cpu_scratch;
		if (bytes > plan->scratch_bytes)
			plan->scratch_bytes = bytes;
	}
}
