/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/loader/budget.h"
#include "src/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

int64_t plait__budget_left(const struct plait__budget *budget)
{
	return budget->limit - budget->claimed - __atomic_load_n(&budget->taken, __ATOMIC_RELAXED);
}

bool plait__budget_claim(struct plait__budget *budget, int64_t bytes)
{
	if (bytes < 0 || bytes > plait__budget_left(budget))
		return false;
	budget->claimed += bytes;
	PLAIT__ASSERT(plait__budget_left(budget) >= 0, "a budget never gives more than its limit");
	return true;
}

int plait__budget_map(struct plait__budget *budget)
{
	int64_t bytes = plait__budget_left(budget);
	char size[32];
	void *region;

	if (budget->region || bytes <= 0)
		return 0;
	PLAIT__ASSERT(budget->taken == 0, "a budget is mapped before pieces are taken from it");
	region = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region == MAP_FAILED)
		return plait__error(PLAIT_ENOMEM,
				    "no room for a cache of %s: %s; lower the memory limit",
				    plait__bytes_text((double)bytes, size), strerror(errno));
	budget->region = region;
	budget->mapped = bytes;
	return 0;
}

void plait__budget_unmap(struct plait__budget *budget)
{
	if (budget->region)
		munmap(budget->region, (size_t)budget->mapped);
	budget->region = NULL;
	budget->mapped = 0;
}

void *plait__budget_take(struct plait__budget *budget, size_t size)
{
	/* Less than was mapped if bytes were claimed after that. */
	int64_t room = budget->limit - budget->claimed;
	int64_t old = __atomic_load_n(&budget->taken, __ATOMIC_RELAXED), rounded;

	if (!budget->region || size > (size_t)room)
		return NULL;
	rounded = (int64_t)((size + PLAIT__PIECE - 1) / PLAIT__PIECE * PLAIT__PIECE);
	do {
		if (rounded > room - old)
			return NULL;
	} while (!__atomic_compare_exchange_n(&budget->taken, &old, old + rounded, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	PLAIT__ASSERT(old >= 0 && old + rounded <= budget->mapped, "a piece lies in the region");
	PLAIT__ASSERT(plait__budget_left(budget) >= 0, "a budget never gives more than its limit");
	return budget->region + old;
}
