/* SPDX-License-Identifier: MIT
 * The half of --shards auto that runs in a child.  What the costs of the plan say is clearly slower
 * is left out; the other numbers of shards train in turn, each a few steps at a time on a network
 * as it is at first, so that the memory is that of one run. */
#include "config.h"
#include "src/cli/measure/shards.h"
#include "src/cli/complain.h"
#include "src/cli/job/job.h"
#include "src/base/base.h"

#include <math.h>
#include <starpu.h>
#include <stdlib.h>
#include <string.h>

/* Costs flatter many shards: they know of StarPU's tasks, but not that workers share the memory's
 * bandwidth.  So what they say is a quarter slower than fewer shards is slower; but fewer shards
 * are worth a try unless more would take half of their time. */
#define SLOWER 1.25
#define MUCH_SLOWER 2.0

/* Steps that count in a turn take about so many seconds, which is longer than most of what disturbs
 * them; steps are measured first until half of them take so long. */
#define TURN_SECONDS 40e-3
#define FIRST_SECONDS 10e-3
#define MOST_STEPS 8192
/* Steps before those that count, of those that are short: more than are in flight, and than the
 * tuner needs for its first decisions. */
#define WARMUP 24
/* So many turns are enough where all say the same: by chance that is one in 16. */
#define CLEAR_TURNS 5
/* So many seconds after the job was opened there are no more turns than must be; and none. */
#define ENOUGH 2
#define TOO_LONG 30

struct turns {
	const struct cli_options *options;
	struct cli_job job;
	struct cli_shard_turns *result;
	double *done; /* [2 * MOST_STEPS]: seconds of steps */
	int64_t warmup, steps;
	double begin; /* starpu_timing_now() when the job was open */
	bool failed;  /* there are no figures of the last turn */
};

static double seconds_spent(const struct turns *t)
{
	return (starpu_timing_now() - t->begin) * 1e-6;
}

static bool is_late(const struct turns *t)
{
	return t->failed || seconds_spent(t) > TOO_LONG;
}

/* -- the candidates ----------------------------------------------------------------------- */

/* Two shards for each worker let one that ends early go on.  A GPU computes a batch as a whole. */
static void list_candidates(const struct cli_options *o, struct cli_shard_turns *result)
{
	bool on_gpu = plait_cuda_workers() > 0 && !o->place;
	int64_t workers = on_gpu ? plait_cuda_workers() : plait_cpu_workers();
	int64_t most = on_gpu || workers == 1 ? workers : 2 * workers;
	int64_t samples = o->batch_size / o->microbatches, shards = o->replicas;
	int64_t room = 1024 / (o->microbatches * o->accumulate);

	if (samples < room)
		room = samples;
	do {
		result->candidate[result->candidates++].shards = shards;
		shards *= 2;
	} while (shards <= most && shards <= room && result->candidates < CLI_MOST_CANDIDATES);
	result->why = result->candidates > 1 ? CLI_SHARDS_OPEN
		      : shards <= most       ? CLI_SHARDS_BATCH
		      : on_gpu               ? CLI_SHARDS_GPU
					     : CLI_SHARDS_WORKER;
}

/* Makes the trainer one of so many shards. */
static int cut(struct turns *t, int64_t shards)
{
	struct cli_options options = *t->options;

	options.shards = (struct cli_shards){ .size = { .count = 1, .value = { shards } } };
	options.init = NULL; /* it was read once, and other weights take the same time */
	return cli_job_retrain(&t->job, &options);
}

/* What the costs of the plan say of a step; infinity for one that does not fit in memory. */
static int estimate(struct turns *t, int64_t shards, double *seconds)
{
	int status = cut(t, shards), estimated = 0;

	*seconds = HUGE_VAL;
	if (status == CLI_DONE)
		estimated =
			plait_trainer_estimate(t->job.trainer, t->job.data, &t->job.fit, seconds);
	return estimated < 0 && estimated != PLAIT_ENOMEM ? cli_failed(estimated) : status;
}

/* Removes what is estimated to be clearly slower, but for the first. */
static int leave_out(struct turns *t)
{
	struct cli_shard_turns *r = t->result;
	double seconds[CLI_MOST_CANDIDATES], best = HUGE_VAL;
	int count = 0, kept = 1, status = CLI_DONE;

	for (; count < r->candidates; count++) {
		status = estimate(t, r->candidate[count].shards, &seconds[count]);
		if (status != CLI_DONE || (count > 0 && !(seconds[count] < SLOWER * best)))
			break;
		best = fmin(best, seconds[count]);
	}
	for (int i = 1; i < count; i++)
		if (seconds[i] < MUCH_SLOWER * best)
			r->candidate[kept++] = r->candidate[i];
	r->candidates = kept;
	r->why = kept > 1 ? CLI_SHARDS_OPEN : CLI_SHARDS_PLAN;
	return status;
}

