/* SPDX-License-Identifier: MIT
 * Bytes that loaders may take together, never more: some are claimed while they are made (slots,
 * tables), what remains is given out piece by piece while they run, and never comes back. */
#ifndef PLAIT__POOL_H
#define PLAIT__POOL_H

#include "src/base/base.h"

/* Pieces begin at multiples of this: a cache line. */
#define PLAIT__PIECE 64

/* Zeroed but for its limit; claimed and mapped by one thread, while nobody takes pieces. */
struct plait__pool {
	int64_t limit;         /* bytes that may be claimed and taken together */
	int64_t claimed;       /* bytes that plait__pool_claim has given */
	int64_t taken;         /* bytes of the region that plait__pool_take has given; atomic */
	int64_t mapped;        /* bytes of the region */
	unsigned char *region; /* NULL until plait__pool_map */
};

/* Bytes for slots, tables and pieces together that nobody has yet. */
int64_t plait__pool_left(const struct plait__pool *pool);

/* Counts bytes that the caller allocates; false: they are more than is left. */
bool plait__pool_claim(struct plait__pool *pool, int64_t bytes);

/* Maps address space for all that is left, in the first call only.  A page takes memory when it
 * is first written.
 * PLAIT_ENOMEM. */
int plait__pool_map(struct plait__pool *pool);
void plait__pool_unmap(struct plait__pool *pool);

/* A piece of the region, or NULL if size is more than is left.  Any thread. */
void *plait__pool_take(struct plait__pool *pool, size_t size);

#endif
