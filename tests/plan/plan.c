/* SPDX-License-Identifier: MIT
 * What a plan puts where, followed call by call: memory is a list of which value lies at which
 * bytes.  A value that is read must be there, whole, of the right part of the batch; so a slip in
 * offsets, in the reuse of scratch or in the order of segments shows as a wrong or missing value.
 */
#include "config.h"
#include "codelets/ops.h"
#include "tests/plan/plans.h"

/* A value in memory.  parts: bit s = the sum over shard s is in it. */
struct content {
	int arena; /* or PLAIT__IN_SCRATCH */
	size_t begin, end;
	const struct plait_node *node;
	uint64_t parts;
};

enum { WHOLE = -1 }; /* of sources: all parts */

struct memory {
	const struct plait__plan *plan;
	struct content *content;
	int contents;
	int faults;
	char fault[200]; /* the first */
};

static void fault(struct memory *m, const struct plait__segment *segment, const char *what,
		  const struct plait_node *node)
{
	if (m->faults++ == 0)
		snprintf(m->fault, sizeof m->fault, "%s: %s (node %d, %s)",
			 segment ? segment->name : "step", what, node ? node->id : -1,
			 node ? node->op->name : "");
}

static size_t bytes_of(const struct plait__plan *plan, const struct plait_node *node, int shard)
{
	int64_t rows = plait__shard_rows(&plan->options.split, plan->options.batch_size, shard);

	return (size_t)(plait_node_elements(node) * (node->batched ? rows : 1)) * sizeof(float);
}

/* Of what is at an operand: a value that only its run of calls reads has memory for a chunk. */
static size_t there(const struct plait__plan *plan, const struct plait__segment *segment,
		    const struct plait__planned_call *call, const struct plait__operand *operand,
		    const struct plait_node *node)
{
	size_t bytes = bytes_of(plan, node, segment->shard),
	       chunk = plait__node_bytes(node, call->chunk);
	bool local =
		operand->buffer == PLAIT__IN_SCRATCH && node->batched && operand->chunk_bytes == 0;

	return local && chunk < bytes ? chunk : bytes;
}

static void put(struct memory *m, int arena, size_t begin, size_t bytes,
		const struct plait_node *node, uint64_t parts)
{
	int kept = 0;

	for (int i = 0; i < m->contents; i++) {
		struct content *c = &m->content[i];

		if (c->arena != arena || c->end <= begin || begin + bytes <= c->begin)
			m->content[kept++] = *c;
	}
	m->content[kept++] = (struct content){ arena, begin, begin + bytes, node, parts };
	m->contents = kept;
}

static const struct content *at(const struct memory *m, int arena, size_t begin)
{
	for (int i = 0; i < m->contents; i++)
		if (m->content[i].arena == arena && m->content[i].begin == begin)
			return &m->content[i];
	return NULL;
}

/* -- before the step ----------------------------------------------------------------- */

static void put_range(struct memory *m, enum plait__arena_kind kind, const struct plait_node *node)
{
	const struct plait__plan *plan = m->plan;
	size_t offset = plan->store->offset[node->id];

	for (int i = 0; i < plan->arenas; i++) {
		const struct plait__arena *arena = &plan->arena[i];

		if (arena->kind == kind && arena->offset <= offset &&
		    offset < arena->offset + arena->bytes)
			put(m, i, offset - arena->offset, bytes_of(plan, node, WHOLE), node,
			    UINT64_MAX);
	}
}

