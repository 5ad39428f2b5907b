/* SPDX-License-Identifier: MIT
 * The policy `plait`, in StarPU's public interface.  When a worker ends a task, the data of the
 * task that becomes ready is in that worker's caches.  So the ready task goes to the worker's own
 * place, without a lock, and for a few microseconds other workers leave it there.  All other ready
 * tasks, mostly loads, wait in lists by priority behind one mutex (ready.c).
 *
 * Places work only if idle workers look for tasks by themselves.  Where StarPU's drivers sleep
 * instead, all tasks go through the lists and a worker is woken for each. */
#include "config.h"
#include "src/runtime/policy.h"
#include "src/runtime/ready.h"
#include "src/base/assert.h"

#include <limits.h>
#include <starpu_scheduler.h>
#include <stdlib.h>

#if defined STARPU_NON_BLOCKING_DRIVERS && !defined STARPU_SIMGRID
#define IDLE_WORKERS_POLL true
#else
#define IDLE_WORKERS_POLL false
#endif

/* For so long a task is left to the worker that released it, which may still be in a callback. */
#ifndef MICROSECONDS
#define MICROSECONDS 3.0
#endif

/* What belongs to one worker, on cache lines of its own. */
struct place {
	struct starpu_task *task; /* taken by exchange; only this worker puts one here */
	double since;             /* atomic */
	uint64_t looked;          /* pushes when it last found nothing in the lists */
	bool member;              /* of the context */
	char fill[2 * 64 - 2 * sizeof(double) - sizeof(void *) - sizeof(bool)];
};

struct policy {
	int workers;                            /* places that may be in use */
	struct place place[STARPU_NMAXWORKERS]; /* by worker */
	struct plait__ready ready;
};

/* -- places -------------------------------------------------------------------------------- */

static struct starpu_task *take_from_place(struct place *place)
{
	if (!__atomic_load_n(&place->task, __ATOMIC_RELAXED))
		return NULL;
	return __atomic_exchange_n(&place->task, NULL, __ATOMIC_ACQ_REL);
}

static void put_in_place(struct place *place, struct starpu_task *task)
{
	double now = starpu_timing_now();

	PLAIT__ASSERT(!__atomic_load_n(&place->task, __ATOMIC_RELAXED),
		      "a worker takes what is in its place before it puts another task there");
	__atomic_store(&place->since, &now, __ATOMIC_RELAXED);
	__atomic_store_n(&place->task, task, __ATOMIC_RELEASE);
}

/* Takes a task that has been in another worker's place for too long. */
static struct starpu_task *steal(struct policy *policy, unsigned worker)
{
	double now = 0, since;

	for (int i = 0; i < policy->workers; i++) {
		struct place *place = &policy->place[i];
		struct starpu_task *task;

		if (!__atomic_load_n(&place->task, __ATOMIC_ACQUIRE))
			continue;
		now = now > 0 ? now : starpu_timing_now();
		__atomic_load(&place->since, &since, __ATOMIC_RELAXED);
		if (now < since + MICROSECONDS || !(task = take_from_place(place)))
			continue;
		if (plait__ready_can_run(worker, task))
			return task;
		plait__ready_put(&policy->ready, task);
	}
	return NULL;
}

/* -- what StarPU calls ----------------------------------------------------------------------- */

static struct policy *policy_of(unsigned context)
{
	return starpu_sched_ctx_get_policy_data(context);
}

static void begin(unsigned context)
{
	struct policy *policy = NULL;

	if (posix_memalign((void **)&policy, 64, sizeof *policy) != 0)
		STARPU_ABORT_MSG("no memory for the policy");
	*policy = (struct policy){ 0 };
	plait__ready_init(&policy->ready);
	starpu_sched_ctx_set_policy_data(context, policy);
	if (!starpu_sched_ctx_min_priority_is_set(context))
		starpu_sched_ctx_set_min_priority(context, INT_MIN);
	if (!starpu_sched_ctx_max_priority_is_set(context))
		starpu_sched_ctx_set_max_priority(context, INT_MAX);
}

static void end(unsigned context)
{
	struct policy *policy = policy_of(context);

	plait__ready_destroy(&policy->ready);
	free(policy);
}

