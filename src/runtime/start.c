/* SPDX-License-Identifier: MIT
 * StarPU up and down.  A process has one runtime, as StarPU's own state is global.  Workers are
 * paused while they are not needed, because idle workers spin. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "config.h"
#include "src/runtime/policies.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"
#include "src/runtime/environment.h"
#include "src/runtime/parts.h"

#include <errno.h>
#include <omp.h>
#include <starpu.h>
#include <starpu_cublas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool started;
	int cpu_workers, cuda_workers;
	const char *policy;      /* its name */
	void (*free_kept)(void); /* what is kept for streams; NULL: nothing */
} runtime;

/* -- up ------------------------------------------------------------------------------ */

/* Runs in every worker.  OpenMP keeps this setting for each thread, so setting it in the main
 * thread would not change the workers. */
static void limit_openmp(void *unused)
{
	(void)unused;
	omp_set_num_threads(1);
}

/* How many workers to ask StarPU for.  wanted 0 leaves the decision to the environment, where -1
 * stands for all; a negative wanted asks for none. */
static int workers_to_ask(int wanted, int environment)
{
	return wanted == 0 ? environment : wanted < 0 ? 0 : wanted;
}

static int configure(struct starpu_conf *conf, const struct plait_start_options *options,
		     struct starpu_sched_policy *policy)
{
	if (starpu_conf_init(conf) != 0)
		return plait__error(PLAIT_ERUNTIME, "plait_start: starpu_conf_init failed");
	/* The environment was read into conf; from here on conf is right. */
	conf->precedence_over_environment_variables = 1;
	conf->catch_signals = 0;
	conf->sched_policy = policy;
	conf->ncpus = workers_to_ask(options->cpu_workers, conf->ncpus);
	conf->ncuda = workers_to_ask(options->cuda_workers, conf->ncuda);
	/* Each step needs the parameters of the one before, so with a second GPU they would only be
	 * copied between the two. */
	if (conf->ncuda < 0)
		conf->ncuda = 1;
#ifndef PLAIT_HAVE_CUDA
	conf->ncuda = 0; /* there are no kernels for one */
#endif
	/* Of more, StarPU starts as many as it can without a word. */
	if (conf->ncpus > STARPU_MAXCPUS)
		return plait__error(
			PLAIT_EINVAL,
			"plait_start: %d CPU workers%s, this StarPU was built for at most %d",
			conf->ncpus, options->cpu_workers == 0 ? " (STARPU_NCPU)" : "",
			STARPU_MAXCPUS);
#ifdef STARPU_USE_CUDA
	if (conf->ncuda > STARPU_MAXCUDADEVS)
		return plait__error(
			PLAIT_EINVAL,
			"plait_start: %d CUDA workers%s, this StarPU was built for at most %d",
			conf->ncuda, options->cuda_workers == 0 ? " (STARPU_NCUDA)" : "",
			STARPU_MAXCUDADEVS);
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

/* Threads get a stack as large as the limit says (ulimit -s).  Thread variables of the libraries
 * are in it too, those of CUDA take 200 KiB, and kernels have blocks of 8 KiB. */
#define LEAST_STACK (1 << 20)

/* starpu_init with threads whose stacks are large enough. */
static int init_starpu(struct starpu_conf *conf)
{
	pthread_attr_t before, attr;
	size_t size = LEAST_STACK;
	bool changed = false;
	int rc;

	if (pthread_getattr_default_np(&before) != 0)
		return starpu_init(conf);
	if (pthread_attr_getstacksize(&before, &size) == 0 && size < LEAST_STACK &&
	    pthread_getattr_default_np(&attr) == 0) {
		changed = pthread_attr_setstacksize(&attr, LEAST_STACK) == 0 &&
			  pthread_setattr_default_np(&attr) == 0;
		pthread_attr_destroy(&attr);
	}
	rc = starpu_init(conf);
	if (changed)
		pthread_setattr_default_np(&before);
	pthread_attr_destroy(&before);
	return rc;
}

static int start_starpu(const struct plait_start_options *options,
			struct starpu_sched_policy *policy)
{
	struct starpu_conf conf;
	int status = configure(&conf, options, policy);
	int rc;

