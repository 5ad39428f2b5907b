/* SPDX-License-Identifier: MIT
 * A run: whoever opened it requests steps and sleeps; callbacks submit most of them (window.c). */
#include "config.h"
#include "src/executor/window.h"
#include "src/runtime/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A waiting thread looks so often whether it is to stop. */
#define STOP_MICROSECONDS 20e3

/* -- open ------------------------------------------------------------------------------ */

static void destroy(struct plait__executor *ex)
{
	STARPU_PTHREAD_MUTEX_DESTROY(&ex->mutex);
	STARPU_PTHREAD_COND_DESTROY(&ex->wake);
	free(ex->watchdog.ring);
	free(ex->burst);
	free(ex->step);
	free(ex);
}

static int make_bursts(struct plait__executor *ex)
{
	int most = 1;

	for (int i = 0; i < ex->loop.bindings; i++)
		most = ex->binding[i]->steps > most ? ex->binding[i]->steps : most;
	ex->burst = plait__calloc((size_t)ex->window, sizeof *ex->burst, "steps");
	ex->step = plait__calloc((size_t)ex->window * (size_t)most, sizeof *ex->step, "steps");
	if (!ex->burst || !ex->step)
		return PLAIT_ENOMEM;
	for (int i = 0; i < ex->window; i++)
		ex->burst[i].step = &ex->step[(size_t)i * (size_t)most];
	return 0;
}

int plait__executor_open(struct plait__executor **ex_p, const struct plait__loop *loop,
			 const struct plait__observer *observer)
{
	struct plait__executor *ex = plait__calloc(1, sizeof *ex, "a run");

	if (!ex)
		return PLAIT_ENOMEM;
	PLAIT__ASSERT(loop->bindings <= PLAIT__MOST_BINDINGS, "a loop goes over a few bindings");
	PLAIT__ASSERT(!loop->overlaps || (loop->bindings == 2 && loop->binding[1]->snapshot),
		      "what goes beside training reads a snapshot");
	memcpy(ex->binding, loop->binding, (size_t)loop->bindings * sizeof *ex->binding);
	ex->loop = *loop;
	ex->loop.binding = ex->binding;
	ex->observer = *observer;
	ex->halted = -1;
	ex->awaited = INT64_MAX;
	STARPU_PTHREAD_MUTEX_INIT(&ex->mutex, NULL);
	STARPU_PTHREAD_COND_INIT(&ex->wake, NULL);
	ex->watchdog.timeout = observer->timeout * 1e6;
	ex->watchdog.ring =
		plait__calloc((size_t)loop->bindings, sizeof *ex->watchdog.ring, "a watchdog");
	for (int i = 0; i < loop->bindings && ex->watchdog.ring; i++) {
		plait__watchdog_add(&ex->watchdog, loop->binding[i]->ring,
				    loop->binding[i]->feed.dataset);
		ex->per_epoch += loop->binding[i]->feed.batches;
		if (i == 0 || loop->binding[i]->window < ex->window)
			ex->window = loop->binding[i]->window;
	}
	if (!ex->watchdog.ring || make_bursts(ex) < 0) {
		destroy(ex);
		return PLAIT_ENOMEM;
	}
	plait__runtime_resume();
	*ex_p = ex;
	return 0;
}

void plait__executor_stop(struct plait__executor *ex)
{
	plait__window_lock(ex);
	ex->stop = true;
	STARPU_PTHREAD_COND_BROADCAST(&ex->wake);
	plait__window_unlock(ex);
}

/* -- requests and waiting
 * --------------------------------------------------------------------------- */

/* The lock is left meanwhile. */
static void sleep_once(struct plait__executor *ex, const struct plait__watchdog *dog)
{
	ex->locked = false;
	plait__watchdog_wait(dog, &ex->wake, &ex->mutex);
	ex->locked = true;
}

static char *describe_stall(const struct plait__executor *ex, const struct plait__watchdog *dog,
			    char *text, size_t size)
{
	char idle[96];

	snprintf(idle, sizeof idle,
		 "no load is running, and the tasks of the run's step %" PRId64 " have not ended",
		 ex->done + 1);
	return plait__watchdog_text(dog, idle, text, size);
}

/* What ends a wait for so many steps; 0: nothing does yet. */
static int verdict(const struct plait__executor *ex, int64_t steps, const volatile int *stop)
{
	int64_t halted = __atomic_load_n(&ex->halted, __ATOMIC_ACQUIRE);

	if (ex->status < 0 && ex->failed < steps)
		return plait__error(ex->status, "%s", ex->message);
	if (halted >= 0 && halted < ex->done && halted < steps)
		return PLAIT_ENAN;
	if (ex->done < steps && ((ex->stop && ex->submitted < steps) || (stop && *stop)))
		return plait__error(PLAIT_EINTERRUPTED, "stopped after %" PRId64 " steps",
				    ex->done);
	return 0;
}

