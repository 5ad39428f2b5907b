/* SPDX-License-Identifier: MIT
 * A budget limits the bytes that loaders use together.  Slots and tables claim bytes when a loader
 * is made.  The rest is given out in pieces while loaders run, and is not returned. */
#ifndef PLAIT__BUDGET_H
#define PLAIT__BUDGET_H

#include "src/base/base.h"

/* Pieces begin at multiples of this: a cache line. */
#define PLAIT__PIECE 64

/* To make one, zero it and set the limit.  Only one thread may claim and map, and no other may take
 * pieces meanwhile. */
struct plait__budget {
	int64_t limit;         /* bytes that may be claimed and taken together */
	int64_t claimed;       /* bytes that plait__budget_claim has given */
	int64_t taken;         /* bytes of the region that plait__budget_take has given; atomic */
	int64_t mapped;        /* bytes of the region */
	unsigned char *region; /* NULL until plait__budget_map */
};

/* Bytes that are neither claimed nor taken. */
int64_t plait__budget_left(const struct plait__budget *budget);

/* Claims bytes that the caller will allocate.  Returns false if fewer are left. */
bool plait__budget_claim(struct plait__budget *budget, int64_t bytes);

/* Maps a region for all bytes that are left, in the first call only.  A page takes memory when it
 * is first written.
 * PLAIT_ENOMEM. */
int plait__budget_map(struct plait__budget *budget);
void plait__budget_unmap(struct plait__budget *budget);

/* A piece of the region, or NULL if size is more than is left.  Any thread. */
void *plait__budget_take(struct plait__budget *budget, size_t size);

#endif
