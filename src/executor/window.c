/* SPDX-License-Identifier: MIT
 * The life of a burst: submitted, done, finished.  Bursts are submitted from the callbacks of
 * tasks: that costs 9 to 12 us each, and a main thread that is woken at every one costs 18 to 25. A
 * monitor and a counter keep the order, so that StarPU sees the same sequence of accesses in every
 * run. */
#include "config.h"
#include "src/executor/shared/hub.h"
#include "src/executor/window.h"
#include "src/runtime/recorder.h"

#include <math.h>
#include <stdio.h>

/* -- submission, with the monitor held ----------------------------------------------- */

static void fail(struct plait__executor *ex, int64_t number, int status)
{
	if (ex->status == 0) {
		ex->status = status;
		ex->failed = number;
		snprintf(ex->message, sizeof ex->message, "%s", plait_error_message());
	}
	ex->stop = true;
	plait__monitor_wake(ex->monitor);
}

static int submit(struct plait__executor *ex, struct plait__burst *burst);

/* Whoever stops a run waits for what is in flight.  A window hides a task's few microseconds;
 * with bursts of this length three are enough, and waiting for more would be felt. */
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

static bool may_submit(struct plait__executor *ex)
{
	bool room = !ex->stop && ex->submitted < ex->requested &&
		    ex->begun < ex->ended + depth(ex) && plait__window_known(ex);

	ex->held = room && plait__hub_holds(ex);
	return room && !ex->held && (!ex->observer.ready || ex->observer.ready(ex->observer.user));
}

void plait__window_fill_one(struct plait__executor *ex)
{
	PLAIT__ASSERT(ex->monitor->locked, "steps are submitted with the monitor held");
	PLAIT__ASSERT(ex->ended <= ex->begun && ex->begun <= ex->ended + ex->window,
		      "at most a window of bursts is in flight");
	PLAIT__ASSERT(ex->done <= ex->submitted && ex->submitted <= ex->requested,
		      "only what was requested is submitted");
	while (may_submit(ex)) {
		struct plait__burst *burst = &ex->burst[ex->begun % ex->window];
		int status = submit(ex, burst);

		if (status < 0) {
			fail(ex, ex->submitted, status);
			break;
		}
		ex->submitted += burst->steps;
		ex->monitor->steps += burst->steps;
		ex->begun++;
	}
}

/* -- completion ---------------------------------------------------------------------- */

static void tune(struct plait__executor *ex, const struct plait__burst *burst)
{
	double wait = plait__step_wait(&burst->step[0], ex->last_end[0]);

	if (ex->last_end[0] > 0 && (!burst->reader || plait__hub_hears(burst->reader)))
		plait__ring_consumed(burst->binding->ring, burst->load, wait,
				     burst->end - ex->last_end[0] - wait);
	ex->slow = ex->last_end[0] > 0 && burst->end - ex->last_end[0] > SLOW_MICROSECONDS;
}

/* Whether the burst goes beside others, for which nobody waits. */
static bool is_beside(const struct plait__executor *ex, const struct plait__burst *burst)
{
	return ex->loop.overlaps && burst->binding == ex->binding[1];
}

static bool ends_epoch(const struct plait__burst *burst)
{
	return burst->step[burst->steps - 1].batch + 1 == burst->binding->feed.batches;
}

static void finish_step(struct plait__executor *ex, struct plait__step *step)
{
	int status = plait__step_status(step);
	int64_t halted;

	PLAIT__ASSERT(step->number == ex->done, "steps are finished in order");
	plait__step_read(step);
	if (step->binding->plan->options.mode == PLAIT__TRAIN && !isfinite(step->loss) &&
	    !plait__graph_skips(step->binding->plan->graph)) {
		plait__step_halt(step);
		ex->stop = true;
	}
	halted = __atomic_load_n(&ex->halted, __ATOMIC_ACQUIRE);
	if (status < 0 && (halted < 0 || halted >= step->number))
		fail(ex, step->number, plait__load_error(step->burst->load));
	/* From the halted step on nothing was changed, and nothing counts. */
	if (!plait__step_halted(step)) {
		unsigned flags = ex->observer.done(ex->observer.user, step);
		ex->due |= (flags & PLAIT__WAKE) != 0;
		ex->stop |= (flags & PLAIT__STOP) != 0;
	}
	ex->done++;
}

static void finish(struct plait__executor *ex, struct plait__burst *burst)
{
	bool beside = is_beside(ex, burst);
	double begin, each, *last_end = &ex->last_end[beside];

	PLAIT__ASSERT(ex->monitor->locked, "steps are finished with the monitor held");
	/* Shards of a step may end after others of the next one. */
	burst->end = fmax(plait__burst_end(burst), *last_end);
	begin = fmin(fmax(burst->load->end, *last_end), burst->end);
	each = (burst->end - begin) / burst->steps;
	for (int i = 0; i < burst->steps; i++) {
		bool last = i == burst->steps - 1;

		burst->step[i].end = last ? burst->end : begin + (i + 1) * each;
		finish_step(ex, &burst->step[i]);
	}
	/* Times between steps that go beside others say nothing of their loads. */
	if (!beside)
		tune(ex, burst);
	*last_end = burst->end;
	if (ex->loop.overlaps && !beside && ends_epoch(burst))
		ex->last_end[1] = burst->end;
	ex->ended++;
	plait__hub_finished(burst->reader);
}

