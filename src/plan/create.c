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

const char *plait_pipeline_schedule_name(enum plait_pipeline_schedule schedule)
{
	static const char *const name[] = { "1f1b", "gpipe" };

	return schedule <= PLAIT_PIPELINE_GPIPE ? name[schedule] : "?";
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
		plan->clip_result = -1;
		status = plait__plan_cut(plan, &cut);
	}
	if (status == 0 && cut.sections == 0)
		status = plait__error(PLAIT_EINVAL,
				      "the output is the input: add layers to the graph");
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

void plait__plan_warm_up(const struct plait__plan *plan)
{
	int64_t most = plait__shard_most(&plan->options.split, plan->options.batch_size);

	for (int i = 0; i < plan->calls; i++) {
		const struct plait__planned_call *call = &plan->call[i];
		int64_t rows = call->chunk > 0 && call->chunk < most ? call->chunk : most;

		if (call->op->warm_up)
			call->op->warm_up(call->node, rows, plan->options.precision);
	}
}

void plait__plan_symbol(const struct plait__plan *plan, const struct plait__segment *segment,
			int steps, int64_t rows, char *symbol)
{
	static const char *const phase[] = { "", "fwd", "loss", "bwd", "clip", "upd" };
	uint64_t hash =
		plait__key((uint64_t)plait__shard_rows(&plan->options.split, rows, segment->shard),
			   (uint64_t)rows);

	if (steps > 1)
		hash = plait__key(hash, (uint64_t)steps);
	if (plan->options.precision != PLAIT_PRECISION_FP32)
		hash = plait__key(hash, (uint64_t)plan->options.precision);
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
