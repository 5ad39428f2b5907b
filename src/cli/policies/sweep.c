/* SPDX-License-Identifier: MIT
 * Running a sweep.  Each configuration first calibrates performance models of its own.  Then all
 * configurations take turns, repeat by repeat, so that other work on the machine disturbs them
 * alike.  Runs that were disturbed nevertheless are measured again. */
#include "config.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/complain.h"
#include "src/cli/measure/folder.h"
#include "src/cli/job/open.h"
#include "src/cli/output.h"
#include "src/base/base.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Apart from caches, a task takes the same time under every policy.  If the tasks of a run took
 * this many times what they took in the best run, the machine was busy with other work. */
#define SPOILT 1.1

/* Enough for a model that StarPU trusts: it wants ten runs of each codelet. */
#define CALIBRATION_STEPS 64

struct runner {
	struct cli_sweep *sweep;
	struct cli_folder folder; /* of models, a folder for each configuration */
	int output;
	double begin;
	int runs, all; /* begun, and how many there are at most */
};

static void show(const struct runner *r, const struct cli_configuration *c, const char *what)
{
	double seconds = (starpu_timing_now() - r->begin) * 1e-6;
	double left = r->runs > 0 ? ceil(seconds / r->runs * (r->all - r->runs)) : 0;

	cli_output_progress("policies: run %d of %d, %d:%02d left: %s, %s", r->runs + 1, r->all,
			    (int)left / 60, (int)left % 60, c->policy, what);
}

/* Makes the folder of a configuration's models.  Models of the bus do not depend on the
 * configuration, so all configurations share one folder of them. */
static int make_home(const struct runner *r, int i, char *home, size_t size)
{
	char path[4096 + 64], target[4096 + 64];

	snprintf(home, size, "%s/%d", r->folder.path, i);
	if (mkdir(home, 0700) != 0)
		return 0; /* it is there already */
	snprintf(path, sizeof path, "%s/.starpu", home);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/.starpu/sampling", home);
	mkdir(path, 0700);
	snprintf(target, sizeof target, "%s/bus", r->folder.path);
	mkdir(target, 0700);
	snprintf(path, sizeof path, "%s/.starpu/sampling/bus", home);
	return symlink(target, path);
}

/* Measures a configuration once; repeat -1 is the calibration. */
static enum cli_child_end run_one(struct runner *r, int i, int repeat, struct cli_measure *m)
{
	struct cli_configuration *c = &r->sweep->configuration[i];
	struct cli_options options = *r->sweep->options;
	char home[4096];
	struct cli_setting setting[] = { { "STARPU_HOME", home },
					 { "XDG_CACHE_HOME", NULL },
					 { "STARPU_PERF_MODEL_DIR", NULL },
					 { "STARPU_CALIBRATE", repeat < 0 ? "1" : NULL },
					 { NULL, NULL } };
	struct cli_measure_job job = { .options = &options,
				       .warmup = r->sweep->warmup,
				       .steps = options.steps };

	struct cli_child_result result;

	if (repeat < 0 && job.steps > CALIBRATION_STEPS)
		job.steps = CALIBRATION_STEPS;
	options.ncpu = c->ncpu;
	options.sched = c->policy;
	options.grain = c->grain;
	options.prefetch = c->prefetch;
	options.batch_size = c->batch_size;
	if (make_home(r, i, home, sizeof home) != 0) {
		snprintf(c->why, sizeof c->why, "no folder for its models");
		return CLI_CHILD_FAILED;
	}
	result = cli_measure(&job, setting, options.max_run, r->output, m);
	memcpy(c->why, result.why, sizeof c->why);
	return result.end;
}

static bool late(const struct runner *r)
{
	double limit = r->sweep->options->max_time;

	return limit > 0 && starpu_timing_now() - r->begin > limit * 1e6;
}

/* Runs a configuration, and notes how the run ended. */
static enum cli_child_end take_turn(struct runner *r, int i, int repeat)
{
	struct cli_configuration *c = &r->sweep->configuration[i];
	struct cli_measure ignored;
	struct cli_run *run = repeat < 0 ? NULL : &c->run[repeat];

	PLAIT__ASSERT(i >= 0 && i < r->sweep->count && repeat < r->sweep->repeats,
		      "a turn is one of the sweep's runs");
	show(r, c, repeat < 0 ? "calibrating" : run->begun ? "measuring again" : "measuring");
	c->end = run_one(r, i, repeat, run ? &run->measure : &ignored);
	r->runs++;
	if (run) {
		run->begun = true;
		run->end = c->end;
	}
	return c->end;
}

/* Runs each configuration that has not failed, until there is no more time.  Odd turns begin with
 * the last configuration.  Returns false if it was interrupted. */