static void put_sources(struct memory *m, const struct plait__slot_layout *slot)
{
	const struct plait_graph *graph = m->plan->graph;
	int slot_arena = 0;

	while (m->plan->arena[slot_arena].kind != PLAIT__SLOT)
		slot_arena++;
	put(m, slot_arena, 0, bytes_of(m->plan, graph->input[0], WHOLE), graph->input[0],
	    UINT64_MAX);
	if (graph->labels)
		put(m, slot_arena, slot->labels_offset, bytes_of(m->plan, graph->labels, WHOLE),
		    graph->labels, UINT64_MAX);
	if (graph->targets)
		put(m, slot_arena, slot->targets_offset, bytes_of(m->plan, graph->targets, WHOLE),
		    graph->targets, UINT64_MAX);
	if (graph->batch_key)
		put(m, slot_arena, slot->key_offset, bytes_of(m->plan, graph->batch_key, WHOLE),
		    graph->batch_key, UINT64_MAX);
	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];

		if (node->phase != PLAIT_SOURCE || plait__comes_with_batch(node))
			continue;
		put_range(m, plait__is_entry(node) ? PLAIT__PARAMETERS : PLAIT__STATE, node);
	}
}

/* -- a call -------------------------------------------------------------------------- */

static int arena_of(const struct memory *m, const struct plait__segment *segment,
		    const struct plait__operand *operand)
{
	if (operand->buffer == PLAIT__IN_SCRATCH)
		return PLAIT__IN_SCRATCH;
	return m->plan->use[segment->first_use + operand->buffer].arena;
}

/* Whether operand is all of node for this shard, or for the whole batch. */
static void must_hold(struct memory *m, const struct plait__segment *segment,
		      const struct plait__planned_call *call, const struct plait__operand *operand,
		      const struct plait_node *node, uint64_t parts, bool whole)
{
	const struct plait_node *real = plait__resolve(node, m->plan->options.mode);
	const struct content *c = at(m, arena_of(m, segment, operand), operand->offset);
	bool slot = c && c->arena >= 0 && m->plan->arena[c->arena].kind == PLAIT__SLOT;
	int shard = slot && whole ? -1 : segment->shard;

	if (!c || c->node != real)
		fault(m, segment, "reads what is not there", node);
	else if (real->phase != PLAIT_SOURCE && c->parts != parts)
		fault(m, segment, "reads another part", node);
	else if (c->end - c->begin < (shard < segment->shard
					      ? bytes_of(m->plan, node, shard)
					      : there(m->plan, segment, call, operand, real)))
		fault(m, segment, "reads beyond the value", node);
	if (slot && shard > 0 && real->batched &&
	    operand->row_bytes != (size_t)plait_node_elements(node) * sizeof(float))
		fault(m, segment, "takes the wrong rows of the batch", node);
	if ((!slot || shard < 0 || !real->batched) && operand->row_bytes != 0)
		fault(m, segment, "skips rows", node);
}

static void must_fit(struct memory *m, const struct plait__segment *segment,
		     const struct plait__planned_call *call, const struct plait__operand *operand,
		     const struct plait_node *node)
{
	int arena = arena_of(m, segment, operand);
	size_t end = operand->offset + there(m->plan, segment, call, operand, node);

	if (operand->offset % PLAIT__ALIGN != 0)
		fault(m, segment, "is not aligned", node);
	if (end > (arena < 0 ? segment->scratch_bytes : m->plan->arena[arena].bytes))
		fault(m, segment, "is too large for its place", node);
	if (segment->scratch_bytes > m->plan->scratch_bytes)
		fault(m, segment, "needs more scratch than the plan", node);
}

/* Adding one shard's sum to another's. */
static void follow_sum(struct memory *m, const struct plait__segment *segment,
		       const struct plait__planned_call *call)
{
	const struct content *a = at(m, arena_of(m, segment, &call->in[0]), call->in[0].offset);
	const struct content *b = at(m, arena_of(m, segment, &call->in[1]), call->in[1].offset);

	if (!a || !b || a->node != call->node || b->node != call->node ||
	    (a->parts & b->parts) != 0)
		fault(m, segment, "adds what is not two parts of a gradient", call->node);
	else if (a != at(m, arena_of(m, segment, &call->out), call->out.offset))
		fault(m, segment, "does not add in place", call->node);
	else
		put(m, a->arena, a->begin, a->end - a->begin, a->node, a->parts | b->parts);
}

