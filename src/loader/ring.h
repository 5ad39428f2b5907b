/* SPDX-License-Identifier: MIT
 * The ring of slots that load tasks fill: memory, handles, lanes and the load task. */
#ifndef PLAIT__RING_H
#define PLAIT__RING_H

#include "src/loader/memory.h"
#include <starpu.h>

struct plait__ring;

/* One load, from its submission to the use of its batches, which follow each other in the epoch and
 * in the slot.  The submitter owns it.  It must exist until the slot was acquired and, if there is
 * a `done`, until that was called.  The submitter sets the fields up to user. */
struct plait__load {
	int64_t epoch;            /* of the batches, from 0 */
	int64_t index;            /* of the first one in its epoch */
	int batches;              /* one, or up to slot_batches of the feed */
	void (*done)(void *user); /* called by the worker when the load is over; or NULL */
	void *user;               /* what done gets */

	struct plait__ring *ring;
	int64_t rows;                /* of all its batches */
	int slot;                    /* index in the ring */
	bool reused;                 /* the rows that the slot has are used again; none is filled */
	struct plait__chunk *chunk;  /* [chunks of this load]: the arguments of its tasks */
	int chunks_to_fill;          /* chunks whose task has not ended; atomic */
	int callbacks_left;          /* chunks whose callback was not called yet; atomic */
	int64_t *valid;              /* [batches]: samples that count, set when the slot is full */
	double end;                  /* starpu_timing_now() when the slot was full */
	double busy;                 /* microseconds that workers spent on filling the slot */
	double stage[PLAIT__STAGES]; /* microseconds of busy in each stage */
	int status;                  /* 0, or why the slot could not be filled */
	int failed;                  /* the first batch that could not be, where status is not 0 */
	char message[512];           /* the error of status, in words */
};

/* Makes a ring of memory->slots slots, pinned where there is a GPU.  At most options.workers load
 * tasks run at once; the tuner may lower both numbers.  loads: how many loads may be under way
 * at once.  barrier: a handle that every load task reads too, or NULL.  feed and memory must
 * outlive the ring.  *ring_p is set on success.  PLAIT_ENOMEM. */
int plait__ring_create(struct plait__ring **ring_p, const struct plait__feed *feed,
		       const struct plait__load_memory *memory, int loads,
		       starpu_data_handle_t barrier);

/* Submits a load.  k is its number, and is greater in each call.  The load's tasks wait for all
 * tasks submitted before that use the same slot.  What takes long to make is filled by several
 * tasks, each a chunk of the rows. */
int plait__ring_submit(struct plait__ring *ring, struct plait__load *load, int64_t k, int priority);

/* Nothing loads or reads any more: the number of the next load is any, from 0. */
void plait__ring_restart(struct plait__ring *ring);

/* Lends the slot of batch k, from 0, to the caller, who fills it in the place of a load task; k
 * grows by one from call to call.  Waits for the tasks that read the batch before in this slot.
 * Returns its memory (ring_lend.c). */
unsigned char *plait__ring_lend(struct plait__ring *ring, struct plait__load *load, int64_t k);

/* The caller has filled so many rows.  Tasks that are submitted from here on read the slot. */
void plait__ring_return(struct plait__load *load, int64_t rows);

/* The handle and the memory of the slot of a load that was submitted. */
starpu_data_handle_t plait__ring_handle(const struct plait__load *load);
unsigned char *plait__ring_memory(const struct plait__load *load);

/* The handle of slot i, 0 to memory->slots - 1. */
starpu_data_handle_t plait__ring_slot(const struct plait__ring *ring, int i);

/* Batches are used in this memory node, of a GPU: later ones are brought there when they are full.
 */
void plait__ring_used_on(struct plait__ring *ring, unsigned node);

/* How many loads may be under way at once; the number of the last load into the slot that the next
 * one is filled into, -1 if there was none. */
int plait__ring_loads(const struct plait__ring *ring);
int64_t plait__ring_replaced(const struct plait__ring *ring);

/* Slots in use: loads whose batches can be ready at once. */
int plait__ring_depth(const struct plait__ring *ring);

/* The batches of a load were consumed: their consumer waited `wait` microseconds for them and used
 * them for `compute` microseconds.  Must not run at the same time as plait__ring_submit. */
void plait__ring_consumed(struct plait__ring *ring, const struct plait__load *load, double wait,
			  double compute);

/* Workers and slots in use, for a report. */
void plait__ring_describe(const struct plait__ring *ring, struct plait_load_stats *stats);

/* Adds a batch of a load to stats; a worker's time is shared out evenly among the batches.
 * seconds: from the release of the batch before to that of this one, the wait_seconds included. */
void plait__load_stats_add(struct plait_load_stats *stats, const struct plait__load *load,
			   int batch, double seconds, double wait_seconds);

/* What each worker does: [STARPU_NMAXWORKERS], indexed by StarPU's worker id. */
const struct plait__load_worker *plait__ring_workers(const struct plait__ring *ring);

/* Returns the status of a load that has ended, and keeps its message for plait_error_message(). */
int plait__load_error(const struct plait__load *load);

/* Waits for all tasks that use the slots, which must have been submitted. */
void plait__ring_destroy(struct plait__ring *ring);

#endif