/* The callback of a burst's last tasks: by a worker, after the tasks that wait for them have
 * been released.  Bursts may report out of order; they are finished in order. */
static void task_done(void *arg)
{
	struct plait__burst *burst = arg, *next;
	struct plait__executor *ex = burst->executor;
	int pending;

	pending = __atomic_sub_fetch(&burst->pending, 1, __ATOMIC_ACQ_REL);
	PLAIT__ASSERT(pending >= 0, "each last task of a burst reports once");
	if (pending > 0)
		return;
	plait__monitor_lock(ex->monitor);
	burst->end = starpu_timing_now();
	burst->done = true;
	while (ex->ended < ex->begun && (next = &ex->burst[ex->ended % ex->window])->done) {
		next->done = false;
		finish(ex, next);
	}
	/* Whoever runs this has the parameters in its caches and the next burst is ready: leave
	 * submitting to the loads while they keep up. */
	if (ex->begun - ex->ended <= depth(ex) / 2)
		plait__window_fill_one(ex);
	plait__hub_fill_held(ex);
	if (ex->due || ex->done == ex->submitted || ex->done >= ex->awaited) {
		ex->awaited = INT64_MAX;
		plait__monitor_wake(ex->monitor);
	}
	plait__monitor_unlock(ex->monitor);
}

/* The callback of a load: workers that load have time while others compute.  It may come after
 * all that waits for the load is over, so the burst counts it too. */
static void load_done(void *arg)
{
	struct plait__executor *ex = ((struct plait__burst *)arg)->executor;

	plait__monitor_lock(ex->monitor);
	plait__window_fill(ex);
	plait__monitor_unlock(ex->monitor);
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

static int submit_load(struct plait__executor *ex, struct plait__burst *burst)
{
	struct plait__step *first = &burst->step[0];
	int priority = is_beside(ex, burst) ? burst->binding->priority
					    : load_priority(ex->begun - ex->ended);

	burst->load = &burst->own_load;
	if (ex->loop.lent) {
		PLAIT__ASSERT(burst->steps == 1, "a slot that is lent has one batch");
		ex->loop.lent(ex->loop.rule, first->count, burst->load);
		first->rows = burst->load->rows;
		return 0;
	}
	if (burst->reader)
		return plait__hub_load(burst->reader, burst, priority);
	burst->own_load = (struct plait__load){ .epoch = first->epoch,
						.index = first->batch,
						.batches = burst->steps,
						.done = load_done,
						.user = burst };
	return plait__ring_submit(burst->binding->ring, burst->load, ex->begun, priority);
}

/* Makes a step of a burst: the next one behind those that it has.  A negative status says why its
 * numbers are none. */
static int gather_one(struct plait__executor *ex, struct plait__burst *burst)
{
	struct plait__step *step = &burst->step[burst->steps++];

	plait__window_position(ex, step, ex->submitted + burst->steps - 1);
	PLAIT__ASSERT(burst->steps == 1 || burst->binding == step->binding,
		      "the steps of a burst are of one binding");
	step->burst = burst;
	burst->binding = step->binding;
	return step->binding->plan->options.mode != PLAIT__TRAIN
		       ? 0
		       : ex->loop.scalars(ex->loop.rule, ex->loop.updates + step->count + 1,
					  &step->scalars);
}

/* The next steps, as many as are requested, of one epoch and binding, and no more than it takes. */
static int gather(struct plait__executor *ex, struct plait__burst *burst)
{
	int64_t left = ex->requested - ex->submitted;

	burst->steps = 0;
	do {
		int status = gather_one(ex, burst);

		/* It ends the run when it is the first: those before are done. */
		if (status < 0 && --burst->steps == 0)
			return status;
		if (status < 0)
			return 0;
	} while (burst->step[burst->steps - 1].batch + 1 != burst->binding->feed.batches &&
		 burst->steps < burst->binding->steps && burst->steps < left);
	return 0;
}

static int submit(struct plait__executor *ex, struct plait__burst *burst)
{
	int status;

	PLAIT__ASSERT(burst->pending == 0 && !burst->done,
		      "an entry of the window is free when reused");
	burst->executor = ex;
	burst->halted = &ex->halted;
	burst->entry = (int)(ex->begun % ex->window);
	status = gather(ex, burst);
	if (status < 0)
		return status;
	burst->reader = plait__hub_reader(ex, burst->binding);
	burst->pending = plait__binding_sinks(burst->binding) +
			 (!ex->loop.lent && !burst->reader); /* its own load */
	plait__recorder_iteration(ex->monitor->steps, burst->steps);
	status = submit_load(ex, burst);
	if (status == 0)
		status = plait__binding_submit(burst->binding, burst, task_done);
	PLAIT__ASSERT(!ex->observer.submitted || burst->steps == 1,
		      "who is told of each step has each by itself");
	if (status == 0 && ex->observer.submitted)
		status = ex->observer.submitted(ex->observer.user, &burst->step[0]);
	if (status == 0 && ex->loop.overlaps && !is_beside(ex, burst) && ends_epoch(burst))
		status = plait__binding_take_snapshot(ex->binding[1]);
	plait__recorder_iteration(-1, 0);
	if (status == 0)
		plait__hub_taken(burst->reader);
	return status;
}
