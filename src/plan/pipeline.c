/* SPDX-License-Identifier: MIT
 * The stages of a plan, what they hand on, and what each schedule of its microbatches costs. */
#include "config.h"
#include "src/base/text.h"
#include "src/plan/sections.h"
#include "src/plan/simulate.h"

#include <stdlib.h>

/* -- which there are --------------------------------------------------------------------------- */

static bool same_device(const struct plait__device *a, const struct plait__device *b)
{
	return a->kind == b->kind && a->index == b->index;
}

/* Groups that follow each other in the same place are a stage.  A group is where its first node is
 * that was placed. */
int plait__plan_find_stages(struct plait__plan *plan, const struct plait__sections *cut,
			    const struct plait_node *const *head)
{
	const struct plait_graph *graph = plan->graph;
	size_t nodes = (size_t)graph->nodes;
	struct plait__device *place = plait__calloc(nodes, sizeof *place, "stages");

	plan->stage = plait__calloc(nodes, sizeof *plan->stage, "stages");
	if (!place || !plan->stage) {
		free(place);
		return PLAIT_ENOMEM;
	}
	for (int i = 0; i < graph->nodes; i++)
		if (!plan->options.one_place && cut->group[i] >= 0 &&
		    place[cut->group[i]].kind == PLAIT__ANYWHERE)
			place[cut->group[i]] = graph->node[i]->device;
	for (int g = 0; g < graph->nodes && (g == 0 || head[g]); g++) {
		if (g == 0 || !same_device(&place[g], &place[g - 1]))
			plan->stage[plan->stages++] = place[g];
		cut->stage[g] = plan->stages - 1;
	}
	free(place);
	return 0;
}

/* In a pipeline: the gradients of a layer's parameters, sums of them, and what only these need. */
void plait__plan_mark_fills(const struct plait__plan *plan, struct plait__sections *cut,
			    bool *others)
{
	if (plan->stages == 1 || plait__split_microbatches(&plan->options.split) == 1 ||
	    plan->options.granularity > PLAIT_GRANULARITY_LAYER)
		return;
	for (int i = plan->graph->nodes - 1; i >= 0; i--) {
		const struct plait_node *node = plan->graph->node[i];

		cut->fills[i] = node->phase == PLAIT_BACKWARD && !others[i];
		for (int j = 0; node->phase < PLAIT_CLIP && j < node->ninputs; j++) {
			const struct plait_node *read =
				plait__resolve(node->input[j], PLAIT__TRAIN);

			others[read->id] |=
				!cut->fills[i] ||
				(!read->partial && cut->group[read->id] != cut->group[i]);
		}
	}
}

/* -- what crosses ---------------------------------------------------------------------------- */

struct crossing {
	double forward, backward; /* bytes a step to the next stage, and to the one before */
};

/* A value is handed to another stage once, however many of its tasks read it. */
static void count_reads(const struct plait__plan *plan, const struct plait__segment *segment,
			const struct plait__segment **writer, int *reader,
			struct crossing *crossing)
{
	for (int u = 0; u < segment->uses; u++) {
		const struct plait__use *use = &plan->use[segment->first_use + u];
		const struct plait__arena *arena = &plan->arena[use->arena];

		if (arena->kind != PLAIT__VALUES)
			continue;
		if (use->access & PLAIT__WRITE) {
			writer[use->arena] = segment;
			reader[use->arena] = segment->stage;
			continue;
		}
		if (!writer[use->arena] || reader[use->arena] == segment->stage)
			continue;
		reader[use->arena] = segment->stage;
		if (writer[use->arena]->stage < segment->stage)
			crossing[writer[use->arena]->stage].forward += (double)arena->bytes;
		else if (writer[use->arena]->stage > segment->stage)
			crossing[writer[use->arena]->stage].backward += (double)arena->bytes;
	}
}

