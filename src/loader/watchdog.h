/* SPDX-License-Identifier: MIT
 * The watchdog: whoever waits for a batch looks now and then at what the workers are at, and can
 * say which sample and stage nothing moves in.  It costs the workers nothing but a count, as the
 * one who waits does the looking. */
#ifndef PLAIT__WATCHDOG_H
#define PLAIT__WATCHDOG_H

#include "src/loader/ring.h"

/* What the looks at a ring have shown. */
struct plait__watched {
	const struct plait__load_worker *worker; /* [STARPU_NMAXWORKERS] */
	const struct plait_dataset *dataset;
	struct {
		uint64_t moves; /* of this worker, and */
		double since;   /* when that number was first seen */
	} seen[STARPU_NMAXWORKERS];
};

/* Zero it, set the timeout and the room for rings, add rings. */
struct plait__watchdog {
	double timeout; /* microseconds; 0: there is no watchdog, and waiting is plain */
	double since;   /* when something moved last, or waiting began */
	double told;    /* when it was told last that nothing moves, or since */
	uint64_t moves; /* of all workers and steps */
	int rings;      /* added so far */
	struct plait__watched *ring; /* the caller's: room for all that will be added */
};

void plait__watchdog_add(struct plait__watchdog *dog, const struct plait__ring *ring,
			 const struct plait_dataset *dataset);

/* Somebody begins to wait; steps: whatever else counts what moves. */
void plait__watchdog_begin(struct plait__watchdog *dog, uint64_t steps);

/* Waits for the condition, but only until it is time for a look. */
void plait__watchdog_wait(const struct plait__watchdog *dog, starpu_pthread_cond_t *cond,
			  starpu_pthread_mutex_t *mutex);

/* Whether nothing has moved for the timeout, since that was said last if it was. */
bool plait__watchdog_look(struct plait__watchdog *dog, uint64_t steps);

/* Says what does not move: the sample that a worker is in for longest, or idle if none is in
 * one.  Returns text. */
char *plait__watchdog_text(const struct plait__watchdog *dog, const char *idle, char *text,
			   size_t size);

#endif
