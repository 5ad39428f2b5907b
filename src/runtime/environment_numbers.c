/* SPDX-License-Identifier: MIT
 * Variables whose values StarPU does not check.  It aborts or crashes on a value that is no number,
 * is negative, or is more than the machine has. */
#include "config.h"
#include "src/runtime/environment.h"
#include <plait/runtime.h>

#include <ctype.h>
#include <limits.h>
#include <starpu.h>
#include <stdlib.h>
#include <string.h>

/* Those of starpu_getenv_number() in StarPU 1.4 that a run on CPUs or CUDA may read. */
static const char *const numbers[] = {
	"STARPU_BACKOFF_MAX",
	"STARPU_BACKOFF_MIN",
	"STARPU_BUS_CALIBRATE",
	"STARPU_BUS_STATS",
	"STARPU_CALIBRATE",
	"STARPU_CALIBRATE_MINIMUM",
	"STARPU_CATCH_SIGNALS",
	"STARPU_CHECK_ENTIRE_PLATFORM",
	"STARPU_CODELET_PROFILING",
	"STARPU_CUDA_ONLY_FAST_ALLOC_OTHER_MEMNODES",
	"STARPU_CUDA_PIPELINE",
	"STARPU_CUDA_THREAD_PER_DEV",
	"STARPU_CUDA_THREAD_PER_WORKER",
	"STARPU_DATA_LOCALITY_ENFORCE",
	"STARPU_DISABLE_ASYNCHRONOUS_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_CUDA_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_HIP_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_MAX_FPGA_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_MPI_MS_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_OPENCL_COPY",
	"STARPU_DISABLE_ASYNCHRONOUS_TCPIP_MS_COPY",
	"STARPU_DISABLE_KERNELS",
	"STARPU_DISABLE_PINNING",
	"STARPU_DISK_SWAP_SIZE",
	"STARPU_DISPLAY_BINDINGS",
	"STARPU_ENABLE_CUDA_GPU_GPU_DIRECT",
	"STARPU_ENABLE_MAP",
	"STARPU_ENERGY_PROFILING",
	"STARPU_EXPECTED_TRANSFER_TIME_WRITEBACK",
	"STARPU_FXT_TRACE",
	"STARPU_GENERATE_TRACE",
	"STARPU_GLOBAL_ARBITER",
	"STARPU_HETEROPRIO_CODELET_GROUPING_STRATEGY",
	"STARPU_HETEROPRIO_USE_AUTO_CALIBRATION",
	"STARPU_HETEROPRIO_USE_LA",
	"STARPU_HISTORY_MAX_ERROR",
	"STARPU_LIMIT_BANDWIDTH",
	"STARPU_LIMIT_CPU_MEM",
	"STARPU_LIMIT_CPU_NUMA_MEM",
	"STARPU_LIMIT_CUDA_MEM",
	"STARPU_LIMIT_MIN_SUBMITTED_TASKS",
	"STARPU_MAIN_THREAD_BIND",
	"STARPU_MAIN_THREAD_COREID",
	"STARPU_MAIN_THREAD_CPUID",
	"STARPU_MAX_MEMORY_USE",
	"STARPU_MAX_PRIO",
	"STARPU_MAX_WORKERSIZE",
	"STARPU_MEMORY_STATS",
	"STARPU_MINIMUM_AVAILABLE_MEM",
	"STARPU_MINIMUM_CLEAN_BUFFERS",
	"STARPU_MIN_PRIO",
	"STARPU_MIN_WORKERSIZE",
	"STARPU_MPI_THREAD_COREID",
	"STARPU_MPI_THREAD_CPUID",
	"STARPU_NCPU",
	"STARPU_NCPUS",
	"STARPU_NCUDA",
	"STARPU_NHIP",
	"STARPU_NMAX_FPGA",
	"STARPU_NMPI_MS",
	"STARPU_NOPENCL",
	"STARPU_NTASKS_THRESHOLD",
	"STARPU_NTCPIP_MS",
	"STARPU_NTHREADS_PER_CORE",
	"STARPU_NWORKER_PER_CUDA",
	"STARPU_PCI_FLAT",
	"STARPU_PERF_MODEL_HOMOGENEOUS_CPU",
	"STARPU_PREFETCH",
	"STARPU_PROFILING",
	"STARPU_RAND_SEED",
	"STARPU_RESERVE_NCPU",
	"STARPU_SCHED_READY",
	"STARPU_SCHED_SORTED_ABOVE",
	"STARPU_SCHED_SORTED_BELOW",
	"STARPU_SILENT",
	"STARPU_SIMGRID",
	"STARPU_SINGLE_COMBINED_WORKER",
	"STARPU_STATS",
	"STARPU_SUBALLOCATOR",
	"STARPU_SYNTHESIZE_ARITY_COMBINED_WORKER",
	"STARPU_TARGET_AVAILABLE_MEM",
	"STARPU_TARGET_CLEAN_BUFFERS",
	"STARPU_TASK_BREAK_ON_EXEC",
	"STARPU_TASK_BREAK_ON_POP",
	"STARPU_TASK_BREAK_ON_PUSH",
	"STARPU_TASK_BREAK_ON_SCHED",
	"STARPU_TASK_PROGRESS",
	"STARPU_TRACE_BUFFER_SIZE",
	"STARPU_USE_NUMA",
	"STARPU_WATCHDOG_CRASH",
	"STARPU_WATCHDOG_DELAY",
	"STARPU_WORKERS_GETBIND",
	"STARPU_WORKERS_NOBIND",
	"STARPU_WORKER_TREE",
};

