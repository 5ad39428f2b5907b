/* SPDX-License-Identifier: MIT
 * plait doctor: what this machine and this StarPU can do, what is missing and the command
 * that brings it. */
#include "config.h"
#include "src/cli/memory.h"
#include <plait/runtime.h>
#include "src/cli/commands.h"
#include "src/cli/complain.h"
#include "src/cli/doctor/nvidia.h"
#include "src/cli/job/start.h"
#include "src/base/text.h"

#ifdef PLAIT_HAVE_CUDNN
#include <cudnn.h>
#endif
#include <inttypes.h>
#include <oneapi/dnnl/dnnl.h>
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line "  name    value". */
static void line(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(const char *name, const char *format, ...)
{
	va_list args;

	printf("  %-14s", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* The command that installs something that is missing, printed below its line. */
static void get(const char *command)
{
	printf("  %-14s-> %s\n", "", command);
}

static const char *plural(int count)
{
	return count == 1 ? "" : "s";
}

/* -- the machine ----------------------------------------------------------------------------- */

static void report_caches(const struct plait_topology *t)
{
	static const char *const name[] = { "L1 data", "L2", "L3", "L4" };
	char list[160] = "", size[32];
	size_t used = 0;

	for (int i = 0; i < 4; i++)
		if (t->cache_count[i] > 0 && used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%d x %s %s",
						 used ? ", " : "", t->cache_count[i],
						 plait__bytes_text(t->cache_bytes[i], size),
						 name[i]);
	line("caches", "%s", used ? list : "unknown");
}

static void report_limits(const struct plait_topology *t)
{
	int few = t->cpu_limit < 1 ? 1 : (int)t->cpu_limit;
	char size[32];

	if (t->cpu_limit > 0) {
		line("CPU limit", "%.4g core%s of time (control group)", t->cpu_limit,
		     t->cpu_limit == 1 ? "" : "s");
		if (t->cpu_limit < t->usable_cores && !getenv("STARPU_NCPU"))
			printf("  %-14s-> --ncpu %d, or STARPU_NCPU=%d, keeps CPU workers "
			       "from waiting for each other\n",
			       "", few, few);
	} else {
		line("CPU limit", "none");
	}
	if (t->memory_limit_bytes > 0)
		line("memory limit", "%s (control group)",
		     plait__bytes_text(t->memory_limit_bytes, size));
	else
		line("memory limit", "none");
}

static void report_machine(void)
{
	struct plait_topology t;
	char size[32];

	puts("Machine");
	if (plait_topology_get(&t) < 0) {
		line("topology", "%s", plait_error_message());
		return;
	}
	line("CPU", "%s", *t.cpu_model ? t.cpu_model : "unknown");
	line("packages", "%d, with %d NUMA node%s", t.packages, t.numa_nodes, plural(t.numa_nodes));
	line("cores", "%d, with %d hardware thread%s", t.cores, t.hardware_threads,
	     plural(t.hardware_threads));
	line("binding", "%d of %d core%s open to this process", t.usable_cores, t.cores,
	     plural(t.cores));
	report_caches(&t);
	line("memory", "%s", plait__bytes_text(t.memory_bytes, size));
	report_limits(&t);
}

/* -- StarPU ------------------------------------------------------------------------------------ */

static void report_build(const char *name, bool has, const char *what_for, const char *command)
{
	line(name, "%s", has ? "yes" : what_for);
	if (!has)
		get(command);
}

static void report_starpu_build(void)
{
	int major, minor, release;

	starpu_get_version(&major, &minor, &release);
	line("version", "%d.%d.%d", major, minor, release);
#ifdef STARPU_SIMGRID
	line("simulation", "yes: tasks are not executed, times are predicted");
#endif
#ifdef STARPU_USE_CUDA
	report_build("CUDA", true, "", "");
#else
	report_build("CUDA", false, "no: it drives no GPU",
		     "apt-get install nvidia-cuda-toolkit, then ./quickstart build");
#endif
#ifdef STARPU_USE_FXT
	report_build("FxT traces", true, "", "");
#else
	report_build("FxT traces", false, "no: runs cannot be traced",
		     "apt-get install libfxt-dev, then ./quickstart build");
#endif
#ifdef STARPU_USE_MPI
	report_build("MPI", true, "", "");
#else
	report_build("MPI", false, "no: one machine only",
		     "apt-get install libopenmpi-dev, then ./quickstart build");
#endif
}

/* Starts StarPU to see what it drives.  Returns the exit status. */
/* ": cpu0 to cpu3", as --place and --shards name them.  Returns text. */
static const char *device_names(int count, char text[128])
{
	text[0] = '\0';
	if (count > 1)
		snprintf(text, 128, ": cpu0 to cpu%d", count - 1);
	else if (count == 1)
		snprintf(text, 128, ": cpu0");
	return text;
}

static int report_starpu(void)
{
	int ids[STARPU_NMAXWORKERS];
	unsigned count;
	char name[128];

	puts("\nStarPU");
	report_starpu_build();
	cli_warn_workers(0);
	if (plait_start(NULL) < 0) {
		line("start", "fails");
		fflush(stdout);
		cli_complain("%s", plait_error_message());
		return CLI_FAILED;
	}
	line("CPU workers", "%d%s", plait_cpu_workers(), device_names(plait_cpu_workers(), name));
	line("CUDA workers", "%d", plait_cuda_workers());
	count = starpu_worker_get_ids_by_type(STARPU_CUDA_WORKER, ids, STARPU_NMAXWORKERS);
	for (unsigned i = 0; i < count; i++) {
		starpu_worker_get_name(ids[i], name, sizeof name);
		line("", "cuda%d: %s", starpu_worker_get_devid(ids[i]), name);
	}
	line("scheduler", "%s", plait_policy());
	plait_stop();
	return CLI_DONE;
}

/* -- GPU ---------------------------------------------------------------------------------- */

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
static void report_cudnn(void)
{
#ifdef PLAIT_HAVE_CUDNN
	int version = (int)cudnnGetVersion(); /* 90100 for 9.1.0 */

	line("cuDNN", "%d.%d.%d, for convolutions", version / 10000, version % 10000 / 100,
	     version % 100);
#else
	line("cuDNN", "not compiled in: convolutions are products by cuBLAS");
	get("install NVIDIA's libcudnn9-dev-cuda-13, then configure again");
#endif
}
#endif

static void report_runtime(void)
{
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	int driver = 0, library = 0, devices = 0;
	cudaError_t error = cudaGetDeviceCount(&devices);

	cudaDriverGetVersion(&driver);
	cudaRuntimeGetVersion(&library);
	line("kernels", "compiled in, for CUDA %d.%d", library / 1000, library % 1000 / 10);
	report_cudnn();
	if (driver > 0)
		line("driver", "serves CUDA %d.%d", driver / 1000, driver % 1000 / 10);
	line("devices", error == cudaSuccess ? "%d" : "%d (%s)", devices,
	     cudaGetErrorString(error));
#else
	line("kernels", "not compiled in");
	get("apt-get install nvidia-cuda-toolkit, then ./quickstart build");
#endif
}

static void report_gpu(void)
{
	char text[256];
	int devices = cli_nvidia_devices();

	puts("\nGPU");
	report_runtime();
	line("hardware", devices > 0 ? "%d NVIDIA device%s" : "no NVIDIA device on the PCI bus",
	     devices, plural(devices));
	if (cli_nvidia_module(text, sizeof text)) {
		line("kernel module", "%.60s",
		     strstr(text, "NVIDIA") ? strstr(text, "NVIDIA") : text);
	} else if (devices > 0) {
		line("kernel module", "not loaded");
		get("apt-get install nvidia-driver, then restart the machine");
	}
}

/* -- libraries and data ---------------------------------------------------------------------- */

static void report_fashion_mnist(void)
{
	static const char *const part[] = { "train", "test" };

	for (int i = 0; i < 2; i++) {
		struct plait_dataset *data = NULL;
		char spec[32];

		snprintf(spec, sizeof spec, "fashion-mnist:%s", part[i]);
		if (plait_dataset_open(&data, spec) < 0) {
			line("Fashion-MNIST", "not found%s%s",
			     getenv("PLAIT_DATA") ? " in PLAIT_DATA=" : "",
			     getenv("PLAIT_DATA") ? getenv("PLAIT_DATA") : "");
			get("apt-get install dataset-fashion-mnist");
			return;
		}
		line(i == 0 ? "Fashion-MNIST" : "", "%" PRId64 " samples to %s",
		     plait_dataset_info(data)->samples, part[i]);
		plait_dataset_destroy(data);
	}
}

int cli_doctor(int argc, char **argv)
{
	const dnnl_version_t *dnnl = dnnl_version();
	int status;

	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "--help-all") == 0)) {
		puts("usage: plait doctor\n\n"
		     "Says what this machine and this StarPU can do, what is missing and how to "
		     "get it.");
		return CLI_DONE;
	}
	if (argc > 0) {
		cli_complain("doctor: takes no arguments, \"%s\" was given", argv[0]);
		return CLI_USAGE;
	}
	report_machine();
	status = report_starpu();
	report_gpu();
	puts("\nLibraries and data");
	line("plait", "%s", plait_version());
	line("oneDNN", "%d.%d.%d", dnnl->major, dnnl->minor, dnnl->patch);
	report_fashion_mnist();
	return status;
}
