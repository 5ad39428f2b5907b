/* SPDX-License-Identifier: MIT
 * A run whose steps a program drives: a binding, an executor that is told of one step at a time,
 * and what its callbacks note. */
#include "config.h"
#include "src/executor/memory.h"
#include "src/gradient/optimizer.h"
#include "src/runtime/runtime.h"
#include "src/trainer/diagnose.h"
#include "src/trainer/reporter.h"
#include "src/trainer/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Besides the window so many steps may be submitted, or fewer, that take so long. */
#define MOST_AHEAD 256
#define AHEAD_MICROSECONDS 2e3

/* -- what callbacks do ------------------------------------------------------------------ */

static unsigned step_done(void *user, const struct plait__step *step)
{
	struct plait_run *run = user;
	bool bad = step->load.status < 0;

	STARPU_PTHREAD_MUTEX_LOCK(&run->told_mutex);
	PLAIT__ASSERT(step->count == run->told || bad, "steps are told in order");
	if (!bad) {
		plait__metrics_add(&run->metrics, step, run->last_end);
		run->loss[step->count % PLAIT_RUN_LOSSES] = step->loss;
		run->told++;
	}
	run->last_end = step->end;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->told_mutex);
	return run->options.stop && *run->options.stop ? PLAIT__STOP : 0;
}

/* The numbers that were right when the program submitted the step. */
static void scalars_of(const void *rule, int64_t update, struct plait__scalars *scalars)
{
	const struct plait_run *run = rule;
	int64_t step = update - run->trainer->updates - 1;

	*scalars = run->scalars[step % run->rooms];
}

static int submitted(void *user, const struct plait__step *step)
{
	const struct plait_run *run = user;

	return plait__trainer_submitted(step, run->options.on_submit, run->options.submit_user);
}

/* -- opening and closing ---------------------------------------------------------------- */

static int bind(struct plait_run *run, struct plait_dataset *dataset)
{
	struct plait_fit_options options = { .loader = run->options.loader,
					     .overlap = run->options.overlap };
	struct plait__binding *const only = &run->binding;
	int status =
		plait__trainer_bind(run->trainer, &run->binding, PLAIT__TRAIN, dataset, &options);

	if (status == 0 && run->options.print_plan)
		plait__bindings_print(&only, 1, run->options.print_plan);
	return status;
}

static int start(struct plait_run *run)
{
	struct plait__binding *const only = &run->binding;
	struct plait__loop loop = { .binding = &only,
				    .bindings = 1,
				    .scalars = scalars_of,
				    .rule = run,
				    .updates = run->trainer->updates };
	struct plait__observer observer = { .user = run,
					    .done = step_done,
					    .submitted = run->options.on_submit ? submitted : NULL,
					    .timeout = run->options.loader.timeout };

	run->rooms = run->binding.window + MOST_AHEAD;
	run->scalars =
		plait__calloc((size_t)run->rooms, sizeof *run->scalars, "the numbers of steps");
	if (!run->scalars)
		return PLAIT_ENOMEM;
	run->metrics.has_accuracy = run->binding.plan->graph->accuracy != NULL;
	run->opened = run->last_end = starpu_timing_now();
	return plait__executor_open(&run->executor, &loop, &observer);
}

static void destroy(struct plait_run *run)
{
	plait__binding_destroy(&run->binding);
	STARPU_PTHREAD_MUTEX_DESTROY(&run->mutex);
	STARPU_PTHREAD_MUTEX_DESTROY(&run->told_mutex);
	free(run->scalars);
	free(run);
}

int plait_run_open(struct plait_run **run_p, struct plait_trainer *trainer,
		   struct plait_dataset *dataset, const struct plait_run_options *options)
{
	struct plait_run *run;
	int status = plait__trainer_check_training(trainer, dataset, "plait_run_open");

	if (status == 0 && !run_p)
		status = plait__error(PLAIT_EINVAL, "plait_run_open: run_p is NULL");
	if (status < 0)
		return status;
	if (options && (unsigned)options->overlap > PLAIT_OVERLAP_OFF)
		return plait__error(PLAIT_EINVAL, "overlap %d, must be one of PLAIT_OVERLAP_*",
				    (int)options->overlap);
	run = plait__calloc(1, sizeof *run, "a run");
	if (!run)
		return PLAIT_ENOMEM;
	if (options)
		run->options = *options;
	run->trainer = trainer;
	run->optimizer = trainer->options.optimizer;
	STARPU_PTHREAD_MUTEX_INIT(&run->mutex, NULL);
	STARPU_PTHREAD_MUTEX_INIT(&run->told_mutex, NULL);
	status = bind(run, dataset);
	if (status == 0)
		status = start(run);
	if (status < 0) {
		destroy(run);
		return status;
	}
	trainer->run = run;
	*run_p = run;
	return 0;
}

/* With the mutex held: says where a loss was not finite, which ends the run. */
static int tell_halted(struct plait_run *run)
{
	struct plait__step halted;
	int status = run->status;

	if (status == 0)
		status = plait__executor_drain(run->executor, &halted);
	if (status == 0) {
		PLAIT__ASSERT(halted.number >= 0, "a step has halted the run");
		plait__binding_sync(&run->binding);
		run->status = plait__diagnose(&run->trainer->store, &halted);
		snprintf(run->message, sizeof run->message, "%s", plait_error_message());
	}
	return status < 0 && run->status == 0 ? status
					      : plait__error(run->status, "%s", run->message);
}