static bool overlaps(const struct memory *m, const struct plait__segment *segment,
		     const struct plait__operand *a, size_t a_bytes, const struct plait__operand *b,
		     size_t b_bytes)
{
	return arena_of(m, segment, a) == arena_of(m, segment, b) &&
	       a->offset < b->offset + b_bytes && b->offset < a->offset + a_bytes;
}

static void follow(struct memory *m, const struct plait__segment *segment,
		   const struct plait__planned_call *call)
{
	const struct plait_node *node = call->node;
	uint64_t all = (UINT64_C(1) << m->plan->options.split.shards) - 1;
	uint64_t parts = segment->shard < 0 ? all : UINT64_C(1) << segment->shard;

	if (call->op != node->op) {
		follow_sum(m, segment, call);
		return;
	}
	if (call->inputs != node->ninputs || call->has_out != (node->op->updates == 0))
		fault(m, segment, "is called with the wrong operands", node);
	for (int i = 0; i < node->ninputs; i++)
		must_hold(m, segment, call, &call->in[i], node->input[i], parts, node->op->whole);
	if (!call->has_out)
		return;
	must_fit(m, segment, call, &call->out, node);
	for (int i = 0; i < node->ninputs; i++)
		if (overlaps(m, segment, &call->in[i],
			     there(m->plan, segment, call, &call->in[i],
				   plait__resolve(node->input[i], m->plan->options.mode)),
			     &call->out, there(m->plan, segment, call, &call->out, node)))
			fault(m, segment, "writes over its own input", node);
	put(m, arena_of(m, segment, &call->out), call->out.offset,
	    there(m->plan, segment, call, &call->out, node), node, parts);
}

/* -- after the step ------------------------------------------------------------------ */

static void must_result(struct memory *m, int shard, size_t offset, const struct plait_node *node)
{
	int arena = 0;

	while (m->plan->arena[arena].kind != PLAIT__RESULT || m->plan->arena[arena].result != shard)
		if (++arena == m->plan->arenas)
			break;
	const struct content *c = arena < m->plan->arenas ? at(m, arena, offset) : NULL;

	if (!c || c->node != node || c->parts != UINT64_C(1) << shard)
		fault(m, NULL, "the result is not there", node);
}

static void check_results(struct memory *m)
{
	const struct plait_graph *graph = m->plan->graph;

	if (m->plan->results != m->plan->options.split.shards)
		fault(m, NULL, "there is not one result a shard", NULL);
	for (int s = 0; s < m->plan->options.split.shards; s++) {
		if (m->plan->options.mode == PLAIT__PREDICT) {
			must_result(m, s, 0, plait__resolve(graph->output, PLAIT__PREDICT));
			continue;
		}
		must_result(m, s, m->plan->loss_offset, graph->loss);
		if (graph->accuracy)
			must_result(m, s, m->plan->accuracy_offset, graph->accuracy);
	}
}

/* Every node runs once for each shard, or not at all; all updates run in training. */
static void check_counts(struct memory *m)
{
	const struct plait__plan *plan = m->plan;
	int *count = calloc((size_t)plan->graph->nodes, sizeof *count), updates = 0, sums = 0,
	    wanted = 0;

	for (int i = 0; i < plan->calls; i++) {
		count[plan->call[i].node->id] += plan->call[i].op == plan->call[i].node->op;
		sums += plan->call[i].op != plan->call[i].node->op;
	}
	for (int i = 0; i < plan->graph->nodes; i++) {
		const struct plait_node *node = plan->graph->node[i];
		bool update = node->phase == PLAIT_UPDATE;

		updates += update && count[i] == plait__plan_replicas(plan);
		wanted += update && plan->options.mode == PLAIT__TRAIN;
		if (count[i] != 0 &&
		    count[i] != (update ? plait__plan_replicas(plan) : plan->options.split.shards))
			fault(m, NULL, "does not run once a shard, or an update once a replica",
			      node);
		if (count[i] != 0 && !plait__node_runs(node, plan->options.mode))
			fault(m, NULL, "runs, though there is nothing to run", node);
	}
	if (updates != wanted)
		fault(m, NULL, "not every parameter of every replica is updated once", NULL);
	if (sums != updates * (plan->options.split.shards - 1))
		fault(m, NULL, "gradients are not summed in as few additions as can be", NULL);
	free(count);
}

