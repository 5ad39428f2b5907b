/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/cli/memory.h"
#include "src/cli/options/table.h"

#include <inttypes.h>

const char *cli_bytes_text(int64_t bytes, char text[32])
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	int i;

	for (i = 0; value >= 1024 && i < 4; i++)
		value /= 1024;
	snprintf(text, 32, value < 10 && value != (int)value ? "%.1f %s" : "%.0f %s", value,
		 unit[i]);
	return text;
}

void cli_print_loader(const struct plait_loader_memory *memory)
{
	char slot[32], cache[32], limit[32];

	printf("Loader: %d slots of %s; ", memory->slots, cli_bytes_text(memory->slot_bytes, slot));
	if (memory->cache != PLAIT_CACHE_NONE)
		printf("cache %s, up to %s; ", cli_cache_names[memory->cache],
		       cli_bytes_text(memory->cache_limit, cache));
	printf("limit %s\n", cli_bytes_text(memory->limit, limit));
}

void cli_print_cache(const struct plait_loader_memory *memory)
{
	char size[32];

	if (memory->cache != PLAIT_CACHE_NONE)
		printf("Cache: %" PRId64 " of %" PRId64 " samples, %s in %s\n",
		       memory->cache_samples, memory->samples, cli_cache_names[memory->cache],
		       cli_bytes_text(memory->cache_bytes, size));
}
