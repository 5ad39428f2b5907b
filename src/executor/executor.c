/* SPDX-License-Identifier: MIT
 * Submission from completion callbacks costs 9-12 us a step where a main thread woken at
 * every step costs 18-25; a mutex and a counter keep the order, so that StarPU sees the
 * same sequence of accesses in every run. */
#include "config.h"
#include "src/executor/executor.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"
#include "src/loader/watchdog.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plait__executor {
	const struct plait__loop *loop;
	const struct plait__observer *observer;
	int window;
	int64_t total, per_epoch;
	struct plait__step *step; /* [window] */

	starpu_pthread_mutex_t mutex; /* for all below */
	starpu_pthread_cond_t wake;
	bool locked; /* somebody holds the mutex */
	int64_t submitted, done;
	double last_end; /* when the step before was done */
	bool slow;       /* it took long: see depth() */
	bool stop, due;  /* due: the observer wants to be woken */
	int status;      /* a submission or a load failed */
	char message[512];

	int64_t halted; /* number of the step, or -1; atomic */
	struct plait__watchdog watchdog;
};

static void lock(struct plait__executor *ex)
{
	STARPU_PTHREAD_MUTEX_LOCK(&ex->mutex);
	PLAIT__ASSERT(!ex->locked, "one thread at a time is in the executor");
	ex->locked = true;
}

static void unlock(struct plait__executor *ex)
{
	PLAIT__ASSERT(ex->locked, "only who holds the executor's mutex gives it back");
	ex->locked = false;
	STARPU_PTHREAD_MUTEX_UNLOCK(&ex->mutex);
}

/* -- submission, with the mutex held ------------------------------------------------- */

static void fail(struct plait__executor *ex, int status)
{
	if (ex->status == 0) {
		ex->status = status;
		snprintf(ex->message, sizeof ex->message, "%s", plait_error_message());
	}
	ex->stop = true;
}

/* Which batch of which binding number is. */
static void set_position(const struct plait__executor *ex, struct plait__step *step, int64_t number)
{
	const struct plait__loop *loop = ex->loop;
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
	for (int i = 0; i < ex->loop->bindings; i++) {
		int used = plait__ring_depth(ex->loop->binding[i]->ring);

		slots = used > slots ? used : slots;
	}
	return plait__binding_window(slots) < ex->window ? plait__binding_window(slots)
							 : ex->window;
}

