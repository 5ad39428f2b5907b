/* SPDX-License-Identifier: MIT
 * Making a plan: cut.c cuts the graph into sections, schedule.c lists the segments in the order of
 * submission, arenas.c gives values their memory, order.c finds what waits for what. */
#include "config.h"
#include "src/base/random.h"
#include "src/plan/sections.h"
#include "src/plan/validate.h"

#include <stdio.h>
#include <stdlib.h>

const char *plait_granularity_name(enum plait_granularity granularity)
{
	static const char *const name[] = { "auto", "op", "layer", "phase", "step", "run" };

	return granularity <= PLAIT_GRANULARITY_RUN ? name[granularity] : "?";
}

const char *plait_overlap_name(enum plait_overlap overlap)
{
	static const char *const name[] = { "full", "load", "off" };

	return overlap <= PLAIT_OVERLAP_OFF ? name[overlap] : "?";
}

const char *plait_schedule_name(enum plait_schedule schedule)
{
	static const char *const name[] = { "1f1b", "gpipe" };

	return schedule <= PLAIT_SCHEDULE_GPIPE ? name[schedule] : "?";
}

int plait__plan_create(struct plait__plan **plan_p, const struct plait_graph *graph,
		       const struct plait__store *store, const struct plait__plan_options *options)
{
	struct plait__plan *plan = plait__calloc(1, sizeof *plan, "a plan");
	struct plait__sections cut = { 0 };
	int status = plan ? 0 : PLAIT_ENOMEM;

	if (status == 0) {
		plan->graph = graph;
		plan->store = store;
		plan->options = *options;
		status = plait__plan_cut(plan, &cut);
	}
	if (status == 0)
		status = plait__plan_schedule(plan, &cut);
	if (status == 0)
		status = plait__plan_lay_out(plan, &cut);
	if (status == 0)
		status = plait__plan_order(plan);
	plait__sections_free(&cut);
	if (status < 0) {
		plait__plan_destroy(plan);
		return status;
	}
	plan->options.slot = NULL;
	plan->options.keeps = NULL;
	PLAIT__ASSERT(plait__plan_validate(plan) == 0, plait_error_message());
	*plan_p = plan;
	return 0;
}

void plait__plan_destroy(struct plait__plan *plan)
{
	if (!plan)
		return;
	for (int i = 0; i < plan->names; i++)
		free(plan->name[i]);
	free(plan->name);
	free(plan->stage);
	free(plan->arena);
	free(plan->segment);
	free(plan->call);
	free(plan->operand);
	free(plan->use);
	free(plan);
}

/* What one core does at least: so many flops a second, and bytes from memory or, where a step is so
 * small that all of it stays there, from its caches. */
#define FLOPS 5e10
#define MEMORY_BYTES 1e10
#define CACHE_BYTES 5e10
/* A call of a kernel takes so long, however little it has to do. */
#define CALL_SECONDS 50e-9

/* Seconds that a step takes. */
static double estimate(const struct plait_graph *graph, enum plait__mode mode, int64_t batch_size,
		       double bytes_a_second)
{
	double seconds = CALL_SECONDS;

	for (int i = 0; i < graph->nodes; i++) {
		const struct plait_node *node = graph->node[i];
		struct plait_cost cost = { 0 };

		if (!plait__node_runs(node) || (mode != PLAIT__TRAIN && node->phase > PLAIT_LOSS))
			continue;
		if (node->op->cost)
			node->op->cost(node, batch_size, &cost);
		seconds += CALL_SECONDS + cost.flops / FLOPS + cost.bytes / bytes_a_second;
	}
	return seconds;
}

/* A StarPU task costs a few microseconds of a core; below this much work a step is one task. */
#define COARSE_SECONDS 300e-6

enum plait_granularity plait__plan_granularity(const struct plait_graph *graph, int64_t batch_size,
					       int shards, bool on_gpu)
{
	if (on_gpu) /* each boundary is a round trip to the host with an idle GPU */
		return PLAIT_GRANULARITY_STEP;
	return estimate(graph, PLAIT__TRAIN, batch_size, MEMORY_BYTES) / shards < COARSE_SECONDS
		       ? PLAIT_GRANULARITY_STEP
		       : PLAIT_GRANULARITY_LAYER;
}

/* A task of several steps takes about so long.  StarPU spends some 10 us on it and on its load, and
 * a run cannot be stopped within it. */
#define RUN_SECONDS 100e-6

int64_t plait__plan_steps(const struct plait_graph *graph, enum plait__mode mode,
			  int64_t batch_size)
{
	double steps = RUN_SECONDS / estimate(graph, mode, batch_size, CACHE_BYTES);

	return steps > 1 ? (int64_t)steps : 1;
}

void plait__plan_symbol(const struct plait__plan *plan, const struct plait__segment *segment,
			int steps, int64_t rows, char *symbol)
{
	static const char *const phase[] = { "", "fwd", "loss", "bwd", "upd" };
	uint64_t hash =
		plait__key((uint64_t)plait__shard_rows(&plan->options.split, rows, segment->shard),
			   (uint64_t)rows);

	if (steps > 1)
		hash = plait__key(hash, (uint64_t)steps);
	for (int i = 0; i < segment->calls; i++) {
		const struct plait__planned_call *call = &plan->call[segment->first_call + i];

		for (const char *c = call->op->name; *c; c++)
			hash = plait__key(hash, (uint64_t)*c);
		hash = plait__key(hash, (uint64_t)call->node->dtype);
		for (int j = -1; j < call->node->ninputs; j++) {
			const struct plait_node *node = j < 0 ? call->node : call->node->input[j];

			for (int d = 0; d < node->ndim; d++)
				hash = plait__key(hash, (uint64_t)node->dim[d]);
		}
	}
	/* The codelet's number of buffers and its modes are part of what is shared. */
	for (int i = 0; i < segment->uses; i++)
		hash = plait__key(hash, (uint64_t)plan->use[segment->first_use + i].access);
	snprintf(symbol, 40, "%s_%016llx", phase[segment->phase], (unsigned long long)hash);
}

size_t plait__plan_bytes(const struct plait__plan *plan, enum plait__arena_kind kind)
{
	size_t bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == kind)
			bytes += plan->arena[i].bytes;
	return bytes;
}
