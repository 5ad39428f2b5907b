/* SPDX-License-Identifier: MIT
 * Running a sweep.  Each configuration first calibrates performance models of its own; then all
 * take turns, repeat by repeat, so that what else the machine does hits all alike. */
#include "config.h"
#include "src/cli/sweep.h"
#include "src/cli/folder.h"
#include "src/cli/report.h"
#include "src/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for a model that StarPU trusts: it wants ten runs of each codelet. */
#define CALIBRATION_STEPS 64

/* -- configurations ---------------------------------------------------------------------------- */

struct policies {
	const char *name[128];
	int count;
};

static int add_policy(struct policies *list, const char *name, size_t length)
{
	const char *known[128], *nearest;
	int count = plait_policies(known, 127);
	char wanted[64];

	for (int i = 0; i < count; i++)
		if (strlen(known[i]) == length && memcmp(known[i], name, length) == 0) {
			list->name[list->count++] = known[i];
			return CLI_DONE;
		}
	known[count] = NULL;
	snprintf(wanted, sizeof wanted, "%.*s", (int)length, name);
	nearest = plait__nearest(wanted, known);
	cli_complain("policies: --policies: no policy \"%s\"%s%s%s; those of this StarPU are",
		     wanted, nearest ? ", did you mean " : "", nearest ? nearest : "",
		     nearest ? "?" : "");
	for (int i = 0; i < count; i++)
		fprintf(stderr, "%s%s", i % 6 ? " " : i ? "\n  " : "  ", known[i]);
	fputc('\n', stderr);
	return CLI_USAGE;
}

static int list_policies(struct policies *list, const char *names)
{
	int status = CLI_DONE;

	list->count = 0;
	if (!names || strcmp(names, "all") == 0) {
		list->count = plait_policies(list->name, 128);
		return CLI_DONE;
	}
	while (status == CLI_DONE && list->count < 128) {
		size_t length = strcspn(names, ",");

		status = add_policy(list, names, length);
		if (names[length] == '\0')
			break;
		names += length + 1;
	}
	return status;
}

/* A list of the one value that a run would have without it. */
static struct cli_list list_or(const struct cli_list *list, int64_t value)
{
	return list->count > 0 ? *list : (struct cli_list){ .count = 1, .value = { value } };
}

/* Configuration i of the cross product, the policy changing the fastest. */
static struct cli_configuration make_configuration(const struct policies *policies,
						   const struct cli_list list[4], int i)
{
	struct cli_configuration c = { .policy = policies->name[i % policies->count] };
	int64_t *field[] = { &c.ncpu, &c.granularity, &c.prefetch, &c.batch_size };

	i /= policies->count;
	for (int l = 0; l < 4; l++) {
		*field[l] = list[l].value[i % list[l].count];
		i /= list[l].count;
	}
	return c;
}

int cli_sweep_make(struct cli_sweep *sweep, const struct cli_options *options)
{
	struct cli_list list[4] = { list_or(&options->ncpus, 0),
				    list_or(&options->granularities, options->granularity),
				    list_or(&options->prefetches, options->prefetch),
				    list_or(&options->batch_sizes, options->batch_size) };
	struct policies policies;
	int64_t count;
	int status;

	*sweep = (struct cli_sweep){ .options = options,
				     .warmup = options->warmup > 0 ? options->warmup
								   : cli_measure_warmup(options),
				     .repeats = (int)options->repeats,
				     .turns = 1 };
	status = list_policies(&policies, options->policies ? options->policies : options->sched);
	if (status != CLI_DONE)
		return status;
	count = policies.count;
	for (int l = 0; l < 4; l++)
		count *= list[l].count;
	if (count > 10000) {
		cli_complain("policies: %" PRId64 " configurations, at most 10000 can be compared",
			     count);
		return CLI_USAGE;
	}
	sweep->configuration =
		plait__calloc((size_t)count, sizeof *sweep->configuration, "configurations");
	if (!sweep->configuration)
		return cli_failed(PLAIT_ENOMEM);
	for (sweep->count = 0; sweep->count < count; sweep->count++) {
		struct cli_configuration *c = &sweep->configuration[sweep->count];

		*c = make_configuration(&policies, list, sweep->count);
		c->run = plait__calloc((size_t)sweep->repeats, sizeof *c->run, "runs");
		if (!c->run)
			return cli_failed(PLAIT_ENOMEM);
	}
	return CLI_DONE;
}