int plait_run_close(struct plait_run *run)
{
	int status;

	if (!run)
		return 0;
	status = plait__executor_await(run->executor, run->submitted, run->options.stop);
	if (status == PLAIT_ENAN)
		status = tell_halted(run);
	plait__executor_close(run->executor);
	run->trainer->updates += run->told;
	run->trainer->run = NULL;
	destroy(run);
	return status;
}

/* -- steps ------------------------------------------------------------------------------ */

/* Both with the mutex held. */
static int explain(struct plait_run *run, int status)
{
	return status == PLAIT_ENAN ? tell_halted(run) : status;
}

static int await(struct plait_run *run, int64_t steps)
{
	return explain(run, plait__executor_await(run->executor, steps, run->options.stop));
}

/* How many steps may be submitted and not done. */
static int64_t room(struct plait_run *run)
{
	double each = 0, steps;

	STARPU_PTHREAD_MUTEX_LOCK(&run->told_mutex);
	if (run->told > 0)
		each = (run->last_end - run->opened) / (double)run->told;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->told_mutex);
	steps = each > 0 ? AHEAD_MICROSECONDS / each : 0;
	return run->binding.window + (int64_t)(steps < MOST_AHEAD ? steps : MOST_AHEAD);
}

/* Waking a thread costs more than a small step's tasks, so a thread that has to wait sleeps until
 * half of the steps ahead are done. */
static int await_room(struct plait_run *run)
{
	int64_t done;
	int status;

	if (run->submitted - run->done < run->ahead)
		return 0;
	run->ahead = room(run);
	done = run->submitted - run->ahead / 2;
	status = await(run, done);
	if (status == 0)
		run->done = done;
	return status;
}

static int submit_step(struct plait_run *run)
{
	int64_t batches = run->binding.feed.batches;
	bool ends = run->submitted > 0 && run->submitted % batches == 0 && !run->at_end;
	int status = await_room(run);

	if (status < 0)
		return status;
	plait__optimizer_scalars(&run->optimizer, run->trainer->updates + run->submitted + 1,
				 &run->scalars[run->submitted % run->rooms]);
	status = explain(run,
			 plait__executor_request(run->executor, ends ? 0 : 1, run->options.stop));
	if (status < 0)
		return status;
	run->at_end = ends;
	if (ends)
		return PLAIT_END;
	__atomic_store_n(&run->submitted, run->submitted + 1, __ATOMIC_RELEASE);
	return 0;
}

int plait_run_step(struct plait_run *run)
{
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_step: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = submit_step(run);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

int plait_run_set_lr(struct plait_run *run, double lr)
{
	struct plait_optimizer changed;
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_set_lr: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	changed = run->optimizer;
	changed.lr = lr;
	changed.exact = true;
	status = plait__optimizer_check(&changed);
	if (status == 0)
		run->optimizer = changed;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

int plait_run_wait(struct plait_run *run)
{
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_wait: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = await(run, run->submitted);
	if (status == 0)
		plait__binding_sync(&run->binding);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

void plait_run_stop(struct plait_run *run)
{
	if (run)
		plait__executor_stop(run->executor);
}

const struct plait__binding *plait__run_binding(const struct plait_run *run)
{
	return &run->binding;
}

int plait__trainer_settle(struct plait_trainer *trainer)
{
	return trainer->run ? plait_run_wait(trainer->run) : 0;
}

/* -- what is told of them ---------------------------------------------------------------- */

int64_t plait_run_submitted(struct plait_run *run)
{
	return run ? __atomic_load_n(&run->submitted, __ATOMIC_ACQUIRE) : 0;
}

int64_t plait_run_done(struct plait_run *run)
{
	int64_t told;

	if (!run)
		return 0;
	STARPU_PTHREAD_MUTEX_LOCK(&run->told_mutex);
	told = run->told;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->told_mutex);
	return told;
}

/* Without the mutex: another thread may submit steps meanwhile. */
static int await_step(struct plait_run *run, int64_t step)
{
	int status = plait__executor_await(run->executor, step, run->options.stop);

	if (status != PLAIT_ENAN)
		return status;
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = tell_halted(run);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

int plait_run_loss(struct plait_run *run, int64_t step, float *loss)
{
	int64_t submitted = plait_run_submitted(run);
	bool kept;
	int status;

	if (!run || !loss)
		return plait__error(PLAIT_EINVAL, "plait_run_loss: %s is NULL",
				    run ? "loss" : "run");
	if (step < 1 || step > submitted)
		return plait__error(PLAIT_EINVAL,
				    "plait_run_loss: step %" PRId64 ", there are 1 to %" PRId64
				    " so far",
				    step, submitted);
	status = await_step(run, step);
	if (status < 0)
		return status;
	STARPU_PTHREAD_MUTEX_LOCK(&run->told_mutex);
	kept = run->told - step < PLAIT_RUN_LOSSES;
	*loss = run->loss[(step - 1) % PLAIT_RUN_LOSSES];
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->told_mutex);
	return kept ? 0
		    : plait__error(PLAIT_EINVAL,
				   "plait_run_loss: the losses of the last %d steps are kept, and "
				   "step %" PRId64 " is further back",
				   PLAIT_RUN_LOSSES, step);
}

int plait_run_metrics(struct plait_run *run, struct plait_metrics *metrics)
{
	if (!run || !metrics)
		return plait__error(PLAIT_EINVAL, "plait_run_metrics: %s is NULL",
				    run ? "metrics" : "run");
	STARPU_PTHREAD_MUTEX_LOCK(&run->told_mutex);
	*metrics = run->metrics;
	run->metrics = (struct plait_metrics){ .has_accuracy = metrics->has_accuracy };
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->told_mutex);
	return 0;
}
