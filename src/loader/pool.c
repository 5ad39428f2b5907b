/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/loader/pool.h"
#include "src/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

int64_t plait__pool_left(const struct plait__pool *pool)
{
	return pool->limit - pool->claimed - __atomic_load_n(&pool->taken, __ATOMIC_RELAXED);
}

bool plait__pool_claim(struct plait__pool *pool, int64_t bytes)
{
	if (bytes < 0 || bytes > plait__pool_left(pool))
		return false;
	pool->claimed += bytes;
	PLAIT__ASSERT(plait__pool_left(pool) >= 0, "a pool never gives more than its limit");
	return true;
}

int plait__pool_map(struct plait__pool *pool)
{
	int64_t bytes = plait__pool_left(pool);
	char size[32];
	void *region;

	if (pool->region || bytes <= 0)
		return 0;
	PLAIT__ASSERT(pool->taken == 0, "a pool is mapped before pieces are taken from it");
	region = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region == MAP_FAILED)
		return plait__error(PLAIT_ENOMEM,
				    "no room for a cache of %s: %s; lower the memory limit",
				    plait__bytes_text((double)bytes, size), strerror(errno));
	pool->region = region;
	pool->mapped = bytes;
	return 0;
}

void plait__pool_unmap(struct plait__pool *pool)
{
	if (pool->region)
		munmap(pool->region, (size_t)pool->mapped);
	pool->region = NULL;
	pool->mapped = 0;
}

void *plait__pool_take(struct plait__pool *pool, size_t size)
{
	/* Less than was mapped if bytes were claimed after that. */
	int64_t room = pool->limit - pool->claimed;
	int64_t old = __atomic_load_n(&pool->taken, __ATOMIC_RELAXED), rounded;

	if (!pool->region || size > (size_t)room)
		return NULL;
	rounded = (int64_t)((size + PLAIT__PIECE - 1) / PLAIT__PIECE * PLAIT__PIECE);
	do {
		if (rounded > room - old)
			return NULL;
	} while (!__atomic_compare_exchange_n(&pool->taken, &old, old + rounded, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	PLAIT__ASSERT(old >= 0 && old + rounded <= pool->mapped, "a piece lies in the region");
	PLAIT__ASSERT(plait__pool_left(pool) >= 0, "a pool never gives more than its limit");
	return pool->region + old;
}