int plait__executor_request(struct plait__executor *ex, int64_t steps, const volatile int *stop)
{
	int status;

	plait__window_lock(ex);
	status = verdict(ex, INT64_MAX, stop);
	if (status == 0)
		ex->requested += steps;
	/* Callbacks submit the others: they run where the parameters are in the caches, and find
	 * enough steps for a whole burst. */
	if (ex->begun == ex->ended ||
	    (ex->begun - ex->ended < 2 && ex->requested - ex->submitted >= ex->binding[0]->steps))
		plait__window_fill(ex);
	plait__window_unlock(ex);
	return status;
}

int plait__executor_await(struct plait__executor *ex, int64_t steps, const volatile int *stop)
{
	struct plait__watchdog dog; /* of this wait: others have their own time */
	char text[400];
	int status;

	plait__window_lock(ex);
	dog = ex->watchdog;
	plait__watchdog_begin(&dog, (uint64_t)ex->done);
	dog.longest_wait = stop ? STOP_MICROSECONDS : 0;
	status = verdict(ex, steps, stop);
	while (status == 0 && ex->done < steps) {
		if (steps < ex->awaited)
			ex->awaited = steps;
		sleep_once(ex, &dog);
		status = verdict(ex, steps, stop);
		if (status == 0 && ex->done < steps &&
		    plait__watchdog_look(&dog, (uint64_t)ex->done))
			status = plait__error(PLAIT_ETIMEOUT, "%s",
					      describe_stall(ex, &dog, text, sizeof text));
	}
	plait__window_unlock(ex);
	return status;
}

/* -- the end --------------------------------------------------------------------------- */

int plait__executor_drain(struct plait__executor *ex, struct plait__step *halted)
{
	plait__executor_stop(ex);
	plait__window_lock(ex);
	ex->watchdog.timeout = 0;
	while (ex->done < ex->submitted)
		sleep_once(ex, &ex->watchdog);
	plait__window_unlock(ex);
	/* Of a step that was submitted in part nobody knows the end, nor that of a user's tasks or
	 * of a snapshot that no step reads. */
	if (ex->status < 0 || ex->observer.submitted || ex->loop.overlaps)
		starpu_task_wait_for_all();
	PLAIT__ASSERT(ex->done == ex->submitted, "a run ends with nothing in flight");
	halted->number = -1;
	if (ex->halted >= 0)
		plait__window_position(ex, halted, ex->halted);
	return ex->status < 0 ? plait__error(ex->status, "%s", ex->message) : 0;
}

void plait__executor_close(struct plait__executor *ex)
{
	struct plait__step halted;

	plait__executor_drain(ex, &halted);
	plait__runtime_pause();
	destroy(ex);
}

/* -- a whole loop ---------------------------------------------------------------------- */

/* Whole epochs, then what is left of the limit. */
static int64_t total(const struct plait__executor *ex)
{
	const struct plait__loop *loop = &ex->loop;
	int64_t batches = loop->binding[0]->feed.batches;

	if (loop->steps == 0 || loop->steps / batches >= loop->epochs)
		return ex->per_epoch * loop->epochs;
	return loop->steps / batches * ex->per_epoch + loop->steps % batches;
}

/* Nothing may be in flight though there is more to do: the observer was not ready. */
static bool goes_on(const struct plait__executor *ex)
{
	return ex->done < ex->submitted || (!ex->stop && ex->submitted < ex->requested);
}

/* The lock is left meanwhile. */
static void tell_stall(struct plait__executor *ex)
{
	char text[400];
	int stop;

	describe_stall(ex, &ex->watchdog, text, sizeof text);
	plait__window_unlock(ex);
	stop = ex->observer.stall(ex->observer.user, text);
	plait__window_lock(ex);
	ex->stop |= stop != 0;
}

static void sleep_watched(struct plait__executor *ex)
{
	plait__watchdog_begin(&ex->watchdog, (uint64_t)ex->done);
	while (!ex->due && ex->done < ex->submitted) {
		sleep_once(ex, &ex->watchdog);
		if (plait__watchdog_look(&ex->watchdog, (uint64_t)ex->done))
			tell_stall(ex);
	}
}

/* Sleeps, wakes the observer when it wants it, until nothing is in flight and nothing more
 * will be. */
static void watch(struct plait__executor *ex)
{
	plait__window_lock(ex);
	while (goes_on(ex)) {
		int stop = 0;

		sleep_watched(ex);
		ex->due = false;
		plait__window_unlock(ex);
		if (ex->observer.wake)
			stop = ex->observer.wake(ex->observer.user);
		plait__window_lock(ex);
		ex->stop |= stop != 0;
		plait__window_fill(ex);
	}
	plait__window_unlock(ex);
}

int plait__executor_run(const struct plait__loop *loop, const struct plait__observer *observer,
			struct plait__step *halted)
{
	struct plait__executor *ex;
	int status = plait__executor_open(&ex, loop, observer);

	if (status < 0)
		return status;
	status = plait__executor_request(ex, total(ex), NULL);
	PLAIT__ASSERT(status == 0, "nothing has failed before the first step");
	watch(ex);
	status = plait__executor_drain(ex, halted);
	plait__executor_close(ex);
	return status;
}
