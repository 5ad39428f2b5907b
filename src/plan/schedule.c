/* SPDX-License-Identifier: MIT
 * In which order the segments of a step are submitted.  A microbatch takes the memory of its values
 * from one that is over, so it begins when that one has ended; StarPU finds this in the handles.
 * Nothing else keeps microbatches apart: priorities choose among those that are ready.
 *
 * The gradients of parameters are tasks of their own, behind all else: the stage before waits for
 * those of values only.  They are done while a stage would wait: Qi et al., Zero Bubble Pipeline
 * Parallelism (ICLR 2024), there the schedule ZB-H1.
 *
 * 1F1B: Narayanan et al., PipeDream (SOSP 2019), without its stale weights, as in Megatron-LM.
 * GPipe: Huang et al., GPipe (NeurIPS 2019). */
#include "config.h"
#include "src/plan/sections.h"

#include <stdlib.h>

int plait__plan_ahead(const struct plait__plan *plan, int stage)
{
	int microbatches = plait__split_microbatches(&plan->options.split);
	int deep = plan->stages - stage;

	return plan->options.schedule == PLAIT_PIPELINE_GPIPE || deep > microbatches ? microbatches
										     : deep;
}

/* How far the list has come. */
struct progress {
	struct plait__plan *plan;
	const struct plait__sections *cut;
	int microbatches, beside;
	int *forward, *backward; /* [stages]: microbatches of which the segments are listed */
};

static void list(struct progress *p, const struct plait__section *section, int microbatch)
{
	int replicas = plait__plan_replicas(p->plan);
	int instances = !section->whole ? p->beside : section->sums ? 1 : replicas;

	for (int i = 0; i < instances; i++)
		p->plan->segment[p->plan->segments++] = (struct plait__segment){
			.name = section->name,
			.phase = section->phase,
			.section = (int)(section - p->cut->section),
			.stage = section->stage,
			.fills = section->fills,
			.shard = section->whole ? -1 : microbatch * p->beside + i,
			.replica = section->whole ? i : i / (p->beside / replicas)
		};
}

/* All that a stage does in one direction for a microbatch. */
static void list_stage(struct progress *p, int stage, bool backward, int microbatch)
{
	for (int i = 0; i < p->cut->sections; i++) {
		const struct plait__section *section = &p->cut->section[i];

		if (section->stage == stage && !section->whole &&
		    (section->phase == PLAIT_BACKWARD) == backward)
			list(p, section, microbatch);
	}
}

/* Lists what the stage does next, a forward while it has memory for one; false if that has to wait
 * for another stage, or all is listed. */
static bool advance(struct progress *p, int stage)
{
	int last = p->plan->stages - 1;
	int *forward = &p->forward[stage], *backward = &p->backward[stage];

	if (*forward < p->microbatches &&
	    *forward - *backward < plait__plan_ahead(p->plan, stage)) {
		if (stage > 0 && p->forward[stage - 1] <= *forward)
			return false;
		list_stage(p, stage, false, (*forward)++);
		return true;
	}
	if (*backward == *forward || (stage < last && p->backward[stage + 1] <= *backward))
		return false;
	list_stage(p, stage, true, (*backward)++);
	return true;
}

static void list_all(struct progress *p)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (int stage = 0; stage < p->plan->stages; stage++)
			moved |= advance(p, stage);
	}
	for (int stage = 0; stage < p->plan->stages; stage++)
		PLAIT__ASSERT(p->backward[stage] == p->microbatches,
			      "every stage sees every microbatch, forward and backward");
	for (int i = 0; i < p->cut->sections; i++)
		if (p->cut->section[i].whole)
			list(p, &p->cut->section[i], 0);
}

int plait__plan_schedule(struct plait__plan *plan, const struct plait__sections *cut)
{
	size_t stages = (size_t)plan->stages;
	struct progress p = { .plan = plan,
			      .cut = cut,
			      .microbatches = plait__split_microbatches(&plan->options.split),
			      .beside = plait__split_beside(&plan->options.split),
			      .forward = plait__calloc(stages, sizeof(int), "stages"),
			      .backward = plait__calloc(stages, sizeof(int), "stages") };
	int status = PLAIT_ENOMEM;

	plan->segment = plait__calloc((size_t)cut->sections * (size_t)plan->options.split.shards,
				      sizeof *plan->segment, "segments");
	if (p.forward && p.backward && plan->segment) {
		list_all(&p);
		status = 0;
	}
	free(p.forward);
	free(p.backward);
	return status;
}
