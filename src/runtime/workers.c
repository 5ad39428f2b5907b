/* SPDX-License-Identifier: MIT
 * What each worker has of its own: how long it was busy, and scratch memory. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

/* Written by the worker alone, and read by anybody at any time. */
static struct {
	int64_t nanoseconds[PLAIT_WORKS], tasks;
	char apart[64]; /* so that entries, which different workers write, share no cache line */
} used[STARPU_NMAXWORKERS];

/* Of GPUs: StarPU forgets what it has told. */
static struct plait_worker_use told[STARPU_NMAXWORKERS];

/* Scratch memory that has grown, which a task of another run may still use. */
struct outgrown {
	struct outgrown *next;
	void *memory;
};

static starpu_pthread_mutex_t mutex =
	STARPU_PTHREAD_MUTEX_INITIALIZER; /* of whoever changes what follows */
static void *scratch[STARPU_NMAXWORKERS]; /* by worker, atomic; NULL for those that are no CPU */
static size_t scratch_bytes;
static struct outgrown *outgrown;

/* -- use ------------------------------------------------------------------------------- */

static int64_t read_count(const int64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

static void add_count(int64_t *count, int64_t n)
{
	__atomic_store_n(count, read_count(count) + n, __ATOMIC_RELAXED);
}

void plait__runtime_worked(enum plait_work work, double microseconds)
{
	int worker = starpu_worker_get_id();

	PLAIT__ASSERT(worker >= 0, "a task is counted by the worker that ran it");
	add_count(&used[worker].nanoseconds[work], (int64_t)(microseconds * 1000));
	add_count(&used[worker].tasks, 1);
}

void plait_worker_use_reset(void)
{
	memset(used, 0, sizeof used);
	memset(told, 0, sizeof told);
	if (starpu_cuda_worker_get_count() == 0)
		return;
	starpu_profiling_status_set(STARPU_PROFILING_ENABLE);
	for (unsigned i = 0; i < starpu_worker_get_count(); i++)
		starpu_profiling_worker_get_info((int)i, NULL);
}

void plait_worker_use_get(int worker, struct plait_worker_use *use)
{
	struct starpu_profiling_worker_info info;

	if (!use)
		return;
	*use = (struct plait_worker_use){ 0 };
	if (!starpu_is_initialized() || worker < 0 || worker >= (int)starpu_worker_get_count())
		return;
	if (starpu_worker_get_type(worker) == STARPU_CUDA_WORKER &&
	    starpu_profiling_worker_get_info(worker, &info) == 0) {
		told[worker].busy_seconds +=
			starpu_timing_timespec_to_us(&info.executing_time) * 1e-6;
		told[worker].tasks += info.executed_tasks;
		*use = told[worker];
		return;
	}
	for (int i = 0; i < PLAIT_WORKS; i++) {
		use->work_seconds[i] = 1e-9 * (double)read_count(&used[worker].nanoseconds[i]);
		use->busy_seconds += use->work_seconds[i];
	}
	use->tasks = read_count(&used[worker].tasks);
}

/* -- scratch --------------------------------------------------------------------------- */

static void free_outgrown(void)
{
	while (outgrown) {
		struct outgrown *next = outgrown->next;

		free(outgrown->memory);
		free(outgrown);
		outgrown = next;
	}
}

static int grow(int worker, size_t bytes)
{
	/* Not written here: the worker writes it first and so gets pages of its own NUMA node. */
	void *memory = aligned_alloc(PLAIT__ALIGN, bytes);
	struct outgrown *old = plait__calloc(1, sizeof *old, "scratch memory");

	if (!memory || !old) {
		free(memory);
		free(old);
		return plait__error(PLAIT_ENOMEM,
				    "scratch memory: no memory for %zu bytes for each worker",
				    bytes);
	}
	*old = (struct outgrown){ outgrown, scratch[worker] };
	outgrown = old;
	__atomic_store_n(&scratch[worker], memory, __ATOMIC_RELEASE);
	return 0;
}

int plait__runtime_reserve_scratch(size_t bytes)
{
	int ids[STARPU_NMAXWORKERS], status = 0;
	unsigned count = starpu_worker_get_ids_by_type(STARPU_CPU_WORKER, ids, STARPU_NMAXWORKERS);

	bytes = plait__align(bytes);
	STARPU_PTHREAD_MUTEX_LOCK(&mutex);
	for (unsigned i = 0; i < count && bytes > scratch_bytes && status == 0; i++)
		status = grow(ids[i], bytes);
	if (status == 0 && bytes > scratch_bytes)
		scratch_bytes = bytes;
	if (plait__runtime_idle())
		free_outgrown();
	STARPU_PTHREAD_MUTEX_UNLOCK(&mutex);
	return status;
}

void *plait__runtime_scratch(void)
{
	int worker = starpu_worker_get_id();

	PLAIT__ASSERT(worker >= 0, "only a worker has scratch memory");
	return __atomic_load_n(&scratch[worker], __ATOMIC_ACQUIRE);
}

void plait__runtime_free_workers(void)
{
	for (int i = 0; i < STARPU_NMAXWORKERS; i++) {
		free(scratch[i]);
		scratch[i] = NULL;
	}
	free_outgrown();
	scratch_bytes = 0;
	memset(used, 0, sizeof used);
}
