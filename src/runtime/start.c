/* SPDX-License-Identifier: MIT
 * One runtime a process: StarPU's own state is global.  Workers are paused unless
 * somebody needs them, because idle ones spin. */
#include "config.h"
#include "src/runtime/policy.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"
#include "src/runtime/environment.h"

#include <errno.h>
#include <omp.h>
#include <starpu.h>
#include <starpu_cublas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL_MAX 64

/* A codelet and its model, alive until StarPU is down. */
struct entry {
	struct entry *next;
	struct starpu_codelet codelet;
	struct starpu_perfmodel model;
	char symbol[SYMBOL_MAX + 1];
	char name[];
};

static struct {
	bool started;
	int running; /* depth of plait__runtime_resume */
	int cpu_workers, cuda_workers;
	char policy[PLAIT__POLICY_MAX];
	struct entry *entries;
	void *scratch[STARPU_NMAXWORKERS]; /* by worker; NULL for those that are no CPU */
	size_t scratch_bytes;
	struct {
		struct plait__worker_use use;
		char apart[64]; /* a cache line of its own, as each worker writes its one */
	} worker[STARPU_NMAXWORKERS];
} runtime;

/* -- up ------------------------------------------------------------------------------ */

/* Runs in every worker: a library's threads start with the setting of the thread that
 * starts them, so this is no use in the main thread. */
static void hold_openmp(void *unused)
{
	(void)unused;
	omp_set_num_threads(1);
}

/* How many workers to ask StarPU for: wanted 0 leaves what the environment says, and -1
 * there is all. */
static int workers_to_ask(int wanted, int environment)
{
	return wanted == 0 ? environment : wanted < 0 ? 0 : wanted;
}

static int configure(struct starpu_conf *conf, const struct plait_start_options *options)
{
	if (starpu_conf_init(conf) != 0)
		return plait__error(PLAIT_ERUNTIME, "plait_start: starpu_conf_init failed");
	/* The environment was read into conf; from here on conf is right. */
	conf->precedence_over_environment_variables = 1;
	conf->catch_signals = 0;
	if (strcmp(runtime.policy, PLAIT__POLICY) == 0)
		conf->sched_policy = &plait__policy;
	conf->ncpus = workers_to_ask(options->cpu_workers, conf->ncpus);
	conf->ncuda = workers_to_ask(options->cuda_workers, conf->ncuda);
	/* Steps are a chain: a second GPU would only pull the parameters back and forth. */
	if (conf->ncuda < 0)
		conf->ncuda = 1;
	if (options->cpu_workers > STARPU_MAXCPUS)
		return plait__error(
			PLAIT_EINVAL,
			"plait_start: %d CPU workers, this StarPU was built for at most %d",
			options->cpu_workers, STARPU_MAXCPUS);
#ifdef STARPU_USE_CUDA
	if (options->cuda_workers > STARPU_MAXCUDADEVS)
		return plait__error(
			PLAIT_EINVAL,
			"plait_start: %d CUDA workers, this StarPU was built for at most %d",
			options->cuda_workers, STARPU_MAXCUDADEVS);
	if (conf->ncpus != 0 || conf->ncuda != 0)
		return 0;
#else
	if (options->cuda_workers > 0)
		return plait__error(
			PLAIT_ERUNTIME,
			"plait_start: %d CUDA workers, but StarPU was built without CUDA",
			options->cuda_workers);
	if (conf->ncpus != 0)
		return 0;
#endif
	return plait__error(PLAIT_EINVAL, "plait_start: neither CPU nor CUDA workers are wanted%s",
			    getenv("STARPU_NCPU") ? " (STARPU_NCPU is set)" : "");
}

static int start_starpu(const struct plait_start_options *options)
{
	struct starpu_conf conf;
	int status = configure(&conf, options);
	int rc;

	if (status < 0)
		return status;
	starpu_malloc_set_align(PLAIT__ALIGN);
	rc = starpu_init(&conf);
	if (rc == -ENODEV)
		return plait__error(
			PLAIT_ERUNTIME,
			"plait_start: StarPU found no CPU and no CUDA device to drive%s%s",
			getenv("STARPU_NCPU") ? "; STARPU_NCPU is " : "",
			getenv("STARPU_NCPU") ? getenv("STARPU_NCPU") : "");
	if (rc != 0)
		return plait__error(PLAIT_ERUNTIME, "plait_start: starpu_init failed: %s",
				    strerror(-rc));
	return 0;
}

