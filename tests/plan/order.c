/* SPDX-License-Identifier: MIT
 * What a plan tells StarPU: access modes, which reads need no ordering, which tasks end a step,
 * how the store is divided, names of performance models.  Orders are found anew here, over three
 * steps, by StarPU's own rule: a task comes after the tasks before it that it conflicts with. */
#include "config.h"
#include "tests/plan/plans.h"

#include <ctype.h>

/* -- access modes -------------------------------------------------------------------- */

static size_t padded(const struct plait__plan *plan, const struct plait_node *node)
{
	/* Of the largest: of 3 + 1 + 2 parts the first is half of the batch. */
	int64_t shards = plan->options.split.end ? 2 : plan->options.split.shards;
	int64_t rows = (plan->options.batch_size + shards - 1) / shards;

	return plait__align((size_t)(plait_node_elements(node) * (node->batched ? rows : 1)) *
			    sizeof(float));
}

/* A byte for each ALIGN bytes of an arena: whether the segment has written it. */
struct written {
	unsigned char block[1 << 19];
};

static void mark(struct written *w, size_t offset, size_t bytes)
{
	memset(w->block + offset / PLAIT__ALIGN, 1, bytes / PLAIT__ALIGN);
}

/* What a segment does to one of its arenas, found from its calls. */
static int access_found(const struct plait__plan *plan, const struct plait__segment *segment,
			int buffer, struct written *w)
{
	int access = 0;

	size_t bytes = plan->arena[plan->use[segment->first_use + buffer].arena].bytes;

	if (bytes / PLAIT__ALIGN > sizeof w->block)
		tap_bail_out("an arena of %zu bytes is larger than this test thought", bytes);
	memset(w->block, 0, bytes / PLAIT__ALIGN);
	for (int i = 0; i < segment->calls; i++) {
		const struct plait__planned_call *call = &plan->call[segment->first_call + i];

		for (int j = 0; j < call->inputs; j++) {
			if (call->in[j].buffer != buffer)
				continue;
			if (!w->block[call->in[j].offset / PLAIT__ALIGN])
				access |= PLAIT__READ;
			if (call->op->updates >> j & 1)
				access |= PLAIT__WRITE;
		}
		if (call->has_out && call->out.buffer == buffer) {
			access |= PLAIT__WRITE;
			mark(w, call->out.offset, padded(plan, call->node));
		}
	}
	return access;
}

static void check_access(const struct subject *subject, const struct plait__plan *plan,
			 const char *name)
{
	static struct written w;
	int wrong = 0, gaps = 0, makers = 0, made = 0;

	(void)subject;
	for (int i = 0; i < plan->segments; i++) {
		const struct plait__segment *segment = &plan->segment[i];

		for (int j = 0; j < segment->uses; j++) {
			const struct plait__use *use = &plan->use[segment->first_use + j];
			const struct plait__arena *arena = &plan->arena[use->arena];

			wrong += (int)use->access != access_found(plan, segment, j, &w);
			if (use->access != PLAIT__WRITE)
				continue;
			makers++;
			for (size_t b = 0; b < arena->bytes / PLAIT__ALIGN; b++)
				gaps += !w.block[b];
		}
	}
	for (int i = 0; i < plan->arenas; i++)
		made += plan->arena[i].kind == PLAIT__VALUES ||
			plan->arena[i].kind == PLAIT__GRADIENTS ||
			plan->arena[i].kind == PLAIT__RESULT;
	is_int(wrong, 0, "%s: tasks read and write what they say", name);
	is_int(gaps, 0, "%s: who takes an arena write-only writes all of it", name);
	/* Later microbatches make theirs in the memory of those before. */
	if (plait__split_microbatches(&plan->options.split) == 1)
		is_int(makers, made, "%s: one task makes each arena", name);
	else
		ok(makers >= made, "%s: tasks make each arena", name);
}

/* -- order --------------------------------------------------------------------------- */

enum { STEPS = 3 };

struct order {
	const struct plait__plan *plan;
	int tasks;
	unsigned char *edge; /* [tasks][tasks] */
	unsigned char *path;
};

