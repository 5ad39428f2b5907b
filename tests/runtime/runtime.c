/* SPDX-License-Identifier: MIT
 * StarPU up and down under good and bad settings, and what holds while it is up. */
#include "config.h"
#include "src/runtime/runtime.h"
#include "tests/tap.h"

#include <omp.h>
#include <signal.h>
#include <starpu.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[4096]; /* what this test writes is under here */

static char *in_folder(char *path, const char *name)
{
	snprintf(path, 4200, "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	char path[4200];
	FILE *file = fopen(in_folder(path, name), "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		tap_bail_out("%s cannot be written", path);
}

static void make_folder(const char *name)
{
	char path[4200];

	if (mkdir(in_folder(path, name), 0700) != 0)
		tap_bail_out("%s cannot be made", path);
}

static bool exists(const char *name)
{
	char path[4200];

	return access(in_folder(path, name), F_OK) == 0;
}

/* -- refusals ------------------------------------------------------------------------------ */

static void test_not_started(void)
{
	plait_stop();
	is_int(plait__runtime_require("plait_fit"), PLAIT_ESTATE,
	       "what needs a runtime is refused before it");
	contains(plait_error_message(), "plait_fit: plait_start comes first",
		 "the message names the caller");
}

static void test_policies_refused(void)
{
	struct starpu_sched_policy **policy = starpu_sched_get_predefined_policies();
	int named = 0, known = 0;

	is_int(plait_start(&(struct plait_start_options){ .policy = "dmdaz" }), PLAIT_EINVAL,
	       "unknown policy");
	contains(plait_error_message(), "no scheduling policy \"dmdaz\", did you mean dmda",
		 "its message names a near one");
	for (; *policy; policy++) {
		known++;
		named += strstr(plait_error_message(), (*policy)->policy_name) != NULL;
	}
	is_int(named, known - 1, "and all valid ones: every one of StarPU's but graph_test");
	is_int(plait_start(&(struct plait_start_options){ .policy = "graph_test" }), PLAIT_EINVAL,
	       "graph_test would hang and is refused");
	is_int(plait_start(&(struct plait_start_options){ .policy = "" }), PLAIT_EINVAL,
	       "an empty name is none");

	setenv("STARPU_SCHED", "eagre", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL, "unknown policy in STARPU_SCHED");
	contains(plait_error_message(),
		 "STARPU_SCHED: no scheduling policy \"eagre\", did you mean eager?",
		 "the message says where it came from");
	unsetenv("STARPU_SCHED");
}

static void test_environment_refused(void)
{
	static const char *const junk[] = { "x", "-1", "1x", "", "99999999999" };

	setenv("STARPU_LIMIT_MAX_SUBMITTED_TASKS", "100", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL,
	       "a limit on submitted tasks would hang and is refused");
	contains(plait_error_message(), "STARPU_LIMIT_MAX_SUBMITTED_TASKS", "by name");
	unsetenv("STARPU_LIMIT_MAX_SUBMITTED_TASKS");
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
		setenv("STARPU_PROFILING", junk[i], 1);
		is_int(plait_start(NULL), PLAIT_EINVAL,
		       "STARPU_PROFILING=%s, on which StarPU aborts", junk[i]);
		contains(plait_error_message(), "STARPU_PROFILING: \"", "by name");
	}
	unsetenv("STARPU_PROFILING");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = -1, .cuda_workers = -1 }),
	       PLAIT_EINVAL, "no workers at all");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = 100000 }), PLAIT_EINVAL,
	       "more workers than StarPU can have");
	if (plait_start(&(struct plait_start_options){ .cuda_workers = 4 }) == 0) {
		plait_stop();
		tap_skip("more GPUs than the machine has: it has at least 4");
	} else {
		contains(plait_error_message(), "4 CUDA workers", "more GPUs than the machine has");
	}
	ok(!starpu_is_initialized(), "StarPU is down after each refusal");

	setenv("STARPU_PERF_MODEL_DIR", "/dev/null/models", 1);
	is_int(plait_start(NULL), PLAIT_EINVAL,
	       "a folder of models that cannot be written is refused");
	contains(plait_error_message(), "/dev/null/models", "by name");
	unsetenv("STARPU_PERF_MODEL_DIR");
}

