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
	plait__monitor_destroy(&ex->own_monitor);
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
			 const struct plait__observer *observer, struct plait__monitor *monitor)
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
	plait__monitor_init(&ex->own_monitor);
	ex->monitor = monitor ? monitor : &ex->own_monitor;
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
	plait__monitor_lock(ex->monitor);
	ex->stop = true;
	plait__monitor_wake(ex->monitor);
	plait__monitor_unlock(ex->monitor);
}

/* -- requests and waiting
 * --------------------------------------------------------------------------- */

void plait__window_sleep(struct plait__monitor *monitor, const struct plait__watchdog *dog)
{
	monitor->locked = false;
	plait__watchdog_wait(dog, &monitor->wake, &monitor->mutex);
	monitor->locked = true;
}

char *plait__window_stall(const struct plait__executor *ex, const struct plait__watchdog *dog,
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

	plait__monitor_lock(ex->monitor);
	status = verdict(ex, INT64_MAX, stop);
	if (status == 0)
		ex->requested += steps;
	/* Callbacks submit the others: they run where the parameters are in the caches, and find
	 * enough steps for a whole burst. */
	if (ex->begun == ex->ended ||
	    (ex->begun - ex->ended < 2 && ex->requested - ex->submitted >= ex->binding[0]->steps))
		plait__window_fill(ex);
	plait__monitor_unlock(ex->monitor);
	return status;
}

int plait__executor_await(struct plait__executor *ex, int64_t steps, const volatile int *stop)
{
	struct plait__watchdog dog; /* of this wait: others have their own time */
	char text[400];
	int status;

	plait__monitor_lock(ex->monitor);
	dog = ex->watchdog;
	plait__watchdog_begin(&dog, (uint64_t)ex->done);
	dog.longest_wait = stop ? STOP_MICROSECONDS : 0;
	status = verdict(ex, steps, stop);
	while (status == 0 && ex->done < steps) {
		if (steps < ex->awaited)
			ex->awaited = steps;
		plait__window_sleep(ex->monitor, &dog);
		status = verdict(ex, steps, stop);
		if (status == 0 && ex->done < steps &&
		    plait__watchdog_look(&dog, (uint64_t)ex->done))
			status = plait__error(PLAIT_ETIMEOUT, "%s",
					      plait__window_stall(ex, &dog, text, sizeof text));
	}
	plait__monitor_unlock(ex->monitor);
	return status;
}

/* -- the end --------------------------------------------------------------------------- */

int plait__executor_drain(struct plait__executor *ex, struct plait__step *halted)
{
	plait__executor_stop(ex);
	plait__monitor_lock(ex->monitor);
	ex->watchdog.timeout = 0;
	while (ex->done < ex->submitted)
		plait__window_sleep(ex->monitor, &ex->watchdog);
	plait__monitor_unlock(ex->monitor);
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
