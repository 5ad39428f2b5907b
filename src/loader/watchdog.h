/* SPDX-License-Identifier: MIT
 * The watchdog.  A thread that waits for a batch looks at the workers at intervals, and can tell
 * which sample and which stage does not move.  Workers only count the stages that they begin. */
#ifndef PLAIT__WATCHDOG_H
#define PLAIT__WATCHDOG_H

#include "src/loader/ring.h"

/* What the looks at a ring have shown. */
struct plait__watched {
	const struct plait__load_worker *worker; /* [STARPU_NMAXWORKERS] */
	const struct plait_dataset *dataset;
	struct {
		uint64_t moves; /* stages that this worker had begun at the last look */
		double since;   /* when that number was seen first */
	} seen[STARPU_NMAXWORKERS];
};

/* To make one, zero it, set timeout and ring, and add rings. */
struct plait__watchdog {
	double timeout;              /* microseconds; 0: there is no watchdog */
	double longest_wait;         /* microseconds; 0: no limit besides the looks */
	double since;                /* when something moved last or waiting began */
	double told;                 /* when plait__watchdog_look returned true last, or since */
	uint64_t moves;              /* stages and steps counted at the last look */
	int rings;                   /* added so far */
	struct plait__watched *ring; /* the caller's memory for all rings that will be added */
};

void plait__watchdog_add(struct plait__watchdog *dog, const struct plait__ring *ring,
			 const struct plait_dataset *dataset);

/* A thread begins to wait.  steps: a count of anything else that moves, such as steps done. */
void plait__watchdog_begin(struct plait__watchdog *dog, uint64_t steps);

/* Waits for the condition, but no longer than until the next look. */
void plait__watchdog_wait(const struct plait__watchdog *dog, starpu_pthread_cond_t *cond,
			  starpu_pthread_mutex_t *mutex);

/* Returns whether nothing has moved for the timeout.  If it has returned true, the timeout begins
 * again. */
bool plait__watchdog_look(struct plait__watchdog *dog, uint64_t steps);

/* Describes what does not move: the worker that has been in one stage for longest, and its sample.
 * If all workers are idle, the description is `idle`.  Returns text. */
char *plait__watchdog_text(const struct plait__watchdog *dog, const char *idle, char *text,
			   size_t size);

#endif
