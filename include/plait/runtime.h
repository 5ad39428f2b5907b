/* SPDX-License-Identifier: MIT
 * StarPU up and down, and what the machine has. */
#ifndef PLAIT_RUNTIME_H
#define PLAIT_RUNTIME_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_start_options {
	const char *policy; /* scheduler; NULL = STARPU_SCHED if set, else "eager" */
	int cpu_workers;    /* 0 = STARPU_NCPU if set, else one per core; -1 = none */
	int cuda_workers;   /* 0 = STARPU_NCUDA if set, else one GPU if there is one; -1 = none */
	const char *policy_library; /* shared object that has the policy, unless Plait or StarPU
				       has it; NULL = STARPU_SCHED_LIB if set */
	/* The most that all runs at one time may take of each GPU's memory, in bytes and in percent
	 * (0 to 100) of what it has; 0 = no limit.  If both are given the smaller one holds.  A run
	 * that needs more is refused before it begins (PLAIT_ENOMEM).  What CUDA and its libraries
	 * take for themselves is not counted. */
	int64_t gpu_memory_limit;
	double gpu_memory_percent;
	/* Launch each kernel by itself.  Otherwise a GPU's tasks at granularity step and phase are
	 * captured as CUDA graphs, and a task is launched at once: the results are the same. */
	bool no_cuda_graphs;
};

/** A policy of one's own is a struct starpu_sched_policy in a shared object, which defines StarPU's
 *  functions for such a library:
 *    struct starpu_sched_policy *starpu_get_sched_lib_policy(const char *name): the policy of
 *      that name (its policy_name), or NULL;
 *    struct starpu_sched_policy **starpu_get_sched_lib_policies(void): all of them, up to a NULL;
 *      it may be missing, and then no list has them.
 *  A path without a slash is a file here, if there is one, or else looked for as libraries are.  A
 *  library stays loaded.  examples/09_policy.c is one. */

/** Starts StarPU with the settings Plait relies on (64-byte alignment, one OpenMP
 *  thread in each worker, no signal handlers, a folder for what StarPU measures: STARPU_HOME
 *  if set, else ${XDG_CACHE_HOME:-~/.cache}/plait/starpu) and leaves its
 *  workers paused.  options may be NULL; nothing of it is kept.  Of several GPUs only the first is
 *  opened, and stays the only one that this process sees, unless cuda_workers, STARPU_NCUDA,
 *  STARPU_WORKERS_CUDAID or CUDA_VISIBLE_DEVICES says otherwise.
 *  Errors: PLAIT_EINVAL (no such policy: the message lists the valid ones; a library
 *  that cannot be used; a setting of the environment that would hang; a limit on GPU memory that
 *  is none, or without a GPU that computes), PLAIT_ERUNTIME (StarPU refuses), PLAIT_EIO (a damaged
 * file of StarPU's cannot be set aside), PLAIT_ESTATE (already started).  One thread only. */
PLAIT_API int plait_start(const struct plait_start_options *options);

/** Stops StarPU.  Everything created since plait_start must be destroyed before.
 *  Without plait_start it does nothing. */
PLAIT_API void plait_stop(void);

/** What StarPU drives between plait_start and plait_stop; 0 before and after. */
PLAIT_API int plait_cpu_workers(void);
PLAIT_API int plait_cuda_workers(void);

/** What a task is there for. */
enum plait_work {
	PLAIT_WORK_LOAD,
	PLAIT_WORK_FORWARD, /* and the loss */
	PLAIT_WORK_BACKWARD,
	PLAIT_WORK_UPDATE,
	PLAIT_WORK_STEP,  /* several of these in one task, at coarse granularity */
	PLAIT_WORK_OTHER, /* as copies of parameters for validation beside training */
	PLAIT_WORKS,
};

/** What a worker did since plait_worker_use_reset.  A GPU's work is not told apart: work is 0. */
struct plait_worker_use {
	double busy_seconds; /* in tasks of Plait's */
	int64_t tasks;
	double work_seconds[PLAIT_WORKS]; /* of these, by enum plait_work */
};

/** Begins counting anew.  No task may run.  Where there are GPUs it switches StarPU's profiling
 *  on, which is what tells of them. */
PLAIT_API void plait_worker_use_reset(void);

/** Fills *use for a worker, by StarPU's number: with zeros for a worker that is none, and before
 *  plait_start and after plait_stop.  use that is NULL is ignored.  Tasks may run: then it has what
 *  is over.  One thread at a time may call it. */
PLAIT_API void plait_worker_use_get(int worker, struct plait_worker_use *use);

/** The scheduling policy in use; a static string, "" before plait_start and after plait_stop. */
PLAIT_API const char *plait_policy(void);

/** The names of the policies that can be chosen: Plait's own, then StarPU's that can train, then
 *  those that the library of STARPU_SCHED_LIB lists, if it can be loaded.
 *  Writes at most max of them to names, static strings, and returns how many there are; needs
 *  no plait_start.  names may be NULL: they are only counted. */
PLAIT_API int plait_policies(const char **names, int max);

/** The same with those that library lists; NULL = that of STARPU_SCHED_LIB if set.
 *  Errors: PLAIT_EINVAL (the library cannot be used). */
PLAIT_API int plait_library_policies(const char *library, const char **names, int max);

/** Looks for a policy as plait_start does, and sets *found to its name, a static string; needs no
 *  plait_start.  Errors: PLAIT_EINVAL (name or found is NULL, no such policy, the library cannot be
 *  used). */
PLAIT_API int plait_policy_find(const char *name, const char *library, const char **found);

struct starpu_task;

/** Submits a StarPU task of the program's own and returns: as starpu_task_submit, and recordings
 *  of Plait's (PLAIT_RECORD in the environment) have it too.
 *  Errors: PLAIT_EINVAL (task is NULL), PLAIT_ESTATE (no plait_start), PLAIT_ERUNTIME (no worker
 *  can run it: the task is then destroyed). */
PLAIT_API int plait_submit(struct starpu_task *task);

/** The machine as hwloc sees it; needs no plait_start. */
struct plait_topology {
	int packages, numa_nodes, cores, hardware_threads; /* in the whole machine */
	int usable_cores;                                  /* cores this process may be bound to */
	double cpu_limit;           /* cores' worth of time the cgroup allows; 0 = no limit */
	int64_t cache_bytes[4];     /* one cache of level 1 data, 2, 3, 4; 0 = none */
	int cache_count[4];         /* how many of them */
	int64_t memory_bytes;       /* main memory */
	int64_t memory_limit_bytes; /* the cgroup's limit; 0 = no limit */
	char cpu_model[96];         /* "" when unknown */
};

/** Fills *topology.  Errors: PLAIT_EINVAL (topology is NULL), PLAIT_ERUNTIME (hwloc cannot read the
 *  machine). */
PLAIT_API int plait_topology_get(struct plait_topology *topology);

#ifdef __cplusplus
}
#endif
#endif
