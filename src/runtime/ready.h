/* SPDX-License-Identifier: MIT
 * Ready tasks of the policy `plait`, in lists by priority behind one mutex. */
#ifndef PLAIT__READY_H
#define PLAIT__READY_H

#include <starpu.h>
#include <stdbool.h>

/* Lists, from the least to the most urgent.  Loads have negative priorities, the lower the later
 * their batch is needed; they are in the lists below PLAIT__LOADS.  Tasks that compute have
 * priorities from 0 on, the higher the more of the step is left after them.  A task with the
 * highest priority there is, INT_MAX, is in the list PLAIT__URGENT. */
enum { PLAIT__LOADS = 64, PLAIT__LEVELS = 256, PLAIT__URGENT = PLAIT__LEVELS - 1 };

struct plait__ready {
	int best;                            /* highest list that is not empty, or -1; atomic */
	uint64_t pushes;                     /* atomic */
	starpu_pthread_mutex_t mutex;        /* for all below, and to write the two above */
	uint64_t filled[PLAIT__LEVELS / 64]; /* a bit for each list that is not empty */
	struct starpu_task_list list[PLAIT__LEVELS];
};

void plait__ready_init(struct plait__ready *ready);
void plait__ready_destroy(struct plait__ready *ready);

/* The list that a task belongs to, by its priority. */
int plait__ready_level(const struct starpu_task *task);

/* Whether the worker can run the task; if so, the task gets the implementation to run. */
bool plait__ready_can_run(unsigned worker, struct starpu_task *task);

/* Appends a task to its list, and tells StarPU that the task has been pushed. */
void plait__ready_put(struct plait__ready *ready, struct starpu_task *task);

/* Takes the first task in a list above `above` that this worker can run; NULL if there is none.
 * *passed is set if there were tasks that the worker cannot run.  If none of all lists had a task
 * for it, *looked becomes the number of pushes so far: as long as that number is the same, there is
 * no need to look again. */
struct starpu_task *plait__ready_take(struct plait__ready *ready, unsigned worker, int above,
				      bool *passed, uint64_t *looked);

#endif
