/* SPDX-License-Identifier: MIT
 * plait train: a bar on stderr while an epoch runs, a line on stdout when it is over. */
#include "config.h"
#include "src/cli/train.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/job.h"
#include "src/cli/measure/measure.h"
#include "src/cli/memory.h"
#include "src/trainer/progress.h"
#include "src/base/grow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct display {
	struct cli_job *job;
	struct cli_log *log;
	struct plait__progress progress;
	bool quiet;
	bool failed; /* log or standard output cannot be written */
	int64_t log_every;
	struct cli_record *record; /* or NULL */
};

static void flush(struct display *display)
{
	if (cli_output_flush() != CLI_DONE)
		display->failed = true;
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

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

static void print_epoch(struct display *display, const struct plait_event *event)
{
	char text[PLAIT__PROGRESS_LINE];

	printf("%s\n", plait__progress_epoch(event, text, sizeof text));
	flush(display);
}

static int record_step(struct cli_record *record, const struct plait_event *event)
{
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

/* Returns nonzero to end the run, if its output cannot be written. */
static int on_event(void *user, const struct plait_event *event)
{
	struct display *display = user;

	switch (event->kind) {
	case PLAIT_EVENT_BEGIN:
		if (!display->quiet) {
			print_job(display->job, event->shards, event->microbatches);
			cli_print_loader(event->memory);
		}
		flush(display); /* the plan too */
		return display->failed;
	case PLAIT_EVENT_STEP:
		if (display->record && record_step(display->record, event) < 0)
			display->failed = true;
		if (display->log_every > 0 && event->step % display->log_every == 0)
			cli_log_step(display->log, event);
		return display->failed;
	case PLAIT_EVENT_PROGRESS:
		if (!display->quiet)
			plait__progress_draw(&display->progress, event);
		break;
	case PLAIT_EVENT_STALL:
		plait__progress_clear(&display->progress);
		cli_stalled(event->text);
	case PLAIT_EVENT_EPOCH:
		if (display->record && event->validation)
			display->record->evaluated += event->validation->load.batches;
		plait__progress_clear(&display->progress);
		cli_log_epoch(display->log, event);
		/* Before the next line, as both may go to one file. */
		if (cli_log_flush(display->log) < 0)
			display->failed = true;
		if (!display->quiet)
			print_epoch(display, event);
		break;
	}
	if (cli_log_flush(display->log) < 0)
		display->failed = true;
	return display->failed;
}

/* Says what the run's end asks for, and saves the weights if it does; see end.c. */
static int finish(struct cli_job *job, const struct display *display, const char *save, int status)
{
	enum cli_end end = status >= 0 && display->failed ? CLI_END_OUTPUT : cli_end_of(status);
	int64_t steps = plait_trainer_steps(job->trainer);
	bool saves = save && steps > 0 && cli_end_saves(end);

	if (end != CLI_END_SIGNAL && status < 0)
		cli_bad_failed(&job->fit.loader.bad, status);
	if (saves) {
		status = plait_trainer_save(job->trainer, save);
		if (status < 0)
			return cli_failed(status);
	}
	if (end == CLI_END_SIGNAL)
		cli_complain("interrupted after step %" PRId64 "%s%s%s", steps, cli_stop_name(),
			     saves  ? "; weights saved to "
			     : save ? "; nothing is saved"
				    : "",
			     saves ? save : "");
	return cli_end_status(end);
}

int cli_train_run(const struct cli_options *options, struct cli_record *record)
{
	struct cli_job job;
	struct display display = {
		.log = &job.log, .job = &job, .record = record, .log_every = options->log_every
	};
	int status = cli_job_open(&job, CLI_TRAIN, options);

	if (status == CLI_DONE) {
		display.quiet = options->quiet;
		job.fit.on_event = on_event;
		job.fit.user = &display;
		if (record)
			job.fit.log_every = 1;
		status = plait_fit(job.trainer, job.data, &job.fit);
		plait__progress_clear(&display.progress);
		status = finish(&job, &display, options->save, status);
	}
	return cli_job_close(&job, status);
}

int cli_train(int argc, char **argv)
{
	struct cli_options options;
	int status = cli_options_parse(&options, CLI_TRAIN, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = cli_choose_batch(&options);
	return status == CLI_DONE ? cli_train_run(&options, NULL) : status;
}
