/* SPDX-License-Identifier: MIT
 * The memory of loading: slots, and a cache in what the slots leave of the limit. */
#ifndef PLAIT__LOAD_MEMORY_H
#define PLAIT__LOAD_MEMORY_H

#include "src/loader/cache.h"
#include "src/loader/feed.h"
#include "src/loader/budget.h"

struct plait__load_memory {
	struct plait__budget own_budget; /* not used if a budget is shared */
	struct plait__budget *budget;    /* own_budget, or the shared one */
	struct plait__cache *cache;      /* NULL: samples are not kept */
	int slots;                       /* slots claimed: at most the feed's options.prefetch */
};

/* How many slots the feed has where so many bytes are left: one that was asked for its number has
 * that, whether it fits or not. */
int plait__load_memory_slots(const struct plait__feed *feed, int64_t left);

/* Claims slots and a cache within the feed's options.memory_limit or, if `shared` is not NULL,
 * within what is left in that budget, which must outlive this memory.  If the tuner chooses the
 * number of slots, fewer than options.prefetch may be claimed.  The memory must be zeroed or
 * closed; plait__load_memory_close in any case. PLAIT_EINVAL (no cache for these samples),
 * PLAIT_ENOMEM (slots beyond the limit). */
int plait__load_memory_open(struct plait__load_memory *memory, const struct plait__feed *feed,
			    struct plait__budget *shared);
void plait__load_memory_close(struct plait__load_memory *memory);

/* Fills in what plait_loader_memory returns. */
void plait__load_memory_describe(const struct plait__load_memory *memory,
				 const struct plait__feed *feed, struct plait_loader_memory *out);

#endif
