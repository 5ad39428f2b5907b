/* SPDX-License-Identifier: MIT
 * Ready tasks of the policy `plait`, in lists by priority behind one mutex. */
#ifndef PLAIT__READY_H
#define PLAIT__READY_H

#include <starpu.h>
#include <stdbool.h>

/* Loads have negative priorities, by distance: the lists below PLAIT__LOADS.  Computing has
 * positive ones, by the way that is left.  What is wanted at once has the largest there is, and
 * the last list. */
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

/* Appends a task to its list; it has then been pushed. */
void plait__ready_put(struct plait__ready *ready, struct starpu_task *task);

/* Takes the first task in a list above `above` that this worker can run; NULL if there is none.
 * *passed is set if there were tasks that it cannot run.  Where no list had a task for it, *looked
 * becomes the number of pushes so far: until there are more, looking again is in vain. */
struct starpu_task *plait__ready_take(struct plait__ready *ready, unsigned worker, int above,
				      bool *passed, uint64_t *looked);

#endif
