/* SPDX-License-Identifier: MIT
 * A pool limits the bytes that loaders use together.  Slots and tables claim bytes when a loader is
 * made.  The rest is given out in pieces while loaders run, and is not returned. */
#ifndef PLAIT__POOL_H
#define PLAIT__POOL_H

#include "src/base/base.h"

/* Pieces begin at multiples of this: a cache line. */
#define PLAIT__PIECE 64

/* To make one, zero it and set the limit.  Only one thread may claim and map, and no other may take
 * pieces meanwhile. */
struct plait__pool {
	int64_t limit;         /* bytes that may be claimed and taken together */
	int64_t claimed;       /* bytes that plait__pool_claim has given */
	int64_t taken;         /* bytes of the region that plait__pool_take has given; atomic */
	int64_t mapped;        /* bytes of the region */
	unsigned char *region; /* NULL until plait__pool_map */
};

/* Bytes that are neither claimed nor taken. */
int64_t plait__pool_left(const struct plait__pool *pool);

/* Claims bytes that the caller will allocate.  Returns false if fewer are left. */
bool plait__pool_claim(struct plait__pool *pool, int64_t bytes);

/* Maps a region for all bytes that are left, in the first call only.  A page takes memory when it
 * is first written.
 * PLAIT_ENOMEM. */
int plait__pool_map(struct plait__pool *pool);
void plait__pool_unmap(struct plait__pool *pool);

/* A piece of the region, or NULL if size is more than is left.  Any thread. */
void *plait__pool_take(struct plait__pool *pool, size_t size);

#endif
