/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/runtime/ready.h"
#include "src/base/assert.h"

#include <limits.h>

#define WORD 64

void plait__ready_init(struct plait__ready *ready)
{
	*ready = (struct plait__ready){ .best = -1 };
	for (int i = 0; i < PLAIT__LEVELS; i++)
		starpu_task_list_init(&ready->list[i]);
	STARPU_PTHREAD_MUTEX_INIT(&ready->mutex, NULL);
}

void plait__ready_destroy(struct plait__ready *ready)
{
	PLAIT__ASSERT(ready->best < 0, "every task was taken before the policy ends");
	STARPU_PTHREAD_MUTEX_DESTROY(&ready->mutex);
}

int plait__ready_level(const struct starpu_task *task)
{
	int priority = task->priority;

	if (priority == INT_MAX)
		return PLAIT__URGENT;
	if (priority < -PLAIT__LOADS)
		return 0;
	return priority < PLAIT__URGENT - PLAIT__LOADS ? PLAIT__LOADS + priority
						       : PLAIT__URGENT - 1;
}

bool plait__ready_can_run(unsigned worker, struct starpu_task *task)
{
	unsigned implementation;

	if (!starpu_worker_can_execute_task_first_impl(worker, task, &implementation))
		return false;
	starpu_task_set_implementation(task, implementation);
	return true;
}

/* The highest list at or below level that is not empty, or -1. */
static int next_level(const struct plait__ready *ready, int level)
{
	for (int word = level / WORD; level >= 0; word--, level = word * WORD + WORD - 1) {
		uint64_t bits = ready->filled[word] & (~UINT64_C(0) >> (WORD - 1 - level % WORD));

		if (bits)
			return word * WORD + WORD - 1 - __builtin_clzll(bits);
	}
	return -1;
}

void plait__ready_put(struct plait__ready *ready, struct starpu_task *task)
{
	int level = plait__ready_level(task);

	STARPU_PTHREAD_MUTEX_LOCK(&ready->mutex);
	starpu_task_list_push_back(&ready->list[level], task);
	ready->filled[level / WORD] |= UINT64_C(1) << level % WORD;
	if (level > ready->best)
		__atomic_store_n(&ready->best, level, __ATOMIC_RELEASE);
	PLAIT__ASSERT(ready->best == next_level(ready, PLAIT__LEVELS - 1),
		      "best is the highest list that is not empty");
	__atomic_store_n(&ready->pushes, ready->pushes + 1, __ATOMIC_RELEASE);
	starpu_push_task_end(task);
	STARPU_PTHREAD_MUTEX_UNLOCK(&ready->mutex);
}

static void take_out(struct plait__ready *ready, int level, struct starpu_task *task)
{
	struct starpu_task_list *list = &ready->list[level];

	starpu_task_list_erase(list, task);
	if (starpu_task_list_empty(list))
		ready->filled[level / WORD] &= ~(UINT64_C(1) << level % WORD);
	__atomic_store_n(&ready->best, next_level(ready, PLAIT__LEVELS - 1), __ATOMIC_RELEASE);
}

struct starpu_task *plait__ready_take(struct plait__ready *ready, unsigned worker, int above,
				      bool *passed, uint64_t *looked)
{
	struct starpu_task *task = NULL;

	STARPU_PTHREAD_MUTEX_LOCK(&ready->mutex);
	for (int level = ready->best; level > above && !task;
	     level = next_level(ready, level - 1)) {
		struct starpu_task_list *list = &ready->list[level];

		PLAIT__ASSERT(!starpu_task_list_empty(list), "a list with its bit set has a task");
		for (task = starpu_task_list_begin(list);
		     task != starpu_task_list_end(list) && !plait__ready_can_run(worker, task);
		     task = starpu_task_list_next(task))
			*passed = true;
		if (task)
			take_out(ready, level, task);
	}
	if (!task && above < 0)
		*looked = ready->pushes;
	STARPU_PTHREAD_MUTEX_UNLOCK(&ready->mutex);
	return task;
}