/* -- turns -------------------------------------------------------------------------------- */

static int on_event(void *user, const struct plait_event *event)
{
	if (event->kind == PLAIT_EVENT_STALL)
		cli_stalled(event->text);
	return is_late(user);
}

static int train(struct turns *t, int64_t steps)
{
	int status;

	PLAIT__ASSERT(steps <= 2 * MOST_STEPS, "each step has its time");
	memset(t->done, 0, (size_t)steps * sizeof *t->done);
	t->job.fit.steps = steps;
	status = plait_fit(t->job.trainer, t->job.data, &t->job.fit);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

/* How many steps make a turn, by some steps of the first candidate: twice as many each time. */
static int find_length(struct turns *t)
{
	int status = cut(t, t->result->candidate[0].shards);
	double half = 0, steps = 0;

	for (int64_t n = 2; n <= MOST_STEPS && half < FIRST_SECONDS && status == CLI_DONE; n *= 2) {
		status = train(t, n);
		half = t->done[n - 1] - t->done[n / 2 - 1];
		steps = (double)n / 2;
		if (is_late(t))
			break;
	}
	t->failed = !(half > 0);
	steps *= TURN_SECONDS / half;
	t->steps = steps < 1 ? 1 : steps < MOST_STEPS ? (int64_t)steps : MOST_STEPS;
	t->warmup = t->steps < WARMUP ? t->steps : WARMUP;
	if (t->warmup < t->steps / 4)
		t->warmup = t->steps / 4;
	return status;
}

static int measure(struct turns *t, struct cli_candidate *candidate, int turn)
{
	int status = cut(t, candidate->shards);
	double seconds;

	if (status == CLI_DONE)
		status = train(t, t->warmup + t->steps);
	seconds = t->done[t->warmup + t->steps - 1] - t->done[t->warmup - 1];
	candidate->step_us[turn] = seconds / (double)t->steps * 1e6;
	t->failed |= !(seconds > 0); /* it was ended before */
	return status;
}

/* Whether there are enough turns. */
static bool is_over(const struct turns *t)
{
	int turns = t->result->turns;

	return is_late(t) || turns == CLI_MOST_TURNS ||
	       (turns >= CLEAR_TURNS && cli_clear(t->result)) ||
	       (turns >= CLI_LEAST_TURNS && seconds_spent(t) > ENOUGH);
}

/* All take turns, so that other work on the machine disturbs them alike; odd turns begin with the
 * last one. */
static int take_turns(struct turns *t)
{
	struct cli_shard_turns *r = t->result;
	int status = find_length(t);

	while (!is_over(t) && status == CLI_DONE) {
		for (int i = 0; i < r->candidates && !is_late(t) && status == CLI_DONE; i++)
			status = measure(t, &r->candidate[r->turns % 2 ? r->candidates - 1 - i : i],
					 r->turns);
		r->turns += !is_late(t);
	}
	if (r->turns < CLI_LEAST_TURNS) {
		r->turns = 0;
		r->why = CLI_SHARDS_SLOW;
	}
	return status;
}

int cli_shard_turns_run(void *user, void *result)
{
	struct turns t = { .options = user, .result = result };
	int status = cli_job_open(&t.job, CLI_TRAIN, user);

	t.begin = starpu_timing_now();
	t.job.quiet = true;
	t.done = plait__calloc(2 * MOST_STEPS, sizeof *t.done, "step times");
	if (!t.done && status == CLI_DONE)
		status = cli_failed(PLAIT_ENOMEM);
	t.job.fit.epochs = 0;
	t.job.fit.steps = MOST_STEPS;
	t.job.fit.step_seconds = t.done;
	t.job.fit.validation = NULL;
	t.job.fit.overlap_validation = false;
	t.job.fit.log_every = 0;
	t.job.fit.on_event = on_event;
	t.job.fit.user = &t;
	if (status == CLI_DONE)
		list_candidates(t.options, t.result);
	if (status == CLI_DONE && t.result->candidates > 1)
		status = leave_out(&t);
	if (status == CLI_DONE && t.result->candidates > 1)
		status = take_turns(&t);
	free(t.done);
	return cli_job_close(&t.job, status);
}
