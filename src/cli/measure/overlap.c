/* SPDX-License-Identifier: MIT
 * plait overlap: is loading hidden behind computing?  It measures one job with all phases apart,
 * with loads that run ahead, and with full overlap.  It also measures loading alone and computing
 * alone: the slower of the two is the best that overlap could reach. */
#include "config.h"
#include "src/cli/measure/measure.h"
#include "src/cli/options/grain.h"
#include "src/cli/options/parse.h"
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/job/start.h"
#include "src/cli/json.h"
#include "src/cli/median.h"
#include "src/cli/job/open.h"
#include "src/cli/output.h"
#include "src/base/assert.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_REPEATS 100
/* A job faster than its ideal by more than this factor shows noise: nothing can be. */
#define NOISE 0.98

enum run { OFF, LOAD, FULL, LOAD_ALONE, COMPUTE_ALONE, RUNS };

struct overlap {
	const struct cli_options *options;
	int64_t warmup;
	int output;
	double step_us[RUNS][MOST_REPEATS]; /* by repeat */
	float loss[RUNS];
	struct cli_measure last;
};

static const char *const run_name[] = { "off", "load", "full", "load alone", "compute alone" };

static enum cli_child_end measure(struct overlap *o, enum run run, int repeat)
{
	struct cli_options options = *o->options;
	struct cli_measure_job job = { .options = &options,
				       .warmup = o->warmup,
				       .steps = options.steps };
	struct cli_child_result result;

	PLAIT__ASSERT(repeat < MOST_REPEATS, "there is room for each repeat");
	job.kind = run == LOAD_ALONE ? CLI_MEASURE_LOAD : CLI_MEASURE_TRAIN;
	options.overlap = run == OFF    ? PLAIT_OVERLAP_OFF
			  : run == LOAD ? PLAIT_OVERLAP_LOAD
					: PLAIT_OVERLAP_FULL;
	options.load_once = run == COMPUTE_ALONE;
	/* Loading alone makes one batch at a time. */
	options.step_by_step = options.grain == PLAIT_GRANULARITY_AUTO;
	result = cli_measure(&job, NULL, options.max_run, o->output, &o->last);
	if (result.end != CLI_CHILD_DONE && result.end != CLI_CHILD_INTERRUPTED)
		cli_complain("overlap: run \"%s\" %s: %s", run_name[run],
			     cli_child_end_name(result.end), result.why);
	o->step_us[run][repeat] = o->last.step_us;
	o->loss[run] = o->last.loss;
	return result.end;
}

/* All runs take turns, so that other work on the machine disturbs them alike. */
static enum cli_child_end measure_all(struct overlap *o)
{
	enum cli_child_end end = CLI_CHILD_DONE;

	for (int repeat = 0; repeat < o->options->repeats; repeat++)
		for (int run = 0; run < RUNS && end == CLI_CHILD_DONE; run++) {
			cli_output_progress("overlap: %s, repeat %d of %d", run_name[run],
					    repeat + 1, (int)o->options->repeats);
			end = measure(o, (enum run)run, repeat);
		}
	cli_output_progress(NULL);
	return end;
}

struct summary {
	double step_us[RUNS], ideal;
	bool same_loss;
};

static struct summary summarize(const struct overlap *o)
{
	struct summary s;

	for (int run = 0; run < RUNS; run++)
		s.step_us[run] = cli_median(o->step_us[run], (int)o->options->repeats);
	s.ideal = fmax(s.step_us[LOAD_ALONE], s.step_us[COMPUTE_ALONE]);
	s.same_loss = o->loss[OFF] == o->loss[LOAD] && o->loss[LOAD] == o->loss[FULL];
	return s;
}

/* If overlap can save almost nothing, no share is printed, as it would be noise divided by noise.
 */
static void print_hidden(const struct summary *s)
{
	double could = s->step_us[OFF] - s->ideal, saved = s->step_us[OFF] - s->step_us[FULL];

	if (could <= 0.02 * s->step_us[OFF])
		puts("There is next to nothing to save: one side takes all of the time.");
	else if (s->step_us[FULL] < NOISE * s->ideal)
		return;
	else if (saved >= could)
		printf("Overlap saves all that it could, %.1f us a step.\n", could);
	else
		printf("Overlap saves %.0f %% of what it could: %.1f of %.1f us a step.\n",
		       100 * saved / could, saved, could);
}