/* What comes after starpu_init may still find the machine lacking. */
static int check_workers(const struct plait_start_options *options)
{
	runtime.cpu_workers = (int)starpu_cpu_worker_get_count();
	runtime.cuda_workers = (int)starpu_cuda_worker_get_count();
	if (runtime.cuda_workers < options->cuda_workers)
		return plait__error(PLAIT_ERUNTIME,
				    "plait_start: %d CUDA workers wanted, StarPU drives %d",
				    options->cuda_workers, runtime.cuda_workers);
	if (runtime.cpu_workers + runtime.cuda_workers == 0)
		return plait__error(PLAIT_ERUNTIME,
				    "plait_start: StarPU drives neither a CPU nor a CUDA device");
	return 0;
}

static const char *recording_folder(void)
{
	const char *folder = getenv("PLAIT_RECORD");

	return folder && *folder ? folder : NULL;
}

/* First-call costs are paid here, where no performance model sees them. */
static void warm_up(void)
{
	starpu_execute_on_each_worker(hold_openmp, NULL, STARPU_CPU | STARPU_CUDA);
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	if (runtime.cuda_workers > 0)
		starpu_cublas_init();
#endif
}

int plait_start(const struct plait_start_options *options)
{
	static const struct plait_start_options defaults;
	int status;

	if (runtime.started)
		return plait__error(PLAIT_ESTATE,
				    "plait_start: already started; plait_stop comes first");
	if (starpu_is_initialized())
		return plait__error(
			PLAIT_ESTATE,
			"plait_start: the program has started StarPU itself, without the "
			"settings Plait relies on; let plait_start do it");
	options = options ? options : &defaults;
	status = plait__env_policy(options->policy, runtime.policy);
	if (status == 0)
		status = plait__env_enter(runtime.policy);
	if (status < 0)
		return status;
	status = start_starpu(options);
	plait__env_leave();
	if (status < 0)
		return status;
	status = check_workers(options);
	if (status < 0) {
		starpu_shutdown();
		return status;
	}
	warm_up();
	if (recording_folder())
		plait__recorder_start();
	starpu_pause();
	runtime.running = 0;
	runtime.started = true;
	return 0;
}

/* -- down ---------------------------------------------------------------------------- */

static void free_scratch(void)
{
	for (int i = 0; i < STARPU_NMAXWORKERS; i++) {
		free(runtime.scratch[i]);
		runtime.scratch[i] = NULL;
	}
	runtime.scratch_bytes = 0;
}

void plait_stop(void)
{
	if (!runtime.started)
		return;
	/* plait_stop has no status to return; whoever asked for a recording looks for its files. */
	if (recording_folder() && plait__recorder_stop(recording_folder()) < 0)
		fprintf(stderr, "plait: %s\n", plait_error_message());
	if (runtime.running == 0)
		starpu_resume();
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	if (runtime.cuda_workers > 0)
		starpu_cublas_shutdown();
#endif
	starpu_shutdown();
	while (runtime.entries) {
		struct entry *entry = runtime.entries;

		runtime.entries = entry->next;
		free(entry->codelet.dyn_modes); /* of those with more handles than fit */
		free(entry);
	}
	free_scratch();
	memset(&runtime, 0, sizeof runtime);
}

/* -- while it is up -------------------------------------------------------------------- */

int plait__runtime_require(const char *caller)
{
	return runtime.started ? 0
			       : plait__error(PLAIT_ESTATE, "%s: plait_start comes first", caller);
}

void plait__runtime_resume(void)
{
	if (runtime.running++ == 0)
		starpu_resume();
}

void plait__runtime_pause(void)
{
	if (--runtime.running == 0)
		starpu_pause();
}

int plait_cpu_workers(void)
{
	return runtime.cpu_workers;
}

int plait_cuda_workers(void)
{
	return runtime.cuda_workers;
}

