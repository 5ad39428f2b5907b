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
	const struct plait__location *location = plait__layout_location(p, node, shard);
	struct plait__operand operand = { .buffer = PLAIT__IN_SCRATCH, .offset = location->offset };

	PLAIT__ASSERT(location->arena != PLAIT__NOWHERE, "what a call reads or writes has a place");
	if (location->arena == PLAIT__IN_SCRATCH)
		return operand;
	operand.buffer = use_arena(p, segment, location->arena, access);
	if (p->plan->arena[location->arena].kind == PLAIT__SLOT && shard > 0)
		operand.row_bytes = (size_t)plait_node_elements(plait__resolve(node)) *
				    plait_dtype_size(plait__resolve(node)->dtype);
	return operand;
}

static void begin_call(struct plait__plan *plan, struct plait__planned_call *call,
		       const struct plait_op *op, const struct plait_node *node, int inputs)
{
	*call = (struct plait__planned_call){ .op = op,
					      .node = node,
					      .has_out = op->updates == 0,
					      .inputs = inputs,
					      .in = &plan->operand[plan->operands] };
	plan->operands += inputs;
	if (inputs > plan->most_inputs)
		plan->most_inputs = inputs;
}

/* Gradients of the shards, added in a fixed binary tree into that of shard 0. */
static void add_gradient_sum(struct plait__layout *p, struct plait__segment *segment,
			     const struct plait_node *gradient)
{
	for (int stride = 1; stride < p->shards; stride *= 2)
		for (int s = 0; s + stride < p->shards; s += 2 * stride) {
			struct plait__planned_call *call = &p->plan->call[p->plan->calls++];

			begin_call(p->plan, call, &plait__op_add, gradient, 2);
			call->in[0] = operand(p, segment, gradient, s, PLAIT__READ_WRITE);
			call->in[1] = operand(p, segment, gradient, s + stride, PLAIT__READ);
			call->out = call->in[0];
			segment->calls++;
		}
}

static void add_call(struct plait__layout *p, struct plait__segment *segment,
		     const struct plait_node *node)
{
	int shard = segment->shard < 0 ? 0 : segment->shard;
	int64_t rows = plait__shard_rows(&p->plan->options.split, p->plan->options.batch_size,
					 segment->shard);
	struct plait__planned_call *call;
	struct plait_cost cost = { 0 };

	if (node->phase == PLAIT_UPDATE && p->shards > 1)
		add_gradient_sum(p, segment, node->input[1]);
	call = &p->plan->call[p->plan->calls++];
	begin_call(p->plan, call, node->op, node, node->ninputs);
	for (int i = 0; i < node->ninputs; i++)
		call->in[i] = operand(p, segment, node->input[i], shard,
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
	plait__layout_drop_read(p, node, shard, call->has_out);
	segment->calls++;
	if (node->op->cost)
		node->op->cost(node, rows, &cost);
	segment->cost.flops += cost.flops;
	segment->cost.bytes += cost.bytes;
}

/* Segments follow the order of the graph, and the shards of one are side by side, so the nodes
 * of each lie between those of the segment before it and of the one after it. */
void plait__layout_add_calls(struct plait__layout *p)
{
	struct plait__plan *plan = p->plan;
	int begin = 0, end = 0;

	for (int i = 0; i < plan->segments; i++) {
		struct plait__segment *segment = &plan->segment[i];
		int first = i - (segment->shard > 0 ? segment->shard : 0);

		segment->first_call = plan->calls;
		segment->first_use = plan->uses;
		plait__layout_clear_scratch(p);
		if (i == first)
			begin = end;
		for (end = begin; end < p->graph->nodes && p->segment_of[end] <= first; end++)
			if (p->segment_of[end] == first)
				add_call(p, segment, p->graph->node[end]);
		PLAIT__ASSERT(segment->calls > 0, "a segment calls at least one kernel");
		if (segment->scratch_bytes > plan->scratch_bytes)
			plan->scratch_bytes = segment->scratch_bytes;
	}
}
