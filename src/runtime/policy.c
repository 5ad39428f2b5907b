/* SPDX-License-Identifier: MIT
 * The policy `plait`, in StarPU's public interface.  Whoever ends a task finds what it made ready
 * in its own caches, so a task goes to the place of the worker that released it: without a lock,
 * and for a moment nobody else takes it.  What else is ready, loads above all, waits in lists by
 * priority behind one mutex.
 *
 * The place needs idle workers that look again by themselves; where StarPU's drivers sleep
 * instead, everything goes through the lists and one worker is woken. */
#include "config.h"
#include "src/runtime/policy.h"

#include <limits.h>
#include <starpu.h>
#include <starpu_scheduler.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined STARPU_NON_BLOCKING_DRIVERS && !defined STARPU_SIMGRID
#define IDLE_WORKERS_POLL true
#else
#define IDLE_WORKERS_POLL false
#endif

/* Loads have negative priorities, by distance; computing positive ones, by the way that is left;
 * what is wanted at once has the largest there is and the last list. */
enum { LOADS = 64, LEVELS = 256, URGENT = LEVELS - 1, WORD = 64 };

/* So long a task is left to the worker that released it, which may be in a callback. */
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
	int best;                               /* highest list that is not empty, or -1; atomic */
	uint64_t pushes;                        /* atomic */
	starpu_pthread_mutex_t mutex;           /* for all below, and to write the two above */
	uint64_t filled[LEVELS / WORD];         /* a bit for each list that is not empty */
	struct starpu_task_list list[LEVELS];
};

/* -- lists by priority ------------------------------------------------------------------- */

static int level_of(const struct starpu_task *task)
{
	int priority = task->priority;

	if (priority == INT_MAX)
		return URGENT;
	if (priority < -LOADS)
		return 0;
	return priority < URGENT - LOADS ? LOADS + priority : URGENT - 1;
}

/* The highest list at or below level that is not empty, or -1. */
static int next_level(const struct policy *policy, int level)
{
	for (int word = level / WORD; level >= 0; word--, level = word * WORD + WORD - 1) {
		uint64_t bits = policy->filled[word] & (~UINT64_C(0) >> (WORD - 1 - level % WORD));

		if (bits)
			return word * WORD + WORD - 1 - __builtin_clzll(bits);
	}
	return -1;
}

static void update_best(struct policy *policy)
{
	__atomic_store_n(&policy->best, next_level(policy, LEVELS - 1), __ATOMIC_RELEASE);
}

static void put_in_list(struct policy *policy, struct starpu_task *task)
{
	int level = level_of(task);

	STARPU_PTHREAD_MUTEX_LOCK(&policy->mutex);
	starpu_task_list_push_back(&policy->list[level], task);
	policy->filled[level / WORD] |= UINT64_C(1) << level % WORD;
	if (level > policy->best)
		__atomic_store_n(&policy->best, level, __ATOMIC_RELEASE);
	__atomic_store_n(&policy->pushes, policy->pushes + 1, __ATOMIC_RELEASE);
	starpu_push_task_end(task);
	STARPU_PTHREAD_MUTEX_UNLOCK(&policy->mutex);
}

static void take_out(struct policy *policy, int level, struct starpu_task *task)
{
	struct starpu_task_list *list = &policy->list[level];

	starpu_task_list_erase(list, task);
	if (starpu_task_list_empty(list))
		policy->filled[level / WORD] &= ~(UINT64_C(1) << level % WORD);
	update_best(policy);
}

static bool can_run(unsigned worker, struct starpu_task *task)
{
	unsigned implementation;

	if (!starpu_worker_can_execute_task_first_impl(worker, task, &implementation))
		return false;
	starpu_task_set_implementation(task, implementation);
	return true;
}

/* The first task in a list above the one given that this worker can run.  *passed: there were
 * some that it cannot. */
static struct starpu_task *take_from_lists(struct policy *policy, unsigned worker, int above,
					   bool *passed)
{
	struct starpu_task *task = NULL;

	STARPU_PTHREAD_MUTEX_LOCK(&policy->mutex);
	for (int level = policy->best; level > above && !task;
	     level = next_level(policy, level - 1)) {
		struct starpu_task_list *list = &policy->list[level];

		for (task = starpu_task_list_begin(list);
		     task != starpu_task_list_end(list) && !can_run(worker, task);
		     task = starpu_task_list_next(task))
			*passed = true;
		if (task)
			take_out(policy, level, task);
	}
	if (!task && above < 0)
		policy->place[worker].looked = policy->pushes;
	STARPU_PTHREAD_MUTEX_UNLOCK(&policy->mutex);
	return task;
}

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

	__atomic_store(&place->since, &now, __ATOMIC_RELAXED);
	__atomic_store_n(&place->task, task, __ATOMIC_RELEASE);
}

/* What a worker left lying too long. */
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
		if (can_run(worker, task))
			return task;
		put_in_list(policy, task);
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
	*policy = (struct policy){ .best = -1 };
	for (int i = 0; i < LEVELS; i++)
		starpu_task_list_init(&policy->list[i]);
	STARPU_PTHREAD_MUTEX_INIT(&policy->mutex, NULL);
	starpu_sched_ctx_set_policy_data(context, policy);
	if (!starpu_sched_ctx_min_priority_is_set(context))
		starpu_sched_ctx_set_min_priority(context, INT_MIN);
	if (!starpu_sched_ctx_max_priority_is_set(context))
		starpu_sched_ctx_set_max_priority(context, INT_MAX);
}

static void end(unsigned context)
{
	struct policy *policy = policy_of(context);

	STARPU_PTHREAD_MUTEX_DESTROY(&policy->mutex);
	free(policy);
}

static void add_workers(unsigned context, int *worker, unsigned count)
{
	struct policy *policy = policy_of(context);

	for (unsigned i = 0; i < count; i++) {
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
			put_in_list(policy, task);
	}
}

/* Which workers could run a task: asked before others may take it. */
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

/* Of two the more urgent one keeps the place, the older if they are alike. */
static int push(struct starpu_task *task)
{
	unsigned context = task->sched_ctx;
	struct policy *policy = policy_of(context);
	int worker = IDLE_WORKERS_POLL ? starpu_worker_get_id() : -1, level = level_of(task);
	bool able[STARPU_NMAXWORKERS] = { false };

	if (worker >= 0 && level >= LOADS && level < URGENT && policy->place[worker].member &&
	    can_run((unsigned)worker, task)) {
		struct starpu_task *old = take_from_place(&policy->place[worker]);
		bool keep = old && level_of(old) >= level;

		starpu_push_task_end(task);
		put_in_place(&policy->place[worker], keep ? old : task);
		if (old)
			put_in_list(policy, keep ? task : old);
		return 0;
	}
	if (!IDLE_WORKERS_POLL)
		find_able(context, task, able);
	put_in_list(policy, task);
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
	int best = __atomic_load_n(&policy->best, __ATOMIC_ACQUIRE);
	int above = own ? level_of(own) : -1;
	bool passed = false;

	if (best > above &&
	    (own || place->looked != __atomic_load_n(&policy->pushes, __ATOMIC_ACQUIRE)))
		task = take_from_lists(policy, worker, above, &passed);
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
	.policy_description = "what a worker released to that worker, loads in the gaps",
	.worker_type = STARPU_WORKER_LIST,
};