const char *plait_policy(void)
{
	return runtime.policy;
}

void plait__runtime_worked(double microseconds)
{
	struct plait__worker_use *use = &runtime.worker[starpu_worker_get_id()].use;

	use->busy_seconds += microseconds * 1e-6;
	use->tasks++;
}

void plait__runtime_use_reset(void)
{
	memset(runtime.worker, 0, sizeof runtime.worker);
	if (runtime.cuda_workers == 0)
		return;
	starpu_profiling_status_set(STARPU_PROFILING_ENABLE);
	for (unsigned i = 0; i < starpu_worker_get_count(); i++)
		starpu_profiling_worker_get_info((int)i, NULL);
}

struct plait__worker_use plait__runtime_use(int worker)
{
	struct starpu_profiling_worker_info info;

	if (starpu_worker_get_type(worker) != STARPU_CUDA_WORKER ||
	    starpu_profiling_worker_get_info(worker, &info) != 0)
		return runtime.worker[worker].use;
	return (struct plait__worker_use){
		.busy_seconds = starpu_timing_timespec_to_us(&info.executing_time) * 1e-6,
		.tasks = info.executed_tasks
	};
}

void plait_worker_use_reset(void)
{
	plait__runtime_use_reset();
}

void plait_worker_use_get(int worker, struct plait_worker_use *use)
{
	struct plait__worker_use inside = { 0 };

	if (!use)
		return;
	if (runtime.started && worker >= 0 && worker < (int)starpu_worker_get_count())
		inside = plait__runtime_use(worker);
	*use = (struct plait_worker_use){ inside.busy_seconds, inside.tasks };
}

struct starpu_codelet *plait__runtime_codelet(const char *symbol, const char *name, bool *is_new)
{
	size_t length = strlen(name) + 1;
	struct entry *entry, **end = &runtime.entries;

	*is_new = false;
	for (; *end; end = &(*end)->next)
		if (strcmp((*end)->symbol, symbol) == 0)
			return &(*end)->codelet;
	if (strlen(symbol) > SYMBOL_MAX ||
	    strspn(symbol, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_.-") != strlen(symbol)) {
		plait__error(PLAIT_EINVAL,
			     "codelet symbol \"%s\": must be at most %d of [A-Za-z0-9_.-]", symbol,
			     SYMBOL_MAX);
		return NULL;
	}
	entry = plait__calloc(1, sizeof *entry + length, "a codelet");
	if (!entry)
		return NULL;
	strcpy(entry->symbol, symbol);
	memcpy(entry->name, name, length);
	entry->model.type = STARPU_HISTORY_BASED;
	entry->model.symbol = entry->symbol;
	entry->codelet.model = &entry->model;
	entry->codelet.name = entry->name;
	*end = entry;
	*is_new = true;
	return &entry->codelet;
}

void plait__runtime_codelets(void (*visit)(void *user, const char *symbol, const char *name),
			     void *user)
{
	for (const struct entry *entry = runtime.entries; entry; entry = entry->next)
		if (entry->codelet.where != STARPU_NOWHERE)
			visit(user, entry->symbol, entry->name);
}

int plait__runtime_reserve_scratch(size_t bytes)
{
	int ids[STARPU_NMAXWORKERS];
	unsigned count;

	bytes = plait__align(bytes);
	if (bytes <= runtime.scratch_bytes)
		return 0;
	free_scratch();
	count = starpu_worker_get_ids_by_type(STARPU_CPU_WORKER, ids, STARPU_NMAXWORKERS);
	for (unsigned i = 0; i < count; i++) {
		/* Untouched here, so that each worker's pages come from its own NUMA node. */
		runtime.scratch[ids[i]] = aligned_alloc(PLAIT__ALIGN, bytes);
		if (!runtime.scratch[ids[i]]) {
			free_scratch();
			return plait__error(PLAIT_ENOMEM,
					    "scratch memory: %u times %zu bytes are not to be had",
					    count, bytes);
		}
	}
	runtime.scratch_bytes = bytes;
	return 0;
}

void *plait__runtime_scratch(void)
{
	return runtime.scratch[starpu_worker_get_id()];
}