void cli_sweep_free(struct cli_sweep *sweep)
{
	for (int i = 0; i < sweep->count; i++)
		free(sweep->configuration[i].run);
	free(sweep->configuration);
}

const char *cli_configuration_status(const struct cli_configuration *c)
{
	return c->skipped ? "skipped" : cli_child_end_name(c->end);
}

/* -- runs ----------------------------------------------------------------------------------------
 */

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
	double left = r->runs > 0 ? seconds / r->runs * (r->all - r->runs) : 0;

	cli_progress("policies: run %d of %d, %d:%02d left: %s, %s", r->runs + 1, r->all,
		     (int)left / 60, (int)left % 60, c->policy, what);
}

/* Models of the bus are the machine's, not the configuration's: all share the first one's. */
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

/* repeat -1: calibration. */
static enum cli_child_end run_one(struct runner *r, int i, int repeat, struct cli_measure *m)
{
	struct cli_configuration *c = &r->sweep->configuration[i];
	struct cli_options options = *r->sweep->options;
	char home[4096], ncpu[32];
	struct cli_setting setting[] = { { "STARPU_HOME", home },
					 { "XDG_CACHE_HOME", NULL },
					 { "STARPU_PERF_MODEL_DIR", NULL },
					 { "STARPU_CALIBRATE", repeat < 0 ? "1" : NULL },
					 { c->ncpu > 0 ? "STARPU_NCPU" : NULL, ncpu },
					 { NULL, NULL } };
	struct cli_measure_job job = { .options = &options,
				       .warmup = r->sweep->warmup,
				       .steps = options.steps };

	struct cli_child_result result;

	if (repeat < 0 && job.steps > CALIBRATION_STEPS)
		job.steps = CALIBRATION_STEPS;
	snprintf(ncpu, sizeof ncpu, "%" PRId64, c->ncpu);
	options.sched = c->policy;
	options.granularity = (int)c->granularity;
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

/* One turn of all configurations that still work, while there is time; false: interrupted. */
static bool run_turn(struct runner *r, int repeat)
{
	for (int i = 0; i < r->sweep->count; i++) {
		struct cli_configuration *c = &r->sweep->configuration[i];
		struct cli_measure ignored;
		struct cli_run *run = repeat < 0 ? NULL : &c->run[repeat];

		if (late(r))
			return true;
		if (c->end != CLI_CHILD_DONE)
			continue;
		show(r, c, repeat < 0 ? "calibrating" : "measuring");
		c->end = run_one(r, i, repeat, run ? &run->measure : &ignored);
		r->runs++;
		if (run) {
			run->begun = true;
			run->end = c->end;
		}
		if (c->end == CLI_CHILD_INTERRUPTED)
			return false;
		if (c->end != CLI_CHILD_DONE) /* its other runs will not be */
			r->all -= r->sweep->repeats - 1 - repeat;
	}
	return true;
}

int cli_sweep_run(struct cli_sweep *sweep)
{
	struct runner r = { .sweep = sweep,
			    .begin = starpu_timing_now(),
			    .all = sweep->count * (sweep->repeats + 1) };
	bool whole = true;

	r.output = cli_scratch_file();
	if (r.output < 0 || cli_folder_open(&r.folder, NULL) < 0)
		return CLI_FAILED;
	for (int repeat = -1; repeat < sweep->repeats && whole; repeat++) {
		whole = run_turn(&r, repeat);
		if (whole && repeat > 0 && !late(&r))
			sweep->turns = repeat + 1;
	}
	for (int i = 0; i < sweep->count; i++)
		sweep->configuration[i].skipped =
			sweep->configuration[i].end == CLI_CHILD_DONE &&
			!sweep->configuration[i].run[sweep->turns - 1].begun;
	cli_progress(NULL);
	cli_folder_close(&r.folder);
	close(r.output);
	if (!whole)
		cli_complain("policies: interrupted after %d runs", r.runs - 1);
	return whole ? CLI_DONE : CLI_INTERRUPTED;
}
