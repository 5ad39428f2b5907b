/* SPDX-License-Identifier: MIT
 * The ring of slots that load tasks fill: memory, handles, lanes and the load task. */
#ifndef PLAIT__RING_H
#define PLAIT__RING_H

#include "src/loader.h"
#include <starpu.h>

struct plait__ring;

/* One load on its way.  The submitter owns it and keeps it until whoever waits for the slot has it
 * and, if there is a `done`, until that was called. */
struct plait__load {
	struct plait__ring *ring;
	int64_t epoch, index; /* which batch */
	int slot;
	double end;               /* starpu_timing_now() when the slot was full */
	int status;               /* 0, or why the slot could not be filled, */
	char message[512];        /* and in words */
	void (*done)(void *user); /* called by the worker when the load is over; or NULL */
	void *user;
};

/* Slots for loader (options.prefetch of them, pinned where a GPU is), at most options.workers
 * load tasks at once, and at most `loads` submitted and not over.  *ring_p is set on success.
 * PLAIT_ENOMEM. */
int plait__ring_create(struct plait__ring **ring_p, const struct plait_loader *loader, int loads);

/* Submits load number k (slot k mod prefetch) of batch `index` of `epoch` and returns; its
 * tasks wait until every task submitted before that uses the slot is done.  A batch that is
 * worth it is filled by several tasks, each a chunk of its samples. */
int plait__ring_submit(struct plait__ring *ring, struct plait__load *load, int64_t k, int64_t epoch,
		       int64_t index, int priority, void (*done)(void *user), void *user);

/* The handle and the memory of slot k mod prefetch. */
starpu_data_handle_t plait__ring_handle(const struct plait__ring *ring, int64_t k);
unsigned char *plait__ring_memory(const struct plait__ring *ring, int64_t k);

/* The status of a load that is over, its message kept for plait_error_message(). */
int plait__load_error(const struct plait__load *load);

/* All tasks on the slots must be done or submitted: waits for them. */
void plait__ring_destroy(struct plait__ring *ring);

#endif
