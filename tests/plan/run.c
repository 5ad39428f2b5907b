/* SPDX-License-Identifier: MIT
 * A plan's calls, executed here on the host without StarPU: all memory that a task makes, and all
 * scratch before each task, is NaN first, so that a value nobody wrote shows in the parameters.
 * With one shard the outcome must be that of the graph's nodes executed one by one, bit for bit. */
#include "config.h"
#include "src/gradient/optimizer.h"
#include "tests/plan/plans.h"

#define MOST_INPUTS 8 /* of an op */

enum { STEPS = 4 };

/* Rows of the steps: a full batch, one with fewer samples than shards, short ones. */
static const int64_t rows_of[STEPS] = { PLANS_BATCH, 1, 3, PLANS_BATCH };

/* A state of training: parameters, optimizer state, losses. */
struct state {
	unsigned char *values, *state;
	float loss[STEPS];
	float *out; /* of PREDICT, of the last step */
};

static struct state state_make(const struct subject *s)
{
	const struct plait__store *store = &s->trainer->store;
	struct state state = { .values = malloc(store->values_bytes),
			       .state = calloc(1, store->state_bytes + 1) };

	memcpy(state.values, store->values, store->values_bytes);
	state.out = calloc((size_t)(PLANS_BATCH * plait_node_elements(s->net->output)),
			   sizeof *state.out);
	return state;
}

static void state_free(struct state *state)
{
	free(state->values);
	free(state->state);
	free(state->out);
}

static void fill_slot(const struct subject *s, int64_t index, unsigned char *slot)
{
	struct plait__load_worker worker = { 0 };

	if (plait__feed_fill(&s->loader, 0, index, 0, plait__feed_rows(&s->loader, index), slot,
			     &worker) < 0)
		tap_bail_out("%s", plait_error_message());
	plait__feed_key(&s->loader, 0, index, slot);
	plait__load_worker_free(&worker);
}

static struct plait_scalars scalars_of(const struct subject *s, int step)
{
	struct plait_scalars scalars = { 0 };

	plait__optimizer_scalars(&s->trainer->options.optimizer, step + 1, &scalars);
	return scalars;
}

/* -- by the graph ----------------------------------------------------------------------- */

static void *source_of(const struct subject *s, struct state *state, unsigned char *slot,
		       const struct plait_node *node)
{
	if (plait__comes_with_batch(node))
		return slot + plait__slot_offset(&s->loader.layout, node);
	return (plait__is_entry(node) ? state->values : state->state) +
	       s->trainer->store.offset[node->id];
}

/* In the chunks that bits may depend on. */
static void run_node(const struct plait_call *whole)
{
	const struct plait_node *node = whole->node;
	int64_t chunk = plait__chunk_rows(node);
	const void *in[MOST_INPUTS];
	struct plait_call call = *whole;

	if (chunk == 0) {
		node->op->cpu(whole);
		return;
	}
	call.in = in;
	for (int64_t done = 0; done < whole->rows; done += chunk) {
		call.rows = whole->rows - done < chunk ? whole->rows - done : chunk;
		call.before = done;
		call.first = whole->first + done;
		for (int j = 0; j < node->ninputs; j++)
			in[j] = (const char *)whole->in[j] +
				(node->input[j]->batched ? plait__node_bytes(node->input[j], done)
							 : 0);
		call.out = (char *)whole->out + (node->batched ? plait__node_bytes(node, done) : 0);
		node->op->cpu(&call);
	}
}

