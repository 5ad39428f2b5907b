/* SPDX-License-Identifier: MIT
 * A bar on stderr while an epoch runs, a line on stdout when it is over.  Bars of several members
 * would overwrite each other: a pool has one line instead, which counts epochs. */
#include "config.h"
#include "src/cli/display.h"
#include "src/cli/complain.h"
#include "src/cli/memory.h"
#include "src/cli/output.h"
#include "src/base/grow.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void flush(struct cli_display *display)
{
	if (cli_output_flush() != CLI_DONE)
		display->failed = true;
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

/* -- a pool ------------------------------------------------------------------------------- */

static void print_name(const struct cli_shown *shown)
{
	if (shown->member == 0)
		return;
	putchar('[');
	plait__text_print(stdout, shown->name);
	fputs("] ", stdout);
}

static void draw_epochs(const struct cli_display *display)
{
	if (!display->quiet && display->epochs_done < display->epochs)
		cli_output_progress("%d of %d epochs", display->epochs_done, display->epochs);
}

void cli_display_clear(struct cli_display *display)
{
	plait__progress_clear(&display->progress);
	if (display->epochs > 0)
		cli_output_progress(NULL);
}

void cli_display_end(struct cli_display *display)
{
	cli_display_clear(display);
	cli_dashboard_destroy(display->dashboard);
	display->dashboard = NULL;
}

void cli_display_plan(struct cli_shown *shown)
{
	if (!shown->plan)
		return;
	fclose(shown->plan);
	shown->plan = NULL;
	if (shown->plan_text && *shown->plan_text) {
		print_name(shown);
		printf("\n%s", shown->plan_text);
	}
	free(shown->plan_text);
	shown->plan_text = NULL;
}

void cli_display_attach(struct cli_shown *shown, struct cli_job *job, bool print_plan)
{
	shown->job = job;
	job->fit.on_event = cli_display_event;
	job->fit.user = shown;
	if (shown->display->record)
		job->fit.log_every = 1;
	if (shown->member > 0 && print_plan)
		shown->plan = open_memstream(&shown->plan_text, &shown->plan_size);
	if (shown->plan)
		job->fit.print_plan = shown->plan;
}

/* -- lines -------------------------------------------------------------------------------- */

/* What is trained, and what with. */
static void print_job(const struct cli_job *job, int shards, int microbatches)
{
	int64_t samples = plait_dataset_info(job->data)->samples, parameters = 0;
	int cpu = plait_cpu_workers(), cuda = plait_cuda_workers();

	for (int i = 0; i < plait_trainer_parameters(job->trainer); i++) {
		struct plait_tensor tensor;

		if (plait_trainer_parameter(job->trainer, i, &tensor) == 0)
			parameters += plait_shape_elements(tensor.ndim, tensor.dim);
	}
	printf("Training: %" PRId64 " sample%s, %" PRId64 " parameter%s; policy %s, ", samples,
	       plural(samples), parameters, plural(parameters), plait_policy());
	if (cpu > 0)
		printf("%d CPU worker%s, ", cpu, plural(cpu));
	if (cuda > 0)
		printf("%d CUDA worker%s, ", cuda, plural(cuda));
	printf("%d shard%s", shards, plural(shards));
	if (microbatches > 1)
		printf(", %d microbatches", microbatches);
	putchar('\n');
}

/* Members that have the same say it once. */
static void print_loader(struct cli_display *display, const struct plait_loader_memory *memory)
{
	const struct plait_loader_memory *last = &display->loader;

	if (memory->slots == last->slots && memory->slot_bytes == last->slot_bytes &&
	    memory->cache == last->cache && memory->cache_limit == last->cache_limit &&
	    memory->limit == last->limit)
		return;
	cli_print_loader(memory);
	display->loader = *memory;
}

static void begin(struct cli_shown *shown, const struct plait_event *event)
{
	struct cli_display *display = shown->display;

	cli_display_clear(display);
	cli_display_plan(shown);
	if (shown->member > 0)
		display->epochs += event->epochs;
	if (!display->quiet) {
		print_name(shown);
		print_job(shown->job, event->shards, event->microbatches);
		print_loader(display, event->memory);
	}
	flush(display); /* the plan too */
	if (display->dashboard)
		cli_dashboard_event(display->dashboard, event);
	draw_epochs(display);
}

static int record_step(struct cli_record *record, const struct plait_event *event)
{
	if (event->member > 0) {
		record->count++;
		return 0;
	}
	if (plait__grow(&record->step, &record->room, (size_t)record->count + 1,
			sizeof *record->step, "the losses of all steps") < 0) {
		cli_failed(PLAIT_ENOMEM);
		return -1;
	}
	record->step[record->count++] = (struct cli_recorded_step){ .step = event->step,
								    .loss = event->loss,
								    .seconds = event->seconds };
	return 0;
}

/* The scores that were named, as they stand in the line of an epoch. */
static void scores_text(const struct cli_scores *scores, char *text, size_t size)
{
	const char *name;
	size_t used = 0;
	double value;
	int i = 0;

	*text = '\0';
	while ((name = cli_scores_next(scores, scores->list.named, &i, &value))) {
		snprintf(text + used, size - used, "  val %s %.4f", name, value);
		used += strlen(text + used);
	}
}

static void end_epoch(struct cli_shown *shown, const struct plait_event *event)
{
	struct cli_display *display = shown->display;
	struct cli_scores *scores = &shown->job->scores;
	char text[PLAIT__PROGRESS_LINE], more[256] = "";

	shown->has_epoch = true;
	shown->train = *event->train;
	shown->has_validation = event->validation != NULL;
	if (event->validation)
		shown->validation = *event->validation;
	if (display->record)
		display->record->divided |= event->train->load.divided;
	if (display->record && event->validation)
		display->record->evaluated += event->validation->load.batches;
	cli_display_clear(display);
	if (event->validation && cli_scores_take(scores) != CLI_DONE)
		display->failed = true;
	if (event->validation)
		scores_text(scores, more, sizeof more);
	cli_log_epoch(display->log, event, scores);
	if (event->best && cli_until_best(&shown->until, shown->job) != CLI_DONE)
		display->failed = true;
	/* Before the next line, as both may go to one file. */
	if (cli_log_flush(display->log) < 0)
		display->failed = true;
	plait__progress_epoch(event, more, text, sizeof text);
	if (display->dashboard)
		cli_dashboard_line(display->dashboard, text);
	else if (!display->quiet) {
		print_name(shown);
		puts(text);
	}
	flush(display);
	display->epochs_done += shown->member > 0;
	draw_epochs(display);
}

int cli_display_event(void *user, const struct plait_event *told)
{
	struct cli_shown *shown = user;
	struct cli_display *display = shown->display;
	struct plait_event event = *told;
	bool ends = false;

	/* Members that could not be built are not known to the library, which counts the others. */
	event.member = shown->member;
	event.member_name = shown->name;
	switch (event.kind) {
	case PLAIT_EVENT_BEGIN:
		begin(shown, &event);
		return display->failed;
	case PLAIT_EVENT_STEP:
		if (display->record && record_step(display->record, &event) < 0)
			display->failed = true;
		if (display->log_every > 0 && event.step % display->log_every == 0)
			cli_log_step(display->log, &event);
		return display->failed;
	case PLAIT_EVENT_PROGRESS:
		if (display->dashboard)
			cli_dashboard_event(display->dashboard, &event);
		else if (!display->quiet && shown->member == 0)
			plait__progress_draw(&display->progress, &event);
		break;
	case PLAIT_EVENT_STALL:
		cli_display_end(display);
		cli_complain_of(shown->name);
		cli_stalled(event.text);
	case PLAIT_EVENT_EPOCH:
		end_epoch(shown, &event);
		if (display->dashboard && cli_dashboard_event(display->dashboard, &event) != 0)
			ends = true;
		break;
	}
	if (cli_log_flush(display->log) < 0)
		display->failed = true;
	return display->failed || ends;
}
