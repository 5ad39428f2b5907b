/* SPDX-License-Identifier: MIT
 * The stages of a plan, what they hand on, and what each schedule of its microbatches costs. */
#include "config.h"
#include "src/base/text.h"
#include "src/plan/simulate.h"

#include <stdlib.h>

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