static void run_graph_step(const struct subject *s, struct state *state, int step,
			   unsigned char *slot, enum plait__mode mode)
{
	struct plait_scalars scalars = scalars_of(s, step);
	void **value = calloc((size_t)s->net->nodes, sizeof *value);

	for (int i = 0; i < s->net->nodes; i++) {
		const struct plait_node *node = s->net->node[i];
		const void *in[MOST_INPUTS];
		struct plait_call call = { .node = node,
					   .in = in,
					   .rows = rows_of[step],
					   .batch = rows_of[step],
					   .training = mode == PLAIT__TRAIN,
					   .seed = s->trainer->store.seed,
					   .scalars = &scalars };

		if (node->phase == PLAIT_SOURCE) {
			value[i] = source_of(s, state, slot, node);
			continue;
		}
		for (int j = 0; j < node->ninputs; j++)
			in[j] = value[plait__resolve(node->input[j], mode)->id];
		if (!plait__node_runs(node, mode))
			continue;
		if (node->op->updates == 0)
			call.out = value[i] = malloc((size_t)plait_node_elements(node) *
						     PLANS_BATCH * sizeof(float));
		run_node(&call);
		if (node == s->net->loss)
			state->loss[step] = *(float *)call.out;
		if (node == plait__resolve(s->net->output, mode))
			memcpy(state->out, call.out,
			       (size_t)(plait_node_elements(node) * rows_of[step]) * sizeof(float));
	}
	for (int i = 0; i < s->net->nodes; i++)
		if (s->net->node[i]->phase != PLAIT_SOURCE)
			free(value[i]);
	free(value);
}

/* -- by the plan ------------------------------------------------------------------------ */

static void run_segment(const struct plait__plan *plan, const struct plait__segment *segment,
			const struct plait_scalars *scalars, int64_t rows, unsigned char **memory)
{
	const struct plait__split *split = &plan->options.split;
	int64_t first = plait__shard_begin(split, rows, segment->shard);
	size_t bytes = plait__align(segment->scratch_bytes) + segment->cpu_scratch;
	unsigned char *scratch = malloc(bytes + 1);
	char *base[segment->uses + 1];
	const void *in[MOST_INPUTS];
	struct plait_call call = { .in = in,
				   .rows = plait__shard_rows(split, rows, segment->shard),
				   .batch = rows,
				   .first = first,
				   .training = plan->options.mode == PLAIT__TRAIN,
				   .seed = plan->store->seed,
				   .scalars = scalars,
				   .scratch = plait__call_scratch(segment, (char *)scratch) };

	memset(scratch, 0xff, bytes); /* NaN, as are all bytes of a write-only arena */
	for (int i = 0; i < segment->uses; i++) {
		const struct plait__use *use = &plan->use[segment->first_use + i];

		if (use->access == PLAIT__WRITE)
			memset(memory[use->arena], 0xff, plan->arena[use->arena].bytes);
	}
	for (int i = 0; i < segment->uses; i++)
		base[i] = (char *)memory[plan->use[segment->first_use + i].arena];
	for (int i = 0; i < segment->calls; i += plan->call[segment->first_call + i].run)
		plait__plan_run(&plan->call[segment->first_call + i], &call, in, base,
				(char *)scratch, first);
	free(scratch);
}

static void collect(const struct plait__plan *plan, struct state *state, int step,
		    unsigned char **memory)
{
	float *out = state->out;

	state->loss[step] = 0;
	for (int i = 0; i < plan->arenas; i++) { /* results are in the order of shards */
		int64_t rows = plait__shard_rows(&plan->options.split, rows_of[step],
						 plan->arena[i].shard);

		if (plan->arena[i].kind != PLAIT__RESULT)
			continue;
		if (plan->options.mode != PLAIT__PREDICT) {
			state->loss[step] += *(float *)(memory[i] + plan->loss_offset);
			continue;
		}
		rows *= plait_node_elements(plan->graph->output);
		memcpy(out, memory[i], (size_t)rows * sizeof *out);
		out += rows;
	}
}

/* The memory of the first replica; NULL: an arena of no parameters or state. */
static unsigned char *first_of(const struct plait__arena *a, struct state *state)
{
	return a->kind == PLAIT__PARAMETERS ? state->values + a->offset
	       : a->kind == PLAIT__STATE    ? state->state + a->offset
					    : NULL;
}