static void print(const struct overlap *o, const struct summary *s)
{
	const double *us = s->step_us;

	printf("%d CPU worker%s, %d CUDA; %" PRId64 " steps after %" PRId64
	       " of warm-up, median of %d\n\n",
	       o->last.cpu_workers, o->last.cpu_workers == 1 ? "" : "s", o->last.cuda_workers,
	       o->options->steps, o->warmup, (int)o->options->repeats);
	printf("  --overlap off    %10.1f us a step   %5.2f x ideal   each phase after the other\n",
	       us[OFF], us[OFF] / s->ideal);
	printf("  --overlap load   %10.1f us a step   %5.2f x ideal   loading runs ahead\n",
	       us[LOAD], us[LOAD] / s->ideal);
	printf("  --overlap full   %10.1f us a step   %5.2f x ideal   all that may overlap\n\n",
	       us[FULL], us[FULL] / s->ideal);
	printf("  loading alone    %10.1f us a batch\n", us[LOAD_ALONE]);
	printf("  computing alone  %10.1f us a step\n", us[COMPUTE_ALONE]);
	printf("  ideal            %10.1f us: the slower of the two\n\n", s->ideal);
	print_hidden(s);
	if (us[FULL] < NOISE * s->ideal)
		puts("Full is faster than ideal, which nothing can be: the difference is noise, "
		     "and "
		     "so is\nwhat overlap saves. --steps and --repeats with more tell more.");
	printf("Losses are %s in the three.\n", s->same_loss ? "bitwise the same" : "NOT the same");
}

static json_t *to_json(const struct overlap *o, const struct summary *s)
{
	static const char *const key[] = { "off_step_us", "load_step_us", "full_step_us",
					   "load_alone_us", "compute_alone_us" };
	json_t *object = json_object(), *runs = json_object();

	for (int run = 0; run < RUNS; run++) {
		json_t *list = json_array();

		json_object_set_new(object, key[run], json_real(s->step_us[run]));
		for (int r = 0; r < o->options->repeats; r++)
			json_array_append_new(list, json_real(o->step_us[run][r]));
		json_object_set_new(runs, key[run], list);
	}
	json_object_set_new(object, "ideal_us", json_real(s->ideal));
	json_object_set_new(object, "full_over_ideal", json_real(s->step_us[FULL] / s->ideal));
	json_object_set_new(object, "same_loss", json_boolean(s->same_loss));
	json_object_set_new(object, "steps", json_integer(o->options->steps));
	json_object_set_new(object, "warmup", json_integer(o->warmup));
	json_object_set_new(object, "repeats", json_integer(o->options->repeats));
	json_object_set_new(object, "cpu_workers", json_integer(o->last.cpu_workers));
	json_object_set_new(object, "cuda_workers", json_integer(o->last.cuda_workers));
	json_object_set_new(object, "runs", runs);
	return object;
}

static int report(const struct overlap *o)
{
	struct summary summary = summarize(o);
	const struct cli_options *options = o->options;
	int status = CLI_DONE;

	/* Without a file the object is all that is printed. */
	if (!options->json || options->json_file)
		print(o, &summary);
	if (options->json || options->json_file)
		status = cli_json_write(to_json(o, &summary), options->json_file);
	if (!summary.same_loss && status == CLI_DONE) {
		cli_complain("overlap: losses differ between the modes: %.9g off, %.9g load, "
			     "%.9g full",
			     (double)o->loss[OFF], (double)o->loss[LOAD], (double)o->loss[FULL]);
		status = CLI_FAILED;
	}
	return status;
}

int cli_overlap(int argc, char **argv)
{
	struct cli_options options;
	struct overlap *o;
	enum cli_child_end end;
	int status = cli_options_parse(&options, CLI_OVERLAP, argc, argv);

	if (status >= 0)
		return status;
	if (cli_grain_granularity(options.grain) == PLAIT_GRANULARITY_RUN) {
		cli_complain(
			"overlap: --granularity run:N: the phases of a step are told apart, so "
			"a task has one step here");
		return CLI_USAGE;
	}
	cli_warn_workers(options.ncpu);
	cli_watch_ends();
	status = cli_data_look(&options);
	if (status != CLI_DONE)
		return status;
	o = calloc(1, sizeof *o);
	if (!o)
		return cli_failed(PLAIT_ENOMEM);
	o->options = &options;
	o->warmup = options.warmup > 0 ? options.warmup : cli_measure_warmup(&options);
	o->output = cli_output_scratch();
	end = o->output < 0 ? CLI_CHILD_FAILED : measure_all(o);
	status = end == CLI_CHILD_DONE          ? report(o)
		 : end == CLI_CHILD_INTERRUPTED ? CLI_INTERRUPTED
						: CLI_FAILED;
	if (end == CLI_CHILD_INTERRUPTED)
		cli_complain("overlap: interrupted");
	if (o->output >= 0)
		close(o->output);
	free(o);
	return status;
}
