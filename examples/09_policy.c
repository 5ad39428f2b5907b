/* SPDX-License-Identifier: MIT
 * 9. A scheduling policy of your own: the task that became ready last runs first. */
#include <starpu.h>
#include <starpu_scheduler.h>
#include <string.h>

static struct starpu_task_list ready;
static starpu_pthread_mutex_t mutex = STARPU_PTHREAD_MUTEX_INITIALIZER;

static void begin(unsigned context)
{
	(void)context;
	starpu_task_list_init(&ready);
}

/* A task is ready.  Once it is in the list, another worker may run and free it. */
static int push(struct starpu_task *task)
{
	struct starpu_worker_collection *workers =
		starpu_sched_ctx_get_worker_collection(task->sched_ctx);
	struct starpu_sched_ctx_iterator at;

	starpu_pthread_mutex_lock(&mutex);
	starpu_task_list_push_front(&ready, task);
	starpu_push_task_end(task);
	starpu_pthread_mutex_unlock(&mutex);
	for (workers->init_iterator(workers, &at); workers->has_next(workers, &at);)
		starpu_wake_worker_relax_light(workers->get_next(workers, &at));
	return 0;
}

/* A worker asks for a task. */
static struct starpu_task *pop(unsigned context)
{
	unsigned worker = starpu_worker_get_id_check(), implementation;
	struct starpu_task *task;

	(void)context;
	starpu_pthread_mutex_lock(&mutex);
	for (task = starpu_task_list_begin(&ready); task; task = starpu_task_list_next(task))
		if (starpu_worker_can_execute_task_first_impl(worker, task, &implementation)) {
			starpu_task_set_implementation(task, implementation);
			starpu_task_list_erase(&ready, task);
			break;
		}
	starpu_pthread_mutex_unlock(&mutex);
	return task;
}

static struct starpu_sched_policy lifo = { .policy_name = "lifo",
					   .policy_description = "last in, first out",
					   .init_sched = begin,
					   .push_task = push,
					   .pop_task = pop,
					   .worker_type = STARPU_WORKER_LIST };

/* StarPU's names: the policy of a name, and all there are. */
struct starpu_sched_policy *starpu_get_sched_lib_policy(const char *name)
{
	return strcmp(name, lifo.policy_name) == 0 ? &lifo : NULL;
}

struct starpu_sched_policy **starpu_get_sched_lib_policies(void)
{
	static struct starpu_sched_policy *all[] = { &lifo, NULL };

	return all;
}
