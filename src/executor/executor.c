/* SPDX-License-Identifier: MIT
 * A run: its first window is submitted by the caller's thread, which then sleeps; callbacks submit
 * the rest (window.c). */
#include "config.h"
#include "src/executor/window.h"
#include "src/runtime/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

	plait__window_unlock(ex);
	snprintf(idle, sizeof idle,
		 "no load is running, and the tasks of the run's step %" PRId64 " have not ended",
		 step);
	stop = ex->observer->stall(ex->observer->user,
				   plait__watchdog_text(&ex->watchdog, idle, text, sizeof text));
	plait__window_lock(ex);
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
	plait__window_lock(ex);
	plait__window_fill(ex);
	while (goes_on(ex)) {
		sleep_watched(ex);
		ex->due = false;
		plait__window_unlock(ex);
		int stop = ex->observer->wake(ex->observer->user);

		plait__window_lock(ex);
		ex->stop |= stop != 0;
		plait__window_fill(ex);
	}
	plait__window_unlock(ex);
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
		plait__window_position(&ex, halted, ex.halted);
	STARPU_PTHREAD_MUTEX_DESTROY(&ex.mutex);
	STARPU_PTHREAD_COND_DESTROY(&ex.wake);
	PLAIT__ASSERT(ex.done == ex.submitted || ex.status < 0,
		      "a run ends with nothing in flight");
	free(ex.watchdog.ring);
	free(ex.step);
	return status;
}
