/* SPDX-License-Identifier: MIT
 * The ring of slots that load tasks fill: memory, handles, lanes and the load task. */
#ifndef PLAIT__RING_H
#define PLAIT__RING_H

#include "src/loader/memory.h"
#include <starpu.h>

struct plait__ring;

/* One load on its way.  The submitter owns it and keeps it until whoever waits for the slot has it
 * and, if there is a `done`, until that was called. */
struct plait__load {
	struct plait__ring *ring;
	int64_t epoch, index; /* which batch, */
	int64_t rows;         /* and its samples */
	int slot;
	bool reused;                /* the slot is given as it is */
	struct plait__chunk *chunk; /* what its tasks get */
	int chunks_to_fill;         /* chunks whose task has not ended; atomic */
	int callbacks_to_come;      /* chunks whose callback was not called; atomic */
	int64_t valid;              /* of them, those that count, once the slot is full */
	double end;                 /* starpu_timing_now() when the slot was full */
	double busy; /* microseconds that workers spent filling it, and their part in each stage */
	double stage[PLAIT__STAGES];
	int status;               /* 0, or why the slot could not be filled, */
	char message[512];        /* and in words */
	void (*done)(void *user); /* called by the worker when the load is over; or NULL */
	void *user;
};

/* Slots for loader (options.prefetch of them, pinned where a GPU is), at most options.workers
 * load tasks at once, or as many of both as the tuner finds enough, and at most `loads` submitted
 * and not over.  phases: a handle that loads read besides, or NULL.  *ring_p is set on success.
 * PLAIT_ENOMEM. */
int plait__ring_create(struct plait__ring **ring_p, const struct plait__feed *feed,
		       const struct plait__load_memory *memory, int loads,
		       starpu_data_handle_t barrier);

/* Submits load number k, which grow, of batch `index` of `epoch` into a slot and returns; its
 * tasks wait until every task submitted before that uses the slot is done.  A batch that is
 * worth it is filled by several tasks, each a chunk of its samples. */
int plait__ring_submit(struct plait__ring *ring, struct plait__load *load, int64_t k, int64_t epoch,
		       int64_t index, int priority, void (*done)(void *user), void *user);

/* The handle and the memory of the slot of a load that was submitted. */
starpu_data_handle_t plait__ring_handle(const struct plait__load *load);
unsigned char *plait__ring_memory(const struct plait__load *load);

/* Slots in use: so many batches can be ready at once. */
int plait__ring_depth(const struct plait__ring *ring);

/* The batch of a load was consumed: its consumer waited for it, then had use of its own for
 * so many microseconds.  Called in turn with plait__ring_submit, never beside it. */
void plait__ring_consumed(struct plait__ring *ring, const struct plait__load *load, double wait,
			  double own);

/* Workers and slots in use, for a report. */
void plait__ring_describe(const struct plait__ring *ring, struct plait_load_stats *stats);

/* Adds the batch of a load, which took its consumer `seconds`, some of them waiting. */
void plait__load_stats_add(struct plait_load_stats *stats, const struct plait__load *load,
			   double seconds, double wait_seconds);

/* What each worker is at: [STARPU_NMAXWORKERS], atomic where loader.h says so. */
const struct plait__load_worker *plait__ring_workers(const struct plait__ring *ring);

/* The status of a load that is over, its message kept for plait_error_message(). */
int plait__load_error(const struct plait__load *load);

/* All tasks on the slots must be done or submitted: waits for them. */
void plait__ring_destroy(struct plait__ring *ring);

#endif