static void add_workers(unsigned context, int *worker, unsigned count)
{
	struct policy *policy = policy_of(context);

	for (unsigned i = 0; i < count; i++) {
		PLAIT__ASSERT(worker[i] >= 0 && worker[i] < STARPU_NMAXWORKERS,
			      "every worker has a place");
		policy->place[worker[i]].member = true;
		if (policy->workers <= worker[i])
			policy->workers = worker[i] + 1;
		starpu_sched_ctx_worker_shares_tasks_lists(worker[i], (int)context);
	}
}

static void remove_workers(unsigned context, int *worker, unsigned count)
{
	struct policy *policy = policy_of(context);

	for (unsigned i = 0; i < count; i++) {
		struct place *place = &policy->place[worker[i]];
		struct starpu_task *task = take_from_place(place);

		place->member = false;
		if (task)
			plait__ready_put(&policy->ready, task);
	}
}

/* Sets able for each worker that could run the task.  Called before the task is in a list, as
 * another worker may take it from there and free it. */
static void find_able(unsigned context, struct starpu_task *task, bool *able)
{
	struct starpu_worker_collection *workers = starpu_sched_ctx_get_worker_collection(context);
	struct starpu_sched_ctx_iterator at;

	workers->init_iterator_for_parallel_tasks(workers, &at, task);
	while (workers->has_next(workers, &at)) {
		int worker = workers->get_next(workers, &at);

		able[worker] =
			starpu_worker_can_execute_task_first_impl((unsigned)worker, task, NULL);
	}
}

static void wake(const struct policy *policy, const bool *able, bool all)
{
	for (int i = 0; i < policy->workers; i++)
		if (able[i] && starpu_wake_worker_relax_light(i) && !all)
			return;
}

/* If the worker's place already has a task, the more urgent of the two stays there; the older one
 * if they are equally urgent. */
static int push(struct starpu_task *task)
{
	unsigned context = task->sched_ctx;
	struct policy *policy = policy_of(context);
	int worker = IDLE_WORKERS_POLL ? starpu_worker_get_id() : -1,
	    level = plait__ready_level(task);
	bool able[STARPU_NMAXWORKERS] = { false };

	if (worker >= 0 && level >= PLAIT__LOADS && level < PLAIT__URGENT &&
	    policy->place[worker].member && plait__ready_can_run((unsigned)worker, task)) {
		struct starpu_task *old = take_from_place(&policy->place[worker]);
		bool keep = old && plait__ready_level(old) >= level;

		starpu_push_task_end(task);
		put_in_place(&policy->place[worker], keep ? old : task);
		if (old)
			plait__ready_put(&policy->ready, keep ? task : old);
		return 0;
	}
	if (!IDLE_WORKERS_POLL)
		find_able(context, task, able);
	plait__ready_put(&policy->ready, task);
	if (!IDLE_WORKERS_POLL)
		wake(policy, able, false);
	return 0;
}

static struct starpu_task *pop(unsigned context)
{
	struct policy *policy = policy_of(context);
	unsigned worker = (unsigned)starpu_worker_get_id_check();
	struct place *place = &policy->place[worker];
	struct starpu_task *own = take_from_place(place), *task = NULL;
	int best = __atomic_load_n(&policy->ready.best, __ATOMIC_ACQUIRE);
	int above = own ? plait__ready_level(own) : -1;
	bool passed = false;

	PLAIT__ASSERT(!own || (above >= PLAIT__LOADS && above < PLAIT__URGENT),
		      "in a place is a task that computes");
	if (best > above &&
	    (own || place->looked != __atomic_load_n(&policy->ready.pushes, __ATOMIC_ACQUIRE)))
		task = plait__ready_take(&policy->ready, worker, above, &passed, &place->looked);
	if (task && own)
		put_in_place(place, own);
	if (task || own)
		return task ? task : own;
	if (IDLE_WORKERS_POLL)
		return steal(policy, worker);
	if (passed) {
		bool able[STARPU_NMAXWORKERS];

		for (int i = 0; i < STARPU_NMAXWORKERS; i++)
			able[i] = policy->place[i].member && i != (int)worker;
		wake(policy, able, true);
	}
	return NULL;
}

struct starpu_sched_policy plait__policy = {
	.init_sched = begin,
	.deinit_sched = end,
	.add_workers = add_workers,
	.remove_workers = remove_workers,
	.push_task = push,
	.pop_task = pop,
	.policy_name = PLAIT__POLICY,
	.policy_description = "a task goes to the worker that released it, loads fill the gaps",
	.worker_type = STARPU_WORKER_LIST,
};
