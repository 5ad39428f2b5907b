/* SPDX-License-Identifier: MIT
 * The public loader: a feed, its memory, a ring, and the position in the feed. */
#ifndef PLAIT__READER_H
#define PLAIT__READER_H

#include "src/loader/feed.h"
#include "src/loader/memory.h"
#include "src/loader/ring.h"
#include "src/loader/watchdog.h"

struct plait_loader {
	struct plait__feed feed;
	struct plait__load_memory memory;
	struct plait__ring *ring; /* NULL until the first plait_loader_next */
	struct plait__load *load; /* [memory.slots]: batch number k uses k mod slots */
	int64_t next;             /* batches released, over all epochs */
	int64_t submitted;        /* batches submitted to the ring, over all epochs */
	bool batch_is_out;        /* the caller has a batch that it has not released */
	bool at_end;              /* PLAIT_END was returned, and no batch since */
	uint64_t fingerprint;     /* of the data set; valid if fingerprinted */
	bool fingerprinted;       /* a state was saved or restored */

	struct plait_load_stats stats; /* since plait_loader_stats was called last */
	double wait;                   /* microseconds waited for the batch that is out */
	double released;               /* starpu_timing_now() when the batch before was released */

	/* Used only with options.timeout: a batch that was requested may arrive after the caller
	 * has given up waiting for it. */
	struct plait__watchdog watchdog;
	struct plait__watched watched; /* by the watchdog: the ring */
	starpu_pthread_mutex_t mutex;  /* protects arrived */
	starpu_pthread_cond_t arrival;
	bool requested; /* the slot of batch `next` was asked for and is not acquired yet */
	bool arrived;   /* the slot that was requested is acquired */
};

#endif