static const struct plait__use *use_of(const struct plait__plan *plan, int segment, int arena)
{
	for (int j = 0; j < plan->segment[segment].uses; j++)
		if (plan->use[plan->segment[segment].first_use + j].arena == arena)
			return &plan->use[plan->segment[segment].first_use + j];
	return NULL;
}

/* Whether tasks a and b, of any steps, touch an arena so that one must come before the other. */
static bool conflict(const struct plait__plan *plan, int a, int b, int arena, bool ordered_only)
{
	const struct plait__use *x = use_of(plan, a % plan->segments, arena);
	const struct plait__use *y = use_of(plan, b % plan->segments, arena);
	bool own =
		plan->arena[arena].kind == PLAIT__SLOT || plan->arena[arena].kind == PLAIT__RESULT;

	if (!x || !y || (x->access == PLAIT__READ && y->access == PLAIT__READ))
		return false;
	if (own && a / plan->segments != b / plan->segments) /* each step has its own in the ring */
		return false;
	return !ordered_only || (!x->unordered && !y->unordered);
}

static void find_order(struct order *o)
{
	size_t n = (size_t)o->tasks;

	for (int a = 0; a < o->tasks; a++)
		for (int b = a + 1; b < o->tasks; b++)
			for (int i = 0; i < o->plan->arenas && !o->edge[(size_t)a * n + (size_t)b];
			     i++)
				o->edge[(size_t)a * n + (size_t)b] =
					conflict(o->plan, a, b, i, true);
	memcpy(o->path, o->edge, n * n);
	for (int a = o->tasks - 1; a >= 0; a--)
		for (int b = a + 1; b < o->tasks; b++)
			for (int c = b + 1; o->edge[(size_t)a * n + (size_t)b] && c < o->tasks; c++)
				o->path[(size_t)a * n + (size_t)c] |=
					o->path[(size_t)b * n + (size_t)c];
}

/* All conflicts, those of unordered reads too, have a path of ordered accesses. */
static int unordered_conflicts(const struct order *o)
{
	int bad = 0;

	for (int a = 0; a < o->tasks; a++)
		for (int b = a + 1; b < o->tasks; b++)
			for (int i = 0; i < o->plan->arenas; i++)
				bad += conflict(o->plan, a, b, i, false) &&
				       !o->path[a * o->tasks + b];
	return bad;
}

/* Sinks have no successor in their step; everything else is as far from the end as its furthest
 * successor and one more. */
static int wrong_depths(const struct order *o)
{
	const struct plait__plan *plan = o->plan;
	int bad = 0, sinks = 0;

	for (int a = 0; a < plan->segments; a++) {
		int depth = 0;

		for (int b = a + 1; b < plan->segments; b++)
			if (o->edge[a * o->tasks + b] && plan->segment[b].depth + 1 > depth)
				depth = plan->segment[b].depth + 1;
		bad += plan->segment[a].depth != depth || plan->segment[a].sink != (depth == 0);
		sinks += depth == 0;
	}
	return bad + (sinks != plan->sinks);
}

static void check_order(const struct subject *subject, const struct plait__plan *plan,
			const char *name)
{
	struct order o = { .plan = plan, .tasks = STEPS * plan->segments };
	size_t n = (size_t)o.tasks;
	int unordered = 0;

	(void)subject;
	if (plan->options.split.shards == 5) /* 3 and 5 are alike; this takes time */
		return;
	o.edge = calloc(n, n);
	o.path = calloc(n, n);
	find_order(&o);
	for (int i = 0; i < plan->uses; i++) {
		unordered += plan->use[i].unordered;
		if (plan->use[i].unordered && plan->use[i].access != PLAIT__READ)
			unordered = -1000000;
	}
	ok(unordered >= 0, "%s: only reads are unordered, %d of them", name, unordered);
	is_int(unordered_conflicts(&o), 0, "%s: they are in order over three steps all the same",
	       name);
	is_int(wrong_depths(&o), 0, "%s: depths and ends of the step", name);
	free(o.edge);
	free(o.path);
}

/* -- the store ----------------------------------------------------------------------- */

