/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/runtime/memory_limit.h"
#include "src/runtime/runtime.h"

#include <pthread.h>
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

/* The smallest limit of the control groups that this process is in; INT64_MAX: none. */
static int64_t read_group(const char *root)
{
	struct plait_topology topology;

	plait__topology_limits(root, &topology);
	return topology.memory_limit_bytes > 0 ? topology.memory_limit_bytes : INT64_MAX;
}

/* The machine's memory, and its control groups' limit.  Both are read once, at the first call:
 * reading the files of all groups takes as long as a prediction. */
static int64_t machine_total, machine_group;

static void read_machine(void)
{
	struct meminfo info;

	read_meminfo("", &info);
	machine_total = info.total > 0 ? info.total : physical();
	machine_group = read_group("");
}

static bool is_machine(const char *root)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (*root)
		return false;
	pthread_once(&once, read_machine);
	return true;
}

static int64_t lower_to_group(const char *root, int64_t bytes)
{
	int64_t group = is_machine(root) ? machine_group : read_group(root);

	return group < bytes ? group : bytes;
}

static int64_t total(const char *root)
{
	struct meminfo info;

	if (is_machine(root))
		return machine_total;
	read_meminfo(root, &info);
	return info.total > 0 ? info.total : physical();
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
	return lower_to_group(root, total(root)) / 4;
}