static int count_crossings(const struct plait__plan *plan, struct crossing *crossing)
{
	size_t arenas = (size_t)plan->arenas;
	const struct plait__segment **writer = plait__calloc(arenas, sizeof *writer, "stages");
	int *reader = plait__calloc(arenas, sizeof *reader, "stages");

	for (int i = 0; i < plan->segments && writer && reader; i++)
		count_reads(plan, &plan->segment[i], writer, reader, crossing);
	free(writer);
	free(reader);
	return writer && reader ? 0 : PLAIT_ENOMEM;
}

/* -- the table ------------------------------------------------------------------------------- */

static const char *device_text(struct plait__device device, char text[24])
{
	static const char *const kind[] = { "any", "cpu", "cuda" };

	if (device.kind != PLAIT__ANYWHERE && device.index >= 0)
		snprintf(text, 24, "%s%d", kind[device.kind], device.index);
	else
		snprintf(text, 24, "%s", kind[device.kind]);
	return text;
}

static void print_stages(const struct plait__plan *plan, const double *seconds,
			 const struct crossing *crossing, FILE *file)
{
	char device[24], next[32], before[32];

	fprintf(file, "%-8s %-8s %6s %8s  %s\n", "stage", "device", "tasks", "of work",
		"hands on, a step");
	for (int s = 0; s < plan->stages; s++) {
		double work = 0, all = 0;
		int tasks = 0;

		for (int i = 0; i < plan->segments; i++) {
			bool own = plan->segment[i].stage == s;

			tasks += own;
			work += own ? seconds[i] : 0;
			all += seconds[i];
		}
		fprintf(file, "%-8d %-8s %6d %6.0f %%  ", s, device_text(plan->stage[s], device),
			tasks, 100 * work / all);
		fprintf(file, "%s forward, %s backward\n",
			plait__bytes_text(crossing[s].forward, next),
			plait__bytes_text(crossing[s].backward, before));
	}
}

static int print_schedule(const struct plait__plan *plan, enum plait_pipeline_schedule schedule,
			  const struct plait__slot_layout *slot,
			  const struct plait__machine *machine, FILE *file)
{
	struct plait__plan_options options = plan->options;
	struct plait__prediction p = { 0 };
	struct plait__plan *other = NULL;
	double *seconds = NULL;
	char bytes[32];
	int status;

	options.schedule = schedule;
	options.slot = slot;
	status = plait__plan_create(&other, plan->graph, plan->store, &options);
	if (status == 0) {
		seconds = plait__calloc((size_t)other->segments, sizeof *seconds, "stages");
		status = seconds ? 0 : PLAIT_ENOMEM;
	}
	if (status == 0) {
		plait__plan_estimate(other, seconds);
		status = plait__plan_simulate(other, seconds, machine, &p);
	}
	if (status == 0)
		fprintf(file,
			"%-8s %s of activations; bubble %.0f %%: %d worker%s, as if they were "
			"%.2f%s\n",
			plait_pipeline_schedule_name(schedule),
			plait__bytes_text((double)plait__plan_bytes(other, PLAIT__VALUES), bytes),
			100 * plait__prediction_bubble(&p), p.workers, p.workers == 1 ? "" : "s",
			p.work_seconds / p.step_seconds,
			schedule == plan->options.schedule ? "  (chosen)" : "");
	free(seconds);
	plait__plan_destroy(other);
	return status;
}

int plait__plan_print_pipeline(const struct plait__plan *plan,
			       const struct plait__slot_layout *slot,
			       const struct plait__machine *machine, FILE *file)
{
	struct crossing *crossing = plait__calloc((size_t)plan->stages, sizeof *crossing, "stages");
	double *seconds = plait__calloc((size_t)plan->segments, sizeof *seconds, "stages");
	int status = crossing && seconds ? count_crossings(plan, crossing) : PLAIT_ENOMEM;

	if (status == 0) {
		plait__plan_estimate(plan, seconds);
		print_stages(plan, seconds, crossing, file);
	}
	for (int s = PLAIT_PIPELINE_1F1B; s <= PLAIT_PIPELINE_GPIPE && status == 0; s++)
		status = print_schedule(plan, (enum plait_pipeline_schedule)s, slot, machine, file);
	free(crossing);
	free(seconds);
	return status;
}
