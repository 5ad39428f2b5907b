/* SPDX-License-Identifier: MIT
 * The life of a step: submitted, done, finished.  Steps are submitted from the callbacks of tasks:
 * that costs 9 to 12 us a step, and a main thread that is woken at every step costs 18 to 25.  A
 * mutex and a counter keep the order, so that StarPU sees the same sequence of accesses in every
 * run. */
#include "config.h"
#include "src/executor/window.h"
#include "src/runtime/recorder.h"

#include <math.h>
#include <stdio.h>

void plait__window_lock(struct plait__executor *ex)
{
	STARPU_PTHREAD_MUTEX_LOCK(&ex->mutex);
	PLAIT__ASSERT(!ex->locked, "one thread at a time is in the executor");
	ex->locked = true;
}

void plait__window_unlock(struct plait__executor *ex)
{
	PLAIT__ASSERT(ex->locked, "only who holds the executor's mutex gives it back");
	ex->locked = false;
	STARPU_PTHREAD_MUTEX_UNLOCK(&ex->mutex);
}

/* -- submission, with the mutex held ------------------------------------------------- */

static void fail(struct plait__executor *ex, int64_t number, int status)
{
	if (ex->status == 0) {
		ex->status = status;
		ex->failed = number;
		snprintf(ex->message, sizeof ex->message, "%s", plait_error_message());
	}
	ex->stop = true;
	STARPU_PTHREAD_COND_BROADCAST(&ex->wake);
}

/* Which batch of which binding number is. */
void plait__window_position(const struct plait__executor *ex, struct plait__step *step,
			    int64_t number)
{
	const struct plait__loop *loop = &ex->loop;
	int64_t rest = number % ex->per_epoch;
	int which = 0;

	while (which < loop->bindings && rest >= loop->binding[which]->feed.batches)
		rest -= loop->binding[which++]->feed.batches;
	PLAIT__ASSERT(which < loop->bindings, "a step belongs to one of the loop's bindings");
	step->number = number;
	step->entry = (int)(number % ex->window);
	step->binding = loop->binding[which];
	step->epoch = number / ex->per_epoch;
	step->batch = rest;
	step->rows = plait__feed_rows(&step->binding->feed, step->batch);
	step->count = step->epoch * step->binding->feed.batches + step->batch;
}

static int submit(struct plait__executor *ex, int64_t number);

/* Whoever stops a run waits for what is in flight.  A window hides a task's few microseconds;
 * with steps of this length three are enough, and waiting for more would be felt. */
#define SLOW_MICROSECONDS 100e3

static int depth(const struct plait__executor *ex)
{
	int slots = 0;

	if (ex->slow && ex->window > 3)
		return 3;
	for (int i = 0; i < ex->loop.bindings; i++) {
		int used = plait__ring_depth(ex->loop.binding[i]->ring);

		slots = used > slots ? used : slots;
	}
	return plait__binding_window(slots) < ex->window ? plait__binding_window(slots)
							 : ex->window;
}

void plait__window_fill(struct plait__executor *ex)
{
	PLAIT__ASSERT(ex->locked, "steps are submitted with the executor's mutex held");
	PLAIT__ASSERT(ex->done <= ex->submitted && ex->submitted <= ex->done + ex->window,
		      "at most a window of steps is in flight");
	PLAIT__ASSERT(ex->submitted <= ex->requested, "only what was requested is submitted");
	while (!ex->stop && ex->submitted < ex->requested && ex->submitted < ex->done + depth(ex) &&
	       (!ex->observer.ready || ex->observer.ready(ex->observer.user))) {
		int status = submit(ex, ex->submitted);

		if (status < 0) {
			fail(ex, ex->submitted, status);
			break;
		}
		ex->submitted++;
	}
}

/* -- completion ---------------------------------------------------------------------- */

static void read_result(struct plait__step *step)
{
	const struct plait__binding *binding = step->binding;
	const struct plait__plan *plan = binding->plan;

	step->loss = 0;
	step->correct = 0;
	if (plan->options.mode == PLAIT__PREDICT)
		return;
	for (int r = 0; r < binding->plan->results; r++) {
		const unsigned char *result = plait__binding_result(binding, step->entry, r);

		step->loss += *(const float *)(result + plan->loss_offset);
		if (plan->graph->accuracy)
			step->correct +=
				(int64_t) * (const float *)(result + plan->accuracy_offset);
	}
}

static void tune(struct plait__executor *ex, const struct plait__step *step)
{
	double wait = plait__step_wait(step, ex->last_end);

	if (ex->last_end > 0)
		plait__ring_consumed(step->binding->ring, &step->load, wait,
				     step->end - ex->last_end - wait);
}