static void check(const struct subject *subject, const struct plait__plan *plan, const char *name)
{
	struct memory m = { .plan = plan };

	m.content = calloc((size_t)(plan->graph->nodes * (plan->options.split.shards + 1)),
			   sizeof *m.content);
	put_sources(&m, &subject->loader.layout);
	for (int i = 0; i < plan->segments; i++) {
		const struct plait__segment *segment = &plan->segment[i];
		int kept = 0;

		for (int j = 0; j < m.contents; j++) /* scratch is another worker's now */
			if (m.content[j].arena != PLAIT__IN_SCRATCH)
				m.content[kept++] = m.content[j];
		m.contents = kept;
		for (int j = 0; j < segment->calls; j++)
			follow(&m, segment, &plan->call[segment->first_call + j]);
	}
	check_results(&m);
	check_counts(&m);
	is_int(m.faults, 0, "%s: every value is where it is read%s%s", name, m.faults ? ": " : "",
	       m.fault);
	free(m.content);
}

/* -- stand-ins ----------------------------------------------------------------------- */

static int calls_of(const struct plait__plan *plan, const struct plait_op *op)
{
	int n = 0;

	for (int i = 0; i < plan->calls; i++)
		n += plan->call[i].op == op;
	return n;
}

/* What is called of a network with two batchnorms: as many convolutions, convolutions with a
 * batchnorm, batchnorms and statistics. */
static void test_calls(const struct subject *s, enum plait__mode mode, const bool *keeps,
		       const int expected[4], const char *what)
{
	static const struct plait_op *const op[] = { &plait__op_conv, &plait__op_conv_batchnorm,
						     &plait__op_batchnorm,
						     &plait__op_batchnorm_stats };
	struct plait__plan_options options = { .mode = mode,
					       .granularity = PLAIT_GRANULARITY_LAYER,
					       .split = { .shards = 1 },
					       .batch_size = PLANS_BATCH,
					       .slot = &s->loader.layout,
					       .keeps = keeps };
	struct plait__plan *plan = NULL;

	if (plait__plan_create(&plan, s->net, &s->trainer->store, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < 4; i++)
		is_int(calls_of(plan, op[i]), expected[i], "%s: calls of %s", what, op[i]->name);
	plait__plan_destroy(plan);
}

static void test_stand_ins(void)
{
	struct subject s;
	bool keeps[200] = { false };
	int i = 0;

	while (strcmp(subject_case[i].name, "batchnorms") != 0)
		i++;
	s = subject_make(i);
	test_calls(&s, PLAIT__TRAIN, NULL, (int[]){ 2, 0, 2, 2 }, "training");
	test_calls(&s, PLAIT__EVALUATE, NULL, (int[]){ 0, 2, 0, 0 }, "evaluation");
	test_calls(&s, PLAIT__PREDICT, NULL, (int[]){ 0, 2, 0, 0 }, "prediction");
	for (i = 0; s.net->node[i]->op != &plait__op_conv; i++)
		;
	keeps[i] = true;
	test_calls(&s, PLAIT__EVALUATE, keeps, (int[]){ 1, 2, 0, 0 },
		   "evaluation that keeps the convolution's value");
	subject_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for_all_plans(check);
	test_stand_ins();
	plait_stop();
	return tap_done();
}