static void test_environment_values(void)
{
	static const char *const good[][2] = { { "STARPU_WORKERS_CPUID", "0 0" },
					       { "STARPU_WORKERS_CPUID", "0-0,0" },
					       { "STARPU_SCHED_BETA", "-1.5e-3" },
					       { "STARPU_RAND_SEED", "2147483647" },
					       { "STARPU_MAIN_THREAD_CPUID", "0" } };
	static const char *const fatal[][2] = {
		{ "STARPU_WORKERS_CPUID", "x" },
		{ "STARPU_WORKERS_CPUID", "-1" },
		{ "STARPU_WORKERS_CPUID", "" },
		{ "STARPU_WORKERS_COREID", "0 -1" },
		{ "STARPU_WORKERS_CUDAID", "x" },
		{ "STARPU_MAIN_THREAD_CPUID", "99999" },
		{ "STARPU_MAIN_THREAD_COREID", "99999" },
		{ "STARPU_NTHREADS_PER_CORE", "0" },
		{ "STARPU_NTHREADS_PER_CORE", "999" },
		{ "STARPU_NWORKER_PER_CUDA", "0" },
		{ "STARPU_NWORKER_PER_CUDA", "100000" },
		{ "STARPU_HOSTNAME", "a/b" },
		{ "STARPU_SCHED_ALPHA", "x" },
		{ "STARPU_MAX_PRIO", "-5" },
		{ "STARPU_DISABLE_KERNELS", "x" },
	};

	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
		setenv(fatal[i][0], fatal[i][1], 1);
		is_int(plait_start(NULL), PLAIT_EINVAL, "%s=%s, on which StarPU aborts",
		       fatal[i][0], fatal[i][1]);
		contains(plait_error_message(), fatal[i][0], "by name");
		unsetenv(fatal[i][0]);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		setenv(good[i][0], good[i][1], 1);
		is_int(plait_start(NULL), 0, "%s=%s is good", good[i][0], good[i][1]);
		plait_stop();
		unsetenv(good[i][0]);
	}
}

/* StarPU aborts where it cannot write. */
static void test_unwritable_home(void)
{
	char home[4096], path[4200], private[64];

	snprintf(home, sizeof home, "%s", getenv("STARPU_HOME"));
	setenv("STARPU_HOME", "/dev/null", 1);
	setenv("TMPDIR", "/dev/null", 1);
	is_int(plait_start(NULL), PLAIT_ERUNTIME, "no folder can be written");
	contains(plait_error_message(), "set STARPU_HOME", "the message says what to do");

	make_folder("tmp");
	setenv("TMPDIR", in_folder(path, "tmp"), 1);
	is_int(plait_start(NULL), 0, "an unwritable STARPU_HOME does no harm");
	plait_stop();
	snprintf(private, sizeof private, "tmp/plait-%ld/.starpu/sampling/bus", (long)geteuid());
	ok(exists(private), "a private folder under TMPDIR serves");
	is_string(getenv("STARPU_HOME"), "/dev/null", "STARPU_HOME is again what it was");

	snprintf(private, sizeof private, "tmp/plait-%ld", (long)geteuid());
	chmod(in_folder(path, private), 0777);
	is_int(plait_start(NULL), PLAIT_ERUNTIME, "not if others may write to it");
	unsetenv("TMPDIR");
	setenv("STARPU_HOME", home, 1);
}

/* -- while it is up --------------------------------------------------------------------- */

static void count_threads(void *counts)
{
	((int *)counts)[starpu_worker_get_id()] = omp_get_max_threads();
}

static void test_started(void)
{
	int threads[STARPU_NMAXWORKERS] = { 0 }, single = 0;
	struct sigaction before, after;
	void *memory;

	sigaction(SIGINT, NULL, &before);
	setenv("STARPU_SCHED", "lws", 1);
	is_int(plait_start(&(struct plait_start_options){ .policy = "dmdas" }), 0,
	       "start with policy dmdas");
	is_string(plait_policy(), "dmdas", "the option wins over STARPU_SCHED");
	is_string(starpu_sched_get_sched_policy()->policy_name, "dmdas", "for StarPU too");
	is_string(getenv("STARPU_SCHED"), "lws", "STARPU_SCHED is again what it was");
	is_int(plait_start(NULL), PLAIT_ESTATE, "a second start is refused");
	is_int(plait__runtime_require("x"), 0, "the runtime is there");
	is_int(plait_cpu_workers(), starpu_cpu_worker_get_count(), "CPU workers are StarPU's");
	ok(starpu_is_paused(), "workers are paused");

	plait__runtime_resume();
	plait__runtime_resume();
	plait__runtime_pause();
	ok(!starpu_is_paused(), "they run until the last pause");
	starpu_execute_on_each_worker(count_threads, threads, STARPU_CPU);
	for (int i = 0; i < STARPU_NMAXWORKERS; i++)
		single += threads[i] == 1;
	is_int(single, plait_cpu_workers(), "OpenMP has one thread in each worker");
	plait__runtime_pause();
	ok(starpu_is_paused(), "then they are paused again");

	starpu_malloc(&memory, 1000);
	is_int((uintptr_t)memory % PLAIT__ALIGN, 0, "StarPU's memory is aligned");
	starpu_free_noflag(memory, 1000);
	sigaction(SIGINT, NULL, &after);
	ok(after.sa_handler == before.sa_handler, "SIGINT is left alone");
	plait_stop();
	ok(!starpu_is_initialized(), "stop");

	is_int(plait_start(NULL), 0, "start again");
	is_string(plait_policy(), "lws", "now with STARPU_SCHED");
	plait_stop();
	unsetenv("STARPU_SCHED");
	is_int(plait_start(&(struct plait_start_options){ .cpu_workers = 1, .cuda_workers = -1 }),
	       0, "start with one worker");
	is_string(plait_policy(), "eager", "the default policy");
	is_int(plait_cpu_workers(), 1, "one CPU worker");
	is_int(plait_cuda_workers(), 0, "no GPU");
	plait_stop();
}

