/* SPDX-License-Identifier: MIT
 * plait train. */
#include "config.h"
#include "src/cli/train.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/display.h"
#include "src/cli/end.h"
#include "src/cli/interrupt.h"
#include "src/cli/lr_find/lr_find.h"
#include "src/cli/job/job.h"
#include "src/cli/measure/measure.h"
#include "src/cli/pool/pool.h"
#include "src/cli/runs/runs.h"
#include "src/cli/options/sweep.h"
#include "src/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Says what the run's end asks for, and saves the weights if it does; see end.c. */
static int finish(struct cli_job *job, const struct cli_shown *shown, const char *save, int status)
{
	const struct cli_display *display = shown->display;
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
	cli_until_log(&shown->until, job, &job->log, 0, NULL);
	if (!display->quiet)
		cli_until_print(&shown->until, job, NULL);
	return cli_end_status(end);
}

static int run_one(const struct cli_options *options, struct cli_record *record)
{
	struct cli_job job;
	struct cli_display display = { .log = &job.log,
				       .record = record,
				       .log_every = options->log_every,
				       .quiet = options->quiet };
	struct cli_shown shown = { .display = &display };
	int status = cli_job_open(&job, CLI_TRAIN, options);

	if (status == CLI_DONE) {
		cli_display_attach(&shown, &job, options->print_plan);
		if (options->dashboard)
			display.dashboard = cli_dashboard_create(job.words);
		cli_until_attach(&shown.until, &job, options, options->save_best);
		status = plait_fit(job.trainer, job.data, &job.fit);
		cli_display_end(&display);
		status = finish(&job, &shown, options->save, status);
	}
	return cli_job_close(&job, status);
}

int cli_train_run(const struct cli_options *options, struct cli_record *record)
{
	if (!cli_plot_has_form(options, "train"))
		return CLI_USAGE;
	if (options->lr_find)
		return cli_lr_find(options);
	return cli_is_pool(options) ? cli_pool_run(options, record) : run_one(options, record);
}

int cli_train(int argc, char **argv)
{
	struct cli_options options;
	int status = cli_options_parse(&options, CLI_TRAIN, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_ends();
	status = cli_train_choose(&options);
	return status == CLI_DONE ? cli_train_run(&options, NULL) : status;
}

/* Whose size all members of a pool have: what is fastest beside others is not known. */
static void say_first(const struct cli_sweep *sweep)
{
	char *name = cli_sweep_name(sweep, 0);

	fputs("  measured with one member alone, ", stdout);
	plait__text_print(stdout, name ? name : "the first");
	printf(", and taken for all %d\n", sweep->members);
	free(name);
}

int cli_train_choose(struct cli_options *options)
{
	struct cli_options first;
	struct cli_sweep sweep;
	int status = cli_sweep_first(&sweep, options, &first);

	if (status == CLI_DONE)
		status = cli_choose_batch(&first);
	if (status == CLI_DONE && options->batch_size == 0 && first.batch_size > 0 &&
	    sweep.members > 1 && !options->quiet)
		say_first(&sweep);
	if (status == CLI_DONE)
		status = cli_choose_shards(&first, sweep.members);
	cli_sweep_close(&sweep);
	/* The first of several sizes is its own. */
	if (options->batch_size == 0)
		options->batch_size = first.batch_size;
	options->shards = first.shards;
	return status;
}