static bool run_turn(struct runner *r, int repeat)
{
	int count = r->sweep->count;

	for (int i = 0; i < count && !late(r); i++) {
		int at = repeat % 2 == 0 ? i : count - 1 - i;
		enum cli_child_end end = r->sweep->configuration[at].end;

		if (end != CLI_CHILD_DONE)
			continue;
		end = take_turn(r, at, repeat);
		if (end == CLI_CHILD_INTERRUPTED)
			return false;
		if (end != CLI_CHILD_DONE) /* its other runs will not be */
			r->all -= r->sweep->repeats - 1 - repeat;
	}
	return true;
}

/* -- runs that the machine has spoilt ----------------------------------------------------- */

/* The run whose tasks took longest, if that is too long to be the work of the scheduler; else -1.
 */
static int find_spoilt(const struct cli_sweep *sweep, const struct cli_configuration *c)
{
	double least = HUGE_VAL;
	int worst = 0;

	if (c->end != CLI_CHILD_DONE)
		return -1;
	for (int r = 0; r < sweep->repeats; r++) {
		least = fmin(least, c->run[r].measure.task_us);
		if (c->run[r].measure.task_us > c->run[worst].measure.task_us)
			worst = r;
	}
	return c->run[worst].measure.task_us > SPOILT * least ? worst : -1;
}

/* How many runs find_spoilt would find, one after another, if each went well now. */
static int count_spoilt(const struct cli_sweep *sweep)
{
	int count = 0;

	for (int i = 0; i < sweep->count; i++) {
		const struct cli_configuration *c = &sweep->configuration[i];
		double least = HUGE_VAL;

		for (int r = 0; r < sweep->repeats && c->end == CLI_CHILD_DONE; r++)
			least = fmin(least, c->run[r].measure.task_us);
		for (int r = 0; r < sweep->repeats && c->end == CLI_CHILD_DONE; r++)
			count += c->run[r].measure.task_us > SPOILT * least;
	}
	return count;
}

/* Measures the run again and keeps the better of the two. */
static bool run_again(struct runner *r, int i, int repeat)
{
	struct cli_configuration *c = &r->sweep->configuration[i];
	struct cli_run old = c->run[repeat];
	enum cli_child_end end = take_turn(r, i, repeat);

	c->again++;
	if (end != CLI_CHILD_DONE || c->run[repeat].measure.task_us > old.measure.task_us)
		c->run[repeat] = old;
	if (end != CLI_CHILD_INTERRUPTED)
		c->end = CLI_CHILD_DONE;
	return end != CLI_CHILD_INTERRUPTED;
}

/* Measures disturbed runs again.  Each configuration gets at most two more runs for every repeat.
 */
static bool run_spoilt(struct runner *r)
{
	struct cli_sweep *sweep = r->sweep;
	bool any = true;

	for (int turn = 0; turn < 2 * sweep->repeats && any; turn++) {
		any = false;
		for (int i = 0; i < sweep->count && !late(r); i++) {
			int repeat = find_spoilt(sweep, &sweep->configuration[i]);

			if (repeat < 0)
				continue;
			any = true;
			r->all = r->runs + count_spoilt(sweep);
			if (!run_again(r, i, repeat))
				return false;
		}
	}
	return true;
}

int cli_sweep_run(struct cli_sweep *sweep)
{
	struct runner r = { .sweep = sweep,
			    .begin = starpu_timing_now(),
			    .all = sweep->count * (sweep->repeats + 1) };
	bool whole = true;
	int status = cli_data_look(sweep->options);

	if (status != CLI_DONE)
		return status;
	r.output = cli_output_scratch();
	if (r.output < 0 || cli_folder_open(&r.folder, NULL) < 0)
		return CLI_FAILED;
	for (int repeat = -1; repeat < sweep->repeats && whole; repeat++) {
		whole = run_turn(&r, repeat);
		if (whole && repeat > 0 && !late(&r))
			sweep->turns = repeat + 1;
	}
	PLAIT__ASSERT(sweep->turns >= 1 && sweep->turns <= sweep->repeats,
		      "a sweep has from one to all of its turns");
	if (whole && sweep->turns == sweep->repeats)
		whole = run_spoilt(&r);
	for (int i = 0; i < sweep->count; i++)
		sweep->configuration[i].skipped =
			sweep->configuration[i].end == CLI_CHILD_DONE &&
			!sweep->configuration[i].run[sweep->turns - 1].begun;
	cli_output_progress(NULL);
	cli_folder_close(&r.folder);
	close(r.output);
	if (!whole)
		cli_complain("policies: interrupted after %d runs", r.runs - 1);
	return whole ? CLI_DONE : CLI_INTERRUPTED;
}
