/* SPDX-License-Identifier: MIT
 * What loader and executor need of a started StarPU. */
#ifndef PLAIT__RUNTIME_H
#define PLAIT__RUNTIME_H

#include "src/base/base.h"
#include <plait/runtime.h>

#include <starpu.h>

/* PLAIT_ESTATE with a message naming caller, unless plait_start succeeded. */
int plait__runtime_require(const char *caller);

/* Workers run between these two; calls nest.  They are paused otherwise, because idle
 * workers spin. */
void plait__runtime_resume(void);
void plait__runtime_pause(void);

/* All that shapes a codelet. CUDA kernels are submitted asynchronously. */
struct plait__codelet_shape {
	const char *symbol; /* of its performance model: [A-Za-z0-9_.-], at most 64 characters */
	unsigned where;     /* STARPU_CPU, STARPU_CUDA or STARPU_NOWHERE */
	void (*cpu)(void *buffers[], void *arg);  /* or NULL */
	void (*cuda)(void *buffers[], void *arg); /* or NULL */
	unsigned color;
	bool main_memory; /* its handles are taken in main memory, wherever copies are */
	int handles;
	const enum starpu_data_access_mode *mode; /* [handles]; copied */
};

/* The codelet of this shape, made on first use and kept until plait_stop, because StarPU reads it
 * then. Codelets of one symbol share one performance model: two models would overwrite each other's
 * file. name is what traces show of the first one made; it is copied. NULL with the message kept
 * when memory is out or the symbol is invalid. */
struct starpu_codelet *plait__runtime_codelet(const struct plait__codelet_shape *shape,
					      const char *name);

/* Calls visit for every performance model of codelets that workers run, in the order in which they
 * were made. */
void plait__runtime_codelets(void (*visit)(void *user, const char *symbol, const char *name),
			     void *user);

/* Gives each CPU worker at least so many bytes of scratch memory, 256-byte aligned.  Tasks that run
 * meanwhile keep what they have.  Returns 0 or PLAIT_ENOMEM. */
int plait__runtime_reserve_scratch(size_t bytes);

/* The calling worker's scratch; only inside a CPU task. */
void *plait__runtime_scratch(void);

/* Has plait_stop call this once, when nothing runs any more and StarPU's streams are still there:
 * to free what is kept for them.  The function that was given last counts. */
void plait__runtime_at_stop(void (*free_kept)(void));

/* What a worker did since plait__runtime_use_reset. */
struct plait__worker_use {
	double busy_seconds; /* in tasks of Plait's */
	int64_t tasks;
};

/* Counts a task of the calling worker that took so long; only inside a CPU task. */
void plait__runtime_worked(double microseconds);

/* Starts to count anew.  For a GPU worker StarPU's profiling counts; the reset switches it on if
 * there is a GPU.  No task may run during a reset. */
void plait__runtime_use_reset(void);
struct plait__worker_use plait__runtime_use(int worker);

/* The most bytes that Plait may take of a GPU with so many in all; SIZE_MAX: no limit. */
size_t plait__gpu_limit(size_t total);

/* Whether tasks of GPUs are captured as CUDA graphs, as plait_start was told it. */
bool plait__gpu_graphs(void);

/* Fills cpu_limit and memory_limit_bytes from the control group of this process.  The paths of
 * /proc and /sys begin with root, which is "" except in tests. */
void plait__topology_limits(const char *root, struct plait_topology *topology);

#endif
