/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/memory.h"
#include "src/cli/options/table.h"
#include "src/base/text.h"

#include <inttypes.h>

void cli_print_loader(const struct plait_loader_memory *memory)
{
	char slot[32], cache[32], limit[32];

	printf("Loader: %d slots of %s; ", memory->slots,
	       plait__bytes_text(memory->slot_bytes, slot));
	if (memory->cache != PLAIT_CACHE_NONE)
		printf("cache %s, up to %s; ", cli_cache_names[memory->cache],
		       plait__bytes_text(memory->cache_limit, cache));
	printf("limit %s\n", plait__bytes_text(memory->limit, limit));
}

void cli_print_cache(const struct plait_loader_memory *memory)
{
	char size[32];

	if (memory->cache != PLAIT_CACHE_NONE)
		printf("Cache: %" PRId64 " of %" PRId64 " samples, %s in %s\n",
		       memory->cache_samples, memory->samples, cli_cache_names[memory->cache],
		       plait__bytes_text(memory->cache_bytes, size));
}