static int compare_ranges(const void *a, const void *b)
{
	const struct plait__arena *x = *(const struct plait__arena *const *)a,
				  *y = *(const struct plait__arena *const *)b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static size_t tiled(const struct plait__plan *plan, enum plait__arena_kind kind, int replica)
{
	const struct plait__arena **range = malloc((size_t)plan->arenas * sizeof *range);
	size_t at = 0, count = 0;

	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == kind && plan->arena[i].replica == replica &&
		    plan->arena[i].bytes > 0)
			range[count++] = &plan->arena[i];
	qsort(range, count, sizeof *range, compare_ranges);
	for (size_t i = 0; i < count && range[i]->offset == at; i++)
		at += range[i]->bytes;
	free(range);
	return at;
}

/* -- names of performance models ----------------------------------------------------- */

static int bad_symbols(const struct plait__plan *plan)
{
	int bad = 0;

	for (int i = 0; i < plan->segments; i++) {
		char full[40], part[40];

		plait__plan_symbol(plan, &plan->segment[i], 1, PLANS_BATCH, full);
		plait__plan_symbol(plan, &plan->segment[i], 1, 3, part);
		bad += strlen(full) > 64 || strcmp(full, part) == 0;
		for (const char *c = full; *c; c++)
			bad += !isalnum((unsigned char)*c) && !strchr("_.-", *c);
	}
	return bad;
}

static void check_rest(const struct subject *subject, const struct plait__plan *plan,
		       const char *name)
{
	const struct plait__store *store = &subject->trainer->store;

	for (int r = 0; r < plait__plan_replicas(plan); r++)
		ok(tiled(plan, PLAIT__PARAMETERS, r) == store->values_bytes &&
			   tiled(plan, PLAIT__STATE, r) == store->state_bytes,
		   "%s: ranges of parameters and state cover the store, none twice", name);
	is_int(bad_symbols(plan), 0,
	       "%s: symbols are names of files, and of their own for short batches", name);
}

/* -- the table ----------------------------------------------------------------------- */

static void test_print(void)
{
	struct subject s = subject_make(1);
	struct plait__plan *plan = subject_plan(&s, PLAIT__TRAIN, PLAIT_GRANULARITY_LAYER,
						(struct plait__split){ .shards = 2 }, 1);
	char *text = NULL, *line, *rest = NULL;
	size_t size = 0, longest = 0;
	FILE *file = open_memstream(&text, &size);
	struct plait__memory_use gpu[] = { { .batches = 1000, .activations = 4000000 },
					   { .batches = 5000 } };
	struct plait__peak peak = { .main = { .batches = 1000, .workspace = 234 },
				    .gpu = gpu,
				    .gpus = 1,
				    .device = (int[]){ -1, 3 },
				    .slots = 4 };
	int lines = 0;

	plait__plan_print(plan, &peak, file);
	fclose(file);
	contains(text, "plan: train, batch 10, granularity layer, 2 shards, 12 tasks",
		 "the table's title");
	for (int i = 0; i < plan->segments; i++)
		contains(text, plan->segment[i].name, "it has task %d, %s", i,
			 plan->segment[i].name);
	contains(text, "in all", "and sums");
	contains(text, "1234 bytes, on the GPU 4001000\n", "of memory to the byte");
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++)
		longest = strlen(line) > longest ? strlen(line) : longest;
	is_int(lines, 2 + plan->segments + 1 + 9, "a line a task, and the memory");
	ok(longest <= 160, "no line is longer than 160 characters (%zu)", longest);
	free(text);
	file = open_memstream(&text, &size);
	peak.gpus = 2;
	peak.device[0] = 0;
	plait__plan_print(plan, &peak, file);
	fclose(file);
	contains(text, "main       cuda0       cuda3\n", "GPUs that differ have columns");
	contains(text, "1234 bytes, on cuda0 4001000, on cuda3 5000\n", "and sums");
	free(text);
	plait__plan_destroy(plan);
	subject_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for_all_plans(check_access);
	for_all_plans(check_order);
	for_all_plans(check_rest);
	test_print();
	plait_stop();
	return tap_done();
}
