/* SPDX-License-Identifier: MIT
 * What a program does with an open run: it submits steps, waits for them and reads what they gave.
 */
#include "config.h"
#include "src/gradient/optimizer.h"
#include "src/trainer/run.h"

#include <inttypes.h>

/* Steps that are submitted besides the window take so long, at most. */
#define AHEAD_MICROSECONDS 2e3

/* -- steps ------------------------------------------------------------------------------ */

/* With the mutex held. */
int plait__run_await(struct plait_run *run, int64_t steps)
{
	return plait__run_explain(run,
				  plait__executor_await(run->executor, steps, run->options.stop));
}

/* How many steps may be submitted and not done. */
static int64_t room(struct plait_run *run)
{
	double each = 0, steps;

	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	if (run->told > 0)
		each = (run->last_end - run->opened) / (double)run->told;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	steps = each > 0 ? AHEAD_MICROSECONDS / each : 0;
	return run->binding.window +
	       (int64_t)(steps < PLAIT__MOST_AHEAD ? steps : PLAIT__MOST_AHEAD);
}

/* Waking a thread costs more than a small step's tasks. */
int plait__run_await_half(struct plait_run *run, int64_t most)
{
	int64_t done = run->submitted - most / 2;
	int status = plait__run_await(run, done);

	if (status == 0)
		run->done = done;
	return status;
}

static int await_room(struct plait_run *run)
{
	if (run->submitted - run->done < run->ahead)
		return 0;
	run->ahead = room(run);
	return plait__run_await_half(run, run->ahead);
}

int plait__run_check(struct plait_run *run)
{
	return plait__run_explain(run,
				  plait__executor_request(run->executor, 0, run->options.stop));
}

int plait__run_request(struct plait_run *run)
{
	int64_t step = run->submitted;
	struct plait_optimizer optimizer;
	int status;

	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	optimizer = run->optimizer;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	plait__optimizer_scalars(&optimizer, run->trainer->updates + step + 1,
				 &run->scalars[step % run->rooms]);
	/* Before it may be done: no more are ever done than submitted. */
	__atomic_store_n(&run->submitted, step + 1, __ATOMIC_RELEASE);
	status = plait__run_explain(run,
				    plait__executor_request(run->executor, 1, run->options.stop));
	if (status < 0)
		__atomic_store_n(&run->submitted, step, __ATOMIC_RELEASE);
	return status;
}

static int submit_step(struct plait_run *run)
{
	bool ends = run->submitted > 0 && run->submitted % run->binding.feed.batches == 0;
	int status = await_room(run);

	if (status < 0)
		return status;
	if (!ends || run->at_end) {
		status = plait__run_request(run);
		run->at_end = run->at_end && status < 0;
		return status;
	}
	/* A run that has failed says so, and not that an epoch ends. */
	status = plait__run_check(run);
	run->at_end = status == 0;
	return status < 0 ? status : PLAIT_END;
}

int plait_run_step(struct plait_run *run)
{
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_step: run is NULL");
	if (run->lent)
		return plait__error(PLAIT_ESTATE, "plait_run_step: the run has no data set: fill "
						  "plait_run_slot, then call plait_run_submit");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = submit_step(run);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

static int set_optimizer(struct plait_run *run, struct plait_optimizer changed)
{
	int status = plait__optimizer_check(&changed);

	if (status == 0 && !plait__optimizer_alike(&run->optimizer, &changed))
		status =
			plait__error(PLAIT_EINVAL,
				     "plait_run_set_optimizer: another kind, another field that is "
				     "no double, or momentum where there was none, needs another "
				     "trainer");
	if (status == 0)
		run->optimizer = changed;
	return status;
}

int plait_run_set_optimizer(struct plait_run *run, const struct plait_optimizer *optimizer)
{
	int status;

	if (!run || !optimizer)
		return plait__error(PLAIT_EINVAL, "plait_run_set_optimizer: %s is NULL",
				    run ? "the optimizer" : "run");
	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	status = set_optimizer(run, *optimizer);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	return status;
}

int plait_run_set_lr(struct plait_run *run, double lr)
{
	struct plait_optimizer changed;
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_set_lr: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	changed = run->optimizer;
	changed.lr = lr;
	changed.exact = true;
	status = set_optimizer(run, changed);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	return status;
}

int plait__run_settle(struct plait_run *run)
{
	int status = plait__run_await(run, run->submitted);

	if (status == 0)
		plait__binding_sync(&run->binding);
	return status;
}

int plait_run_wait(struct plait_run *run)
{
	int status;

	if (!run)
		return plait__error(PLAIT_EINVAL, "plait_run_wait: run is NULL");
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = plait__run_settle(run);
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->mutex);
	return status;
}

void plait_run_stop(struct plait_run *run)
{
	if (run)
		plait__executor_stop(run->executor);
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
	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	told = run->told;
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	return told;
}

/* Without the mutex: another thread may submit steps meanwhile. */
static int await_step(struct plait_run *run, int64_t step)
{
	int status = plait__executor_await(run->executor, step, run->options.stop);

	if (status != PLAIT_ENAN)
		return status;
	STARPU_PTHREAD_MUTEX_LOCK(&run->mutex);
	status = plait__run_explain(run, status);
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
	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	kept = run->told - step < PLAIT_RUN_LOSSES;
	*loss = run->loss[(step - 1) % PLAIT_RUN_LOSSES];
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
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
	STARPU_PTHREAD_MUTEX_LOCK(&run->small_mutex);
	*metrics = run->metrics;
	run->metrics = (struct plait_metrics){ .has_accuracy = metrics->has_accuracy };
	STARPU_PTHREAD_MUTEX_UNLOCK(&run->small_mutex);
	return 0;
}
