/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/runtime/memory_limit.h"
#include "src/runtime/runtime.h"

#include <stdio.h>
#include <unistd.h>

struct meminfo {
	long long total, available, swap; /* bytes; -1: unknown */
};

static void read_meminfo(const char *root, struct meminfo *info)
{
	char path[4096], line[256];
	long long kilobytes;
	FILE *file;

	*info = (struct meminfo){ -1, -1, -1 };
	snprintf(path, sizeof path, "%s/proc/meminfo", root);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "MemTotal: %lld kB", &kilobytes) == 1)
			info->total = kilobytes * 1024;
		if (sscanf(line, "MemAvailable: %lld kB", &kilobytes) == 1)
			info->available = kilobytes * 1024;
		if (sscanf(line, "SwapFree: %lld kB", &kilobytes) == 1)
			info->swap = kilobytes * 1024;
	}
	if (file)
		fclose(file);
}

static int64_t physical(void)
{
	return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
}

/* The smallest limit of the control groups that this process is in, if it is below bytes. */
static int64_t lower_to_group(const char *root, int64_t bytes)
{
	struct plait_topology topology;

	plait__topology_limits(root, &topology);
	return topology.memory_limit_bytes > 0 && topology.memory_limit_bytes < bytes
		       ? topology.memory_limit_bytes
		       : bytes;
}

/* MemAvailable is the memory that can be allocated without swapping; it includes the page cache.
 * Free swap is added, as swapping is slow but no failure.  What a control group already uses is not
 * subtracted, as that figure includes the page cache too. */
int64_t plait__memory_available(const char *root)
{
	struct meminfo info;
	int64_t available;

	read_meminfo(root, &info);
	available = info.available >= 0 ? info.available : physical();
	if (info.available >= 0 && info.swap > 0)
		available += info.swap;
	return lower_to_group(root, available);
}

int64_t plait__memory_default_limit(const char *root)
{
	struct meminfo info;

	read_meminfo(root, &info);
	return lower_to_group(root, info.total > 0 ? info.total : physical()) / 4;
}