	if (status < 0)
		return status;
	starpu_malloc_set_align(PLAIT__ALIGN);
	rc = init_starpu(&conf);
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

/* StarPU may start with fewer workers than were asked for. */
static int check_workers(const struct plait_start_options *options)
{
	runtime.cpu_workers = (int)starpu_cpu_worker_get_count();
	runtime.cuda_workers = (int)starpu_cuda_worker_get_count();
	if (runtime.cuda_workers < options->cuda_workers)
		return plait__error(PLAIT_ERUNTIME,
				    "plait_start: %d CUDA workers wanted, StarPU drives %d",
				    options->cuda_workers, runtime.cuda_workers);
	/* StarPU gives a core to each GPU, and batches are made by CPU workers. */
	if (runtime.cpu_workers == 0)
		return plait__error(PLAIT_ERUNTIME,
				    "plait_start: no CPU worker to make batches: ask for some "
				    "(STARPU_NCPU) or for fewer GPUs (STARPU_NCUDA)");
	return plait__gpu_settings_set(options, runtime.cuda_workers);
}

/* Of a policy that it does not find, StarPU only warns, and runs another. */
static int check_policy(const struct starpu_sched_policy *policy)
{
	const struct starpu_sched_policy *runs = starpu_sched_get_sched_policy();

	if (!runs || !runs->policy_name || strcmp(runs->policy_name, policy->policy_name) != 0)
		return plait__error(PLAIT_ERUNTIME,
				    "plait_start: policy %s was asked for, StarPU runs %s",
				    policy->policy_name,
				    runs && runs->policy_name ? runs->policy_name : "none");
	/* Found with StarPU 1.4.10: its workers wait for ever. */
	if (runtime.cuda_workers > 0 && strcmp(policy->policy_name, "modular-gemm") == 0)
		return plait__error(PLAIT_ERUNTIME, "plait_start: policy modular-gemm never runs a "
						    "task that only a GPU can run: choose another");
	runtime.policy = policy->policy_name;
	return 0;
}

static const char *recording_folder(void)
{
	const char *folder = getenv("PLAIT_RECORD");

	return folder && *folder ? folder : NULL;
}

/* The first call of a library takes longer.  It happens here, so that no performance model counts
 * it. */
static void warm_up(void)
{
	starpu_execute_on_each_worker(limit_openmp, NULL, STARPU_CPU | STARPU_CUDA);
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	if (runtime.cuda_workers > 0)
		starpu_cublas_init();
#endif
}

int plait_start(const struct plait_start_options *options)
{
	static const struct plait_start_options defaults;
	struct starpu_sched_policy *policy;
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
	status = plait__policy_choose(options->policy, options->policy_library, &policy);
	if (status == 0)
		status = plait__env_enter(options->cuda_workers);
	if (status < 0)
		return status;
	status = start_starpu(options, policy);
	plait__env_leave();
	if (status < 0)
		return status;
	status = check_workers(options);
	if (status == 0)
		status = check_policy(policy);
	if (status < 0) {
		starpu_shutdown();
		memset(&runtime, 0, sizeof runtime);
		return status;
	}
	warm_up();
	if (recording_folder())
		plait__recorder_start();
	starpu_pause();
	runtime.started = true;
	return 0;
}

/* -- down ---------------------------------------------------------------------------- */

void plait_stop(void)
{
	if (!runtime.started)
		return;
	/* This returns no status, so a recording that could not be written is reported here. */
	if (recording_folder() && plait__recorder_stop(recording_folder()) < 0)
		fprintf(stderr, "plait: %s\n", plait_error_message());
	if (plait__runtime_idle())
		starpu_resume();
	plait__runtime_forget_pauses();
	if (runtime.free_kept)
		runtime.free_kept();
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	if (runtime.cuda_workers > 0)
		starpu_cublas_shutdown();
#endif
	starpu_shutdown();
	plait__runtime_free_codelets();
	plait__runtime_free_workers();
	memset(&runtime, 0, sizeof runtime);
}

void plait__runtime_at_stop(void (*free_kept)(void))
{
	runtime.free_kept = free_kept;
}

/* -- while it is up -------------------------------------------------------------------- */

int plait__runtime_require(const char *caller)
{
	return runtime.started ? 0
			       : plait__error(PLAIT_ESTATE, "%s: plait_start comes first", caller);
}

int plait_submit(struct starpu_task *task)
{
	int status = plait__runtime_require("plait_submit");

	if (status == 0 && !task)
		status = plait__error(PLAIT_EINVAL, "plait_submit: the task is NULL");
	return status < 0 ? status : plait__recorder_submit(task);
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
	return runtime.policy ? runtime.policy : "";
}
