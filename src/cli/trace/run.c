/* SPDX-License-Identifier: MIT
 * A training job runs twice: first shortly without recording, to measure how long tasks and steps
 * are, then with recording.  FxT adds some 9 us to a task; where tasks are shorter than ten times
 * that, or it is not known, as of other programs, which run once, task profiling records. */
#include "config.h"
#include "src/cli/trace/run.h"
#include "src/cli/options/parse.h"
#include "src/cli/options/sweep.h"
#include "src/cli/complain.h"
#include "src/cli/measure/measure.h"
#include "src/cli/json.h"
#include "src/cli/output.h"
#include "src/cli/train.h"
#include "src/cli/trace/analyse/analyse.h"
#include "src/cli/trace/convert.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the run without recording. */
#define REFERENCE_STEPS 200
#define REFERENCE_SECONDS 5.0
/* FxT is used if tasks are at least ten times as long as what it adds. */
#define SHORT_TASK_MICROSECONDS (10 * CLI_FXT_TASK_US)

struct trace_run {
	const struct cli_options *options;
	const char *folder;
	int argc; /* of the run: the command's name first */
	char **argv;
	bool trains;
	struct cli_options train; /* the run's, if it trains */
	enum cli_trace_source source;
	char reason[160];
	double untraced_step_us, task_us; /* 0: not known */
};

static bool starpu_has_fxt(void)
{
#ifdef STARPU_USE_FXT
	return true;
#else
	return false;
#endif
}

/* -- before: how long tasks are --------------------------------------------------------------- */

static int measure(struct trace_run *run, struct cli_options options)
{
	struct cli_measure_job job = { .kind = CLI_MEASURE_TRAIN,
				       .options = &options,
				       .steps = REFERENCE_STEPS,
				       .seconds = REFERENCE_SECONDS };
	struct cli_setting setting[3] = { { "STARPU_FXT_TRACE", "0" }, { "PLAIT_RECORD", NULL } };
	struct cli_measure m = { 0 };
	struct cli_child_result result;
	double busy = 0;
	int output = cli_output_scratch();

	if (output < 0)
		return CLI_FAILED;
	options.save = options.log = NULL;
	options.print_plan = false;
	options.steps = REFERENCE_STEPS;
	job.warmup = cli_measure_warmup(&options);
	cli_output_progress("trace: a short run without recording, to compare with");
	result = cli_measure(&job, setting, 0, output, &m);
	cli_output_progress(NULL);
	close(output);
	if (result.end == CLI_CHILD_INTERRUPTED)
		return CLI_INTERRUPTED;
	if (result.end == CLI_CHILD_FAILED)
		cli_complain("%s", result.why);
	if (result.end != CLI_CHILD_DONE)
		return result.status;
	for (int w = 0; w < m.workers; w++)
		busy += 1 - m.idle_percent[w] / 100;
	run->untraced_step_us = m.step_us;
	if (m.tasks_per_second > 0)
		run->task_us = busy / m.tasks_per_second * 1e6;
	return CLI_DONE;
}

/* Of a pool its first member tells how long tasks are, where that chooses the source.  If it fails
 * others may not. */
static int measure_untraced(struct trace_run *run)
{
	bool pool = cli_is_pool(&run->train);
	struct cli_options first;
	struct cli_sweep sweep;
	int status = cli_sweep_first(&sweep, &run->train, &first);

	if (status == CLI_DONE && !(pool && run->options->source != CLI_SOURCE_AUTO))
		status = measure(run, first);
	cli_sweep_close(&sweep);
	return pool && status != CLI_INTERRUPTED ? CLI_DONE : status;
}

static int choose_source(struct trace_run *run)
{
	run->source = (enum cli_trace_source)run->options->source;
	if (run->source == CLI_SOURCE_FXT && !starpu_has_fxt()) {
		cli_complain("trace: --source fxt: this StarPU was built without FxT");
		return CLI_FAILED;
	}
	if (run->source != CLI_SOURCE_AUTO) {
		snprintf(run->reason, sizeof run->reason, "as --source says");
		return CLI_DONE;
	}
	run->source = CLI_SOURCE_PROFILING;
	if (!starpu_has_fxt()) {
		snprintf(run->reason, sizeof run->reason, "this StarPU was built without FxT");
	} else if (!(run->task_us > 0)) {
		snprintf(run->reason, sizeof run->reason,
			 "%s: --source fxt has transfers, too, for %.0f us a task",
			 run->trains ? "how long tasks take is not known" : "a program runs once",
			 CLI_FXT_TASK_US);
	} else if (run->task_us < SHORT_TASK_MICROSECONDS) {
		snprintf(run->reason, sizeof run->reason,
			 "a task takes %.0f us on average, of which FxT would add %.0f",
			 run->task_us, CLI_FXT_TASK_US);
	} else {
		run->source = CLI_SOURCE_FXT;
		snprintf(run->reason, sizeof run->reason,
			 "a task takes %.0f us on average, FxT's %.0f are few of them",
			 run->task_us, CLI_FXT_TASK_US);
	}
	return CLI_DONE;
}

/* -- the run ------------------------------------------------------------------------------ */

/* Mean time of the steps after the warm-up, as measure_untraced has it; null: too few. */
static json_t *traced_step_us(const struct cli_record *record, int64_t warmup)
{
	const struct cli_recorded_step *step = record->step;
	int64_t n = record->count;

	if (n < 2 || !step)
		return json_null();
	if (n < 2 * warmup)
		warmup = n / 2;
	return cli_json_real((step[n - 1].seconds - step[warmup - 1].seconds) /
			     (double)(n - warmup) * 1e6);
}