static void run_plan(const struct subject *s, const struct plait__plan *plan, struct state *state)
{
	unsigned char **memory = calloc((size_t)plan->arenas, sizeof *memory);

	for (int i = 0; i < plan->arenas; i++) {
		const struct plait__arena *a = &plan->arena[i];

		unsigned char *first = first_of(a, state);

		memory[i] = first && a->replica == 0 ? first : malloc(a->bytes + 1);
		if (first && a->replica > 0)
			memcpy(memory[i], first, a->bytes);
	}
	for (int step = 0; step < STEPS; step++) {
		struct plait_scalars scalars = scalars_of(s, step);

		for (int i = 0; i < plan->arenas; i++)
			if (plan->arena[i].kind == PLAIT__SLOT)
				fill_slot(s, rows_of[step] == PLANS_BATCH ? step % 3 : 3,
					  memory[i]);
		for (int i = 0; i < plan->segments; i++)
			run_segment(plan, &plan->segment[i], &scalars, rows_of[step], memory);
		collect(plan, state, step, memory);
	}
	for (int i = 0; i < plan->arenas; i++)
		if (memory[i] != first_of(&plan->arena[i], state))
			free(memory[i]);
	free(memory);
}

/* -- comparison --------------------------------------------------------------------------- */

static struct state reference(const struct subject *s, enum plait__mode mode)
{
	struct state state = state_make(s);
	unsigned char *slot = malloc(s->loader.layout.bytes);

	for (int step = 0; step < STEPS; step++) {
		struct state untouched = state_make(s);

		fill_slot(s, rows_of[step] == PLANS_BATCH ? step % 3 : 3, slot);
		if (mode != PLAIT__TRAIN) { /* updates go where nobody looks */
			run_graph_step(s, &untouched, step, slot, mode);
			state.loss[step] = untouched.loss[step];
			memcpy(state.out, untouched.out,
			       (size_t)(PLANS_BATCH * plait_node_elements(s->net->output)) *
				       sizeof(float));
		} else {
			run_graph_step(s, &state, step, slot, mode);
		}
		state_free(&untouched);
	}
	free(slot);
	return state;
}

static double largest_difference(const float *a, const float *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++) {
		double d = fabs((double)a[i] - b[i]);

		if (isnan(d))
			return d;
		most = d > most ? d : most;
	}
	return most;
}

static void check(const struct subject *s, const struct plait__plan *plan, const char *name)
{
	const struct plait__store *store = &s->trainer->store;
	enum plait__mode mode = plan->options.mode;
	struct state expected, got;
	size_t outputs = (size_t)(rows_of[STEPS - 1] * plait_node_elements(s->net->output));
	/* Shards add the same products in another order: a few units in the last place of values
	 * around 1, which an optimizer's division by its small second moment blows up. */
	double tolerance = plan->options.split.shards == 1 ? 0 : mode == PLAIT__TRAIN ? 1e-5 : 1e-6;
	double off;

	if (s->of_parts && mode == PLAIT__TRAIN && plan->options.split.shards > 1)
		return;
	expected = reference(s, mode);
	got = state_make(s);
	run_plan(s, plan, &got);
	if (mode == PLAIT__PREDICT)
		off = largest_difference(got.out, expected.out, outputs);
	else
		off = largest_difference(got.loss, expected.loss, STEPS);
	ok(off <= tolerance, "%s: %s off by %g", name,
	   mode == PLAIT__PREDICT ? "outputs" : "losses", off);
	off = largest_difference((float *)got.values, (float *)expected.values,
				 store->values_bytes / sizeof(float));
	if (mode == PLAIT__TRAIN)
		ok(off <= tolerance, "%s: parameters off by %g", name, off);
	state_free(&expected);
	state_free(&got);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for_all_plans(check);
	plait_stop();
	return tap_done();
}