static void submit_more(struct plait__executor *ex)
{
	PLAIT__ASSERT(ex->locked, "steps are submitted with the executor's mutex held");
	PLAIT__ASSERT(ex->done <= ex->submitted && ex->submitted <= ex->done + ex->window,
		      "at most a window of steps is in flight");
	while (!ex->stop && ex->submitted < ex->total && ex->submitted < ex->done + depth(ex) &&
	       ex->observer->ready(ex->observer->user)) {
		int status = submit(ex, ex->submitted);

		if (status < 0) {
			fail(ex, status);
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
		fail(ex, plait__load_error(&step->load));
	/* From the halted step on nothing was changed, and nothing counts. */
	if (!plait__step_halted(step)) {
		unsigned flags = ex->observer->done(ex->observer->user, step);
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
	lock(ex);
	step->end = starpu_timing_now();
	step->done = true;
	while (ex->done < ex->submitted && (next = &ex->step[ex->done % ex->window])->done) {
		next->done = false;
		finish(ex, next);
	}
	/* Whoever runs this has the parameters in its caches and the next step is ready: leave
	 * submitting to the loads while they keep up. */
	if (ex->submitted - ex->done <= depth(ex) / 2)
		submit_more(ex);
	if (ex->due || ex->done == ex->submitted)
		STARPU_PTHREAD_COND_SIGNAL(&ex->wake);
	unlock(ex);
}

/* The callback of a load: workers that load have time while others compute.  It may come after
 * all that waits for the load is over, so the step counts it too. */
static void load_done(void *arg)
{
	struct plait__executor *ex = ((struct plait__step *)arg)->executor;

	lock(ex);
	submit_more(ex);
	unlock(ex);
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

static int submit(struct plait__executor *ex, int64_t number)
{
	struct plait__step *step = &ex->step[number % ex->window];
	int status;

	PLAIT__ASSERT(number == ex->submitted, "steps are submitted in order");
	PLAIT__ASSERT(step->pending == 0 && !step->done,
		      "an entry of the window is free when reused");
	set_position(ex, step, number);
	step->executor = ex;
	step->halted = &ex->halted;
	step->done = false;
	step->pending = plait__binding_sinks(step->binding) + 1; /* and the load */
	if (step->binding->plan->options.mode == PLAIT__TRAIN)
		ex->loop->scalars(ex->loop->rule, ex->loop->updates + step->count + 1,
				  &step->scalars);
	plait__recorder_iteration(number);
	status = plait__ring_submit(step->binding->ring, &step->load, step->count, step->epoch,
				    step->batch, load_priority(number - ex->done), load_done, step);
	if (status == 0)
		status = plait__binding_submit(step->binding, step, task_done);
	if (status == 0 && ex->observer->submitted &&
	    step->binding->plan->options.mode == PLAIT__TRAIN)
		status = ex->observer->submitted(ex->observer->user, step);
	plait__recorder_iteration(-1);
	return status;
}

/* -- the run ------------------------------------------------------------------------- */

/* Whole epochs, then what is left of the limit. */
static int64_t total(const struct plait__loop *loop, int64_t per_epoch)
{
	int64_t batches = loop->binding[0]->feed.batches;

	if (loop->steps == 0 || loop->steps / batches >= loop->epochs)
		return per_epoch * loop->epochs;
	return loop->steps / batches * per_epoch + loop->steps % batches;
}

static int executor_init(struct plait__executor *ex, const struct plait__loop *loop,
			 const struct plait__observer *observer)
{
	*ex = (struct plait__executor){ .loop = loop, .observer = observer, .halted = -1 };
	ex->watchdog.timeout = observer->timeout * 1e6;
	ex->watchdog.ring =
		plait__calloc((size_t)loop->bindings, sizeof *ex->watchdog.ring, "a watchdog");
	if (!ex->watchdog.ring)
		return PLAIT_ENOMEM;
	for (int i = 0; i < loop->bindings; i++) {
		plait__watchdog_add(&ex->watchdog, loop->binding[i]->ring,
				    loop->binding[i]->feed.dataset);
		ex->per_epoch += loop->binding[i]->feed.batches;
		if (i == 0 || loop->binding[i]->window < ex->window)
			ex->window = loop->binding[i]->window;
	}
	ex->total = total(loop, ex->per_epoch);
	ex->step = plait__calloc((size_t)ex->window, sizeof *ex->step, "steps");
	if (!ex->step) {
		free(ex->watchdog.ring);
		return PLAIT_ENOMEM;
	}
	STARPU_PTHREAD_MUTEX_INIT(&ex->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&ex->wake, NULL);
	return 0;
}

/* Nothing may be in flight though there is more to do: the observer was not ready. */
static bool goes_on(const struct plait__executor *ex)
{
	return ex->done < ex->submitted || (!ex->stop && ex->submitted < ex->total);
}

/* The lock is left meanwhile. */
static void tell_stall(struct plait__executor *ex)
{
	int64_t step = ex->done + 1;
	char idle[96], text[400];
	int stop;

	unlock(ex);
	snprintf(idle, sizeof idle,
		 "no load is running, and the tasks of the run's step %" PRId64 " have not ended",
		 step);
	stop = ex->observer->stall(ex->observer->user,
				   plait__watchdog_text(&ex->watchdog, idle, text, sizeof text));
	lock(ex);
	ex->stop |= stop != 0;
}

static void sleep_watched(struct plait__executor *ex)
{
	plait__watchdog_begin(&ex->watchdog, (uint64_t)ex->done);
	while (!ex->due && ex->done < ex->submitted) {
		ex->locked = false; /* the mutex is free while this thread waits */
		plait__watchdog_wait(&ex->watchdog, &ex->wake, &ex->mutex);
		ex->locked = true;
		if (plait__watchdog_look(&ex->watchdog, (uint64_t)ex->done))
			tell_stall(ex);
	}
}

/* Sleeps, wakes the observer when it wants it, until nothing is in flight and nothing more
 * will be. */
static void watch(struct plait__executor *ex)
{
	lock(ex);
	submit_more(ex);
	while (goes_on(ex)) {
		sleep_watched(ex);
		ex->due = false;
		unlock(ex);
		int stop = ex->observer->wake(ex->observer->user);

		lock(ex);
		ex->stop |= stop != 0;
		submit_more(ex);
	}
	unlock(ex);
}

int plait__executor_run(const struct plait__loop *loop, const struct plait__observer *observer,
			struct plait__step *halted)
{
	struct plait__executor ex;
	int status = executor_init(&ex, loop, observer);

	if (status < 0)
		return status;
	plait__runtime_resume();
	watch(&ex);
	starpu_task_wait_for_all();
	plait__runtime_pause();
	if (ex.status < 0)
		status = plait__error(ex.status, "%s", ex.message);
	halted->number = -1;
	if (ex.halted >= 0)
		set_position(&ex, halted, ex.halted);
	STARPU_PTHREAD_MUTEX_DESTROY(&ex.mutex);
	STARPU_PTHREAD_COND_DESTROY(&ex.wake);
	PLAIT__ASSERT(ex.done == ex.submitted || ex.status < 0,
		      "a run ends with nothing in flight");
	free(ex.watchdog.ring);
	free(ex.step);
	return status;
}