static const char *const reals[] = {
	"STARPU_EXP_LEN_THRESHOLD", "STARPU_IDLE_POWER",  "STARPU_SCHED_ALPHA",
	"STARPU_SCHED_BETA",        "STARPU_SCHED_GAMMA", "STARPU_WINDOW_TIME_SIZE",
};

/* Identifiers with blanks or commas between, and ranges of them: "0 2-3". */
static const char *const lists[] = {
	"STARPU_WORKERS_COREID",
	"STARPU_WORKERS_CPUID",
	"STARPU_WORKERS_CUDAID",
};

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 11 && text[digits] == '\0' && atoll(text) <= INT_MAX;
}

static bool is_real(const char *text)
{
	char *end;

	strtof(text, &end);
	return end != text && *end == '\0';
}

static bool is_list(const char *text)
{
	return isdigit((unsigned char)*text) && text[strspn(text, "0123456789 ,-")] == '\0' &&
	       !strstr(text, "--") && !strstr(text, " -") && !strstr(text, ",-");
}

static int check_all(const char *const *names, size_t count, bool (*is_good)(const char *),
		     const char *expected)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = getenv(names[i]);

		if (value && !is_good(value))
			return plait__error(PLAIT_EINVAL, "%s: \"%.40s\" is no %s", names[i], value,
					    expected);
	}
	return 0;
}

/* name, where it is set, is a number from least to most. */
static int check_range(const char *name, int least, int most)
{
	const char *value = getenv(name);

	if (!value || (atoi(value) >= least && atoi(value) <= most))
		return 0;
	return plait__error(PLAIT_EINVAL, "%s: \"%s\" is not from %d to %d", name, value, least,
			    most);
}

/* With a value that is more than the machine has, StarPU fails an assertion or reads beyond an
 * array. */
static int check_machine(void)
{
	struct plait_topology topology;
	int threads, status = check_range("STARPU_NWORKER_PER_CUDA", 1, STARPU_NMAXWORKERS);

	if (status < 0 ||
	    (!getenv("STARPU_NTHREADS_PER_CORE") && !getenv("STARPU_MAIN_THREAD_CPUID") &&
	     !getenv("STARPU_MAIN_THREAD_COREID")))
		return status;
	status = plait_topology_get(&topology);
	if (status < 0)
		return status;
	threads = topology.cores > 0 ? topology.hardware_threads / topology.cores : 1;
	status = check_range("STARPU_NTHREADS_PER_CORE", 1, threads);
	if (status == 0)
		status = check_range("STARPU_MAIN_THREAD_CPUID", 0, topology.hardware_threads - 1);
	if (status == 0)
		status = check_range("STARPU_MAIN_THREAD_COREID", 0, topology.cores - 1);
	return status;
}

int plait__env_check(void)
{
	const char *host = getenv("STARPU_HOSTNAME");
	int status = check_all(numbers, sizeof numbers / sizeof *numbers, is_number,
			       "number, 0 or greater");

	if (status == 0)
		status = check_all(reals, sizeof reals / sizeof *reals, is_real, "number");
	if (status == 0)
		status = check_all(lists, sizeof lists / sizeof *lists, is_list,
				   "list of identifiers, as in \"0 2-3\"");
	if (status == 0)
		status = check_machine();
	/* StarPU makes files of this name. */
	if (status == 0 && host && (!*host || strlen(host) > 64 || strchr(host, '/')))
		status = plait__error(PLAIT_EINVAL, "STARPU_HOSTNAME: \"%.80s\" is no host name",
				      host);
	return status;
}