static void test_started_by_somebody_else(void)
{
	if (starpu_init(NULL) != 0)
		tap_bail_out("starpu_init failed");
	is_int(plait_start(NULL), PLAIT_ESTATE,
	       "a StarPU that the program started itself is refused");
	starpu_shutdown();
}

/* -- codelets, scratch ---------------------------------------------------------------------- */

static void write_scratch(void *buffers[], void *size)
{
	(void)buffers;
	memset(plait__runtime_scratch(), starpu_worker_get_id() + 1, *(size_t *)size);
}

static void address(void *addresses)
{
	((char **)addresses)[starpu_worker_get_id()] = plait__runtime_scratch();
}

static bool is_scratch_good(size_t size)
{
	char *memory[STARPU_NMAXWORKERS] = { NULL };
	int ids[STARPU_NMAXWORKERS];
	unsigned count = starpu_worker_get_ids_by_type(STARPU_CPU_WORKER, ids, STARPU_NMAXWORKERS);
	bool good = true;

	starpu_execute_on_each_worker(address, memory, STARPU_CPU);
	for (unsigned i = 0; i < count; i++) {
		good = good && memory[ids[i]] && (uintptr_t)memory[ids[i]] % PLAIT__ALIGN == 0;
		if (good)
			memset(memory[ids[i]], ids[i], size);
	}
	for (unsigned i = 0; good && i < count; i++)
		good = memory[ids[i]][0] == ids[i] && memory[ids[i]][size - 1] == ids[i];
	return good;
}

static void test_codelets_and_scratch(void)
{
	char home[4096], path[4200], name[] = "fwd/0.linear";
	struct starpu_codelet *codelet;
	size_t size = 10000;
	bool is_new;

	snprintf(home, sizeof home, "%s", getenv("STARPU_HOME"));
	setenv("STARPU_HOME", in_folder(path, ""), 1);
	setenv("STARPU_HOSTNAME", "here", 1);
	is_int(plait_start(&(struct plait_start_options){ .policy = "dmda" }), 0,
	       "start with a policy that measures");
	codelet = plait__runtime_codelet("fwd-0123456789abcdef", name, &is_new);
	ok(codelet && is_new, "a codelet");
	name[0] = 'X';
	is_string(codelet->name, "fwd/0.linear", "its name is a copy");
	ok(plait__runtime_codelet("fwd-0123456789abcdef", "other", &is_new) == codelet && !is_new,
	   "the same again");
	ok(plait__runtime_codelet("fwd-0123456789abcdee", "other", &is_new) != codelet && is_new,
	   "another");
	ok(!plait__runtime_codelet("fwd/0", "slash", &is_new),
	   "a symbol with a slash, which StarPU aborts on");
	ok(!plait__runtime_codelet(
		   "x0123456789012345678901234567890123456789012345678901234567890123", "65",
		   &is_new),
	   "a symbol of 65 characters");
	ok(plait__runtime_codelet(
		   "x012345678901234567890123456789012345678901234567890123456789012", "64",
		   &is_new) != NULL,
	   "a symbol of 64 characters");

	plait__runtime_resume();
	is_int(plait__runtime_reserve_scratch(100), 0, "scratch");
	ok(is_scratch_good(100), "is aligned and each worker's own");
	is_int(plait__runtime_reserve_scratch(size), 0, "more scratch");
	is_int(plait__runtime_reserve_scratch(50), 0, "less scratch leaves it");
	ok(is_scratch_good(size), "is aligned and each worker's own");
	codelet->cpu_funcs[0] = write_scratch;
	codelet->where = STARPU_CPU;
	for (int i = 0; i < 20; i++)
		if (starpu_task_insert(codelet, STARPU_CL_ARGS_NFREE, &size, sizeof size, 0) != 0)
			tap_bail_out("no task can be inserted");
	starpu_task_wait_for_all();
	plait_stop();
	ok(exists(".starpu/sampling/codelets/45/fwd-0123456789abcdef.here"),
	   "its model is saved at the end");
	unsetenv("STARPU_HOSTNAME");
	setenv("STARPU_HOME", home, 1);
}

/* -- the machine --------------------------------------------------------------------------- */

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
	char template[] = "runtime-XXXXXX", command[4200];

	if (!mkdtemp(template) || !realpath(template, folder))
		tap_bail_out("no folder can be made here");
	unsetenv("XDG_CACHE_HOME");
	test_not_started();
	test_policies_refused();
	test_environment_refused();
	test_environment_values();
	test_unwritable_home();
	test_started();
	test_started_by_somebody_else();
	test_codelets_and_scratch();
	test_limits();
	test_topology();
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		printf("# %s stays\n", folder);
	return tap_done();
}
