/* SPDX-License-Identifier: MIT
 * What the machine has, and what a control group leaves of it, from made-up files of the kernel. */
#include "config.h"
#include "src/runtime/runtime.h"
#include "tests/runtime/folder.h"

static void check_limits(const char *groups, double cpu, int64_t memory, const char *what)
{
	struct plait_topology t = { .cpu_limit = 99, .memory_limit_bytes = 99 };

	write_file("proc/self/cgroup", groups);
	plait__topology_limits(folder, &t);
	is_near(t.cpu_limit, cpu, 0, "%s: CPU limit", what);
	is_int(t.memory_limit_bytes, memory, "%s: memory limit", what);
}

static void test_limits(void)
{
	static const char *const folders[] = {
		"proc",
		"proc/self",
		"sys",
		"sys/fs",
		"sys/fs/cgroup",
		"sys/fs/cgroup/a",
		"sys/fs/cgroup/a/b",
		"sys/fs/cgroup/cpu",
		"sys/fs/cgroup/cpu/g",
		"sys/fs/cgroup/memory",
		"sys/fs/cgroup/memory/g",
	};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		make_folder(folders[i]);
	write_file("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
	write_file("sys/fs/cgroup/a/memory.max", "4000000000\n");
	check_limits("0::/a/b\n", 1.5, 4000000000, "version 2, limits of the parent");
	write_file("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	write_file("sys/fs/cgroup/a/b/memory.max", "1000000\n");
	check_limits("0::/a/b\n", 1.5, 1000000, "version 2, the lower one counts");
	check_limits("0::/no/such\n", 0, 0, "version 2, a group that is not there");
	check_limits("0::/\n", 0, 0, "version 2, the root");
	write_file("sys/fs/cgroup/cpu/g/cpu.cfs_quota_us", "50000\n");
	write_file("sys/fs/cgroup/cpu/g/cpu.cfs_period_us", "100000\n");
	write_file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
	write_file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	write_file("sys/fs/cgroup/memory/g/memory.limit_in_bytes", "2000000\n");
	write_file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	check_limits("5:cpuacct,cpu:/g\n4:memory:/g\n0::/\n", 0.5, 2000000, "version 1");
	check_limits("5:cpuset:/g\n4:memory:/\n", 0, 0, "version 1, no limits");
	check_limits("5:cpu:/of/the/host\n4:memory:/g/deeper\n", 0, 2000000,
		     "version 1, a path of the host");
	check_limits("nonsense\n7\n:\n::\n0::relative\n", 0, 0, "nonsense");
}

static void test_topology(void)
{
	struct plait_topology t;

	is_int(plait_topology_get(&t), 0, "topology");
	is_int(t.hardware_threads >= sysconf(_SC_NPROCESSORS_ONLN), true,
	       "as many hardware threads as are online");
	ok(t.packages >= 1 && t.numa_nodes >= 1 && t.cores >= 1, "packages, NUMA nodes and cores");
	ok(t.usable_cores >= 1 && t.usable_cores <= t.cores, "usable cores");
	ok(t.memory_bytes >= (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), "memory");
}

int main(void)
{
	folder_make();
	test_limits();
	test_topology();
	folder_remove();
	return tap_done();
}