static json_t *losses(const struct cli_record *record)
{
	json_t *list = json_array();

	for (int64_t i = 0; i < record->count; i++)
		json_array_append_new(list, json_pack("[I,o]", (json_int_t)record->step[i].step,
						      cli_json_real((double)record->step[i].loss)));
	return list;
}

static json_t *known(double microseconds)
{
	return microseconds > 0 ? json_real(microseconds) : json_null();
}

static int write_run(const struct trace_run *run, const struct cli_record *record)
{
	int64_t warmup = cli_measure_warmup(&(struct cli_options){ .steps = REFERENCE_STEPS });
	char path[4096];
	json_t *object = json_pack(
		"{s:o,s:s,s:s,s:I,s:I,s:b}", "command", cli_json_command(run->argc, run->argv),
		"source", run->source == CLI_SOURCE_FXT ? "fxt" : "profiling", "source_reason",
		run->reason, "steps", (json_int_t)record->count, "evaluation_steps",
		(json_int_t)record->evaluated, "divided", record->divided);

	if (record->step)
		json_object_set_new(object, "losses", losses(record));
	json_object_set_new(object, "traced_step_us", traced_step_us(record, warmup));
	json_object_set_new(object, "untraced_step_us", known(run->untraced_step_us));
	json_object_set_new(object, "untraced_task_us", known(run->task_us));
	snprintf(path, sizeof path, "%s/run.json", run->folder);
	return cli_json_write(object, path);
}

static int train(void *user, void *result)
{
	const struct trace_run *run = user;
	struct cli_record record = { 0 };
	int status = cli_train_run(&run->train, &record);

	(void)result;
	/* The others of a pool go on where a member has failed. */
	bool ran = status == CLI_DONE || status == CLI_INTERRUPTED ||
		   (cli_is_pool(&run->train) && record.count > 0);

	if (ran && write_run(run, &record) != CLI_DONE)
		status = CLI_FAILED;
	free(record.step);
	return status;
}

static int execute(void *user, void *result)
{
	const struct trace_run *run = user;

	(void)result;
	if (write_run(run, &(struct cli_record){ 0 }) != CLI_DONE)
		return CLI_FAILED;
	execvp(run->argv[0], run->argv);
	cli_complain("%s: cannot be run: %s", run->argv[0], strerror(errno));
	return CLI_FAILED;
}

static int run_traced(struct trace_run *run)
{
	char prefix[4096];
	bool fxt = run->source == CLI_SOURCE_FXT;
	struct cli_setting setting[] = {
		{ "STARPU_FXT_TRACE", fxt ? "1" : "0" }, { "STARPU_FXT_PREFIX", prefix },
		{ "STARPU_FXT_SUFFIX", NULL },           { "STARPU_GENERATE_TRACE", "0" },
		{ "PLAIT_RECORD", run->folder },         { NULL, NULL }
	};
	struct cli_child child = { .work = run->trains ? train : execute,
				   .user = run,
				   .setting = setting,
				   .foreground = true,
				   .output = -1 };
	struct cli_child_result result;

	snprintf(prefix, sizeof prefix, "%s/", run->folder);
	result = cli_child_run(&child, prefix);
	if (result.end == CLI_CHILD_INTERRUPTED)
		return CLI_INTERRUPTED;
	if (result.status > 128 && result.status != CLI_INTERRUPTED)
		cli_complain("%s: %s", run->argv[0], result.why);
	return result.status;
}

/* -- after -------------------------------------------------------------------------------- */

static bool is_readable(const char *folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, R_OK) == 0;
}

static bool has_tasks(const char *folder)
{
	if (is_readable(folder, "tasks.rec"))
		return true;
	cli_complain("%s/tasks.rec: not there: the run has recorded nothing (profiling records "
		     "what Plait submits, --source fxt any program with StarPU)",
		     folder);
	return false;
}

int cli_trace_run(const struct cli_options *options, int argc, char **argv, const char *folder,
		  bool *folder_is_whole)
{
	struct trace_run run = { .options = options,
				 .folder = folder,
				 .argc = argc,
				 .argv = argv,
				 .trains = strcmp(argv[0], "train") == 0 };
	int status = -1, converted;

	*folder_is_whole = false;
	if (run.trains)
		status = cli_options_parse(&run.train, CLI_TRAIN, argc - 1, argv + 1);
	if (status >= 0)
		return status;
	status = run.trains ? cli_train_choose(&run.train) : CLI_DONE;
	if (status == CLI_DONE && run.trains)
		status = measure_untraced(&run);
	if (status == CLI_DONE)
		status = choose_source(&run);
	if (status != CLI_DONE)
		return status;
	/* Steps and tasks of a pool are not those of its first member. */
	if (cli_is_pool(&run.train))
		run.untraced_step_us = run.task_us = 0;
	status = run_traced(&run);
	if (status != CLI_DONE && status != CLI_INTERRUPTED &&
	    !(run.trains && is_readable(folder, "run.json")))
		return status;
	converted =
		run.source == CLI_SOURCE_FXT ? cli_trace_convert_left(folder, argv[0]) : CLI_DONE;
	if (converted == CLI_DONE)
		*folder_is_whole = has_tasks(folder);
	return status != CLI_DONE ? status : *folder_is_whole ? CLI_DONE : CLI_FAILED;
}