static void finish(struct plait__executor *ex, struct plait__step *step)
{
	int64_t halted;

	PLAIT__ASSERT(ex->locked, "steps are finished with the executor's mutex held");
	PLAIT__ASSERT(step->number == ex->done, "steps are finished in order");
	/* The step before this one may have been told late, its worker being held up. */
	if (step->end < ex->last_end)
		step->end = ex->last_end;
	read_result(step);
	if (step->binding->plan->options.mode == PLAIT__TRAIN && !isfinite(step->loss)) {
		plait__step_halt(step);
		ex->stop = true;
	}
	halted = __atomic_load_n(&ex->halted, __ATOMIC_ACQUIRE);
	if (step->load.status < 0 && (halted < 0 || halted >= step->number))
		fail(ex, step->number, plait__load_error(&step->load));
	/* From the halted step on nothing was changed, and nothing counts. */
	if (!plait__step_halted(step)) {
		unsigned flags = ex->observer.done(ex->observer.user, step);
		ex->due |= (flags & PLAIT__WAKE) != 0;
		ex->stop |= (flags & PLAIT__STOP) != 0;
	}
	tune(ex, step);
	ex->slow = ex->last_end > 0 && step->end - ex->last_end > SLOW_MICROSECONDS;
	ex->last_end = step->end;
	ex->done++;
}

/* The callback of a step's last tasks: by a worker, after the tasks that wait for them have
 * been released.  Steps may report out of order; they are finished in order. */
static void task_done(void *arg)
{
	struct plait__step *step = arg;
	struct plait__executor *ex = step->executor;
	struct plait__step *next;
	int pending;

	pending = __atomic_sub_fetch(&step->pending, 1, __ATOMIC_ACQ_REL);
	PLAIT__ASSERT(pending >= 0, "each last task of a step reports once");
	if (pending > 0)
		return;
	plait__window_lock(ex);
	step->end = starpu_timing_now();
	step->done = true;
	while (ex->done < ex->submitted && (next = &ex->step[ex->done % ex->window])->done) {
		next->done = false;
		finish(ex, next);
	}
	/* Whoever runs this has the parameters in its caches and the next step is ready: leave
	 * submitting to the loads while they keep up. */
	if (ex->submitted - ex->done <= depth(ex) / 2)
		plait__window_fill(ex);
	if (ex->due || ex->done == ex->submitted || ex->done >= ex->awaited) {
		ex->awaited = INT64_MAX;
		STARPU_PTHREAD_COND_BROADCAST(&ex->wake);
	}
	plait__window_unlock(ex);
}

/* The callback of a load: workers that load have time while others compute.  It may come after
 * all that waits for the load is over, so the step counts it too. */
static void load_done(void *arg)
{
	struct plait__executor *ex = ((struct plait__step *)arg)->executor;

	plait__window_lock(ex);
	plait__window_fill(ex);
	plait__window_unlock(ex);
	task_done(arg);
}

/* Loads fill gaps between computations, the nearest first, unless computing is about to wait for
 * one. */
static int load_priority(int64_t distance)
{
	int least = STARPU_MIN_PRIO;

	if (distance < 2)
		return STARPU_MAX_PRIO;
	return -distance > least ? (int)-distance : least;
}

static int submit_load(struct plait__executor *ex, struct plait__step *step)
{
	if (ex->loop.lent) {
		ex->loop.lent(ex->loop.rule, step->count, &step->load);
		step->rows = step->load.rows;
		return 0;
	}
	return plait__ring_submit(step->binding->ring, &step->load, step->count, step->epoch,
				  step->batch, load_priority(step->number - ex->done), load_done,
				  step);
}

static int submit(struct plait__executor *ex, int64_t number)
{
	struct plait__step *step = &ex->step[number % ex->window];
	int status;

	PLAIT__ASSERT(number == ex->submitted, "steps are submitted in order");
	PLAIT__ASSERT(step->pending == 0 && !step->done,
		      "an entry of the window is free when reused");
	plait__window_position(ex, step, number);
	step->executor = ex;
	step->halted = &ex->halted;
	step->done = false;
	step->pending = plait__binding_sinks(step->binding) + !ex->loop.lent; /* the load */
	if (step->binding->plan->options.mode == PLAIT__TRAIN)
		ex->loop.scalars(ex->loop.rule, ex->loop.updates + step->count + 1, &step->scalars);
	plait__recorder_iteration(number);
	status = submit_load(ex, step);
	if (status == 0)
		status = plait__binding_submit(step->binding, step, task_done);
	if (status == 0 && ex->observer.submitted &&
	    step->binding->plan->options.mode == PLAIT__TRAIN)
		status = ex->observer.submitted(ex->observer.user, step);
	plait__recorder_iteration(-1);
	return status;
}
