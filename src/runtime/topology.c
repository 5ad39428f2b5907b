/* SPDX-License-Identifier: MIT
 * What the machine has, from hwloc, and how much of it the control group of this process may use,
 * from the files of the kernel, as hwloc knows cpusets but no quotas. */
#include "config.h"
#include "src/runtime/runtime.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* -- control groups -------------------------------------------------------------------- */

/* Reads up to two numbers from the file root/mount/group/name; the word "max" counts as
 * -1.  Returns how many there were, 0 if there is no such file. */
static int read_numbers(const char *root, const char *mount, const char *group, const char *name,
			double *number)
{
	char path[4096], word[2][32];
	FILE *file;
	int count;

	if (snprintf(path, sizeof path, "%s%s%s/%s", root, mount, group, name) >= (int)sizeof path)
		return 0;
	file = fopen(path, "r");
	if (!file)
		return 0;
	count = fscanf(file, "%31s %31s", word[0], word[1]);
	fclose(file);
	for (int i = 0; i < count; i++)
		if (strcmp(word[i], "max") == 0 || sscanf(word[i], "%lf", &number[i]) != 1)
			number[i] = -1;
	return count < 0 ? 0 : count;
}

static void lower_cpu(struct plait_topology *t, double quota, double period)
{
	if (quota > 0 && period > 0 && (t->cpu_limit == 0 || quota / period < t->cpu_limit))
		t->cpu_limit = quota / period;
}

static void lower_memory(struct plait_topology *t, double bytes)
{
	/* Version 1 writes a huge number where there is no limit. */
	if (bytes > 0 && bytes < 0x1p60 &&
	    (t->memory_limit_bytes == 0 || bytes < (double)t->memory_limit_bytes))
		t->memory_limit_bytes = (int64_t)bytes;
}

static void read_group(const char *root, const char *mount, const char *group,
		       struct plait_topology *t)
{
	double quota[2], period[2], memory[2];

	if (read_numbers(root, mount, group, "cpu.max", quota) == 2)
		lower_cpu(t, quota[0], quota[1]);
	if (read_numbers(root, mount, group, "cpu.cfs_quota_us", quota) == 1 &&
	    read_numbers(root, mount, group, "cpu.cfs_period_us", period) == 1)
		lower_cpu(t, quota[0], period[0]);
	if (read_numbers(root, mount, group, "memory.max", memory) == 1)
		lower_memory(t, memory[0]);
	if (read_numbers(root, mount, group, "memory.limit_in_bytes", memory) == 1)
		lower_memory(t, memory[0]);
}

/* A group's limits hold for all groups below it, so a group's parents are read too.  In a container
 * the path may be that on the host, of which only the root is mounted. */
static void read_groups_up(const char *root, const char *mount, char *group,
			   struct plait_topology *t)
{
	size_t length;

	PLAIT__ASSERT(*group == '/', "each part of a group's path follows a slash");
	while ((length = strlen(group)) > 0) {
		if (group[length - 1] == '/') {
			group[length - 1] = '\0';
			continue;
		}
		read_group(root, mount, group, t);
		*strrchr(group, '/') = '\0';
	}
	read_group(root, mount, "", t);
}

/* Whether controller is one of a list as in "cpu,cpuacct". */
static bool lists(const char *list, const char *controller)
{
	size_t length = strlen(controller);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, controller, length) == 0 &&
		    (list[length] == ',' || list[length] == '\0'))
			return true;
	}
	return false;
}

void plait__topology_limits(const char *root, struct plait_topology *t)
{
	char path[4096], line[4096];
	FILE *file;

	t->cpu_limit = 0;
	t->memory_limit_bytes = 0;
	snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
	file = fopen(path, "r");
	if (!file)
		return;
	/* "4:cpu,cpuacct:/group" for version 1, "0::/group" for version 2. */
	while (fgets(line, sizeof line, file)) {
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group || group[1] != '/')
			continue;
		*group++ = '\0';
		controllers++;
		group[strcspn(group, "\n")] = '\0';
		if (!*controllers)
			read_groups_up(root, "/sys/fs/cgroup", group, t);
		else if (lists(controllers, "cpu"))
			read_groups_up(root, "/sys/fs/cgroup/cpu", group, t);
		else if (lists(controllers, "memory"))
			read_groups_up(root, "/sys/fs/cgroup/memory", group, t);
	}
	fclose(file);
}

/* -- hwloc --------------------------------------------------------------------------------- */

static int count(hwloc_topology_t machine, hwloc_obj_type_t type)
{
	int n = hwloc_get_nbobjs_by_type(machine, type);

	return n > 0 ? n : 0;
}

/* Cores with at least one hardware thread that the calling thread may run on. */
static int usable_cores(hwloc_topology_t machine)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int n = 0;

	if (!set || hwloc_get_cpubind(machine, set, HWLOC_CPUBIND_THREAD) != 0)
		n = count(machine, HWLOC_OBJ_CORE);
	else
		for (hwloc_obj_t core = NULL;
		     (core = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_CORE, core));)
			n += hwloc_bitmap_intersects(core->cpuset, set);
	hwloc_bitmap_free(set);
	return n;
}

static void describe(hwloc_topology_t machine, struct plait_topology *t)
{
	static const hwloc_obj_type_t cache[] = { HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
						  HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE };
	hwloc_obj_t package = hwloc_get_obj_by_type(machine, HWLOC_OBJ_PACKAGE, 0);
	const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;

	t->packages = count(machine, HWLOC_OBJ_PACKAGE);
	t->numa_nodes = count(machine, HWLOC_OBJ_NUMANODE);
	t->cores = count(machine, HWLOC_OBJ_CORE);
	t->hardware_threads = count(machine, HWLOC_OBJ_PU);
	t->usable_cores = usable_cores(machine);
	PLAIT__ASSERT(t->usable_cores <= t->cores, "no more cores are usable than there are");
	for (int i = 0; i < 4; i++) {
		t->cache_count[i] = count(machine, cache[i]);
		if (t->cache_count[i] > 0)
			t->cache_bytes[i] = (int64_t)hwloc_get_obj_by_type(machine, cache[i], 0)
						    ->attr->cache.size;
	}
	/* Memory added to a running virtual machine may belong to no NUMA node. */
	t->memory_bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	if (t->memory_bytes < (int64_t)hwloc_get_root_obj(machine)->total_memory)
		t->memory_bytes = (int64_t)hwloc_get_root_obj(machine)->total_memory;
	snprintf(t->cpu_model, sizeof t->cpu_model, "%s", model ? model : "");
}

int plait_topology_get(struct plait_topology *topology)
{
	hwloc_topology_t machine;

	if (!topology)
		return plait__error(PLAIT_EINVAL, "plait_topology_get: topology is NULL");
	if (hwloc_topology_init(&machine) != 0)
		return plait__error(PLAIT_ERUNTIME, "hwloc cannot start: %s", strerror(errno));
	hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	if (hwloc_topology_load(machine) != 0) {
		hwloc_topology_destroy(machine);
		return plait__error(PLAIT_ERUNTIME, "hwloc cannot read this machine: %s",
				    strerror(errno));
	}
	memset(topology, 0, sizeof *topology);
	describe(machine, topology);
	hwloc_topology_destroy(machine);
	plait__topology_limits("", topology);
	return 0;
}
