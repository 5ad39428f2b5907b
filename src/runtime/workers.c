/* SPDX-License-Identifier: MIT
 * What each worker has of its own: how long it was busy, and scratch memory. */
#include "config.h"
#include "src/runtime/parts.h"
#include "src/runtime/runtime.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct plait__worker_use use;
	char apart[64]; /* so that entries, which different workers write, share no cache line */
} used[STARPU_NMAXWORKERS];

static void *scratch[STARPU_NMAXWORKERS]; /* by worker; NULL for those that are no CPU */
static size_t scratch_bytes;

/* -- use ------------------------------------------------------------------------------- */

void plait__runtime_worked(double microseconds)
{
	int worker = starpu_worker_get_id();
	struct plait__worker_use *use = &used[worker].use;

	PLAIT__ASSERT(worker >= 0, "a task is counted by the worker that ran it");
	use->busy_seconds += microseconds * 1e-6;
	use->tasks++;
}

void plait__runtime_use_reset(void)
{
	memset(used, 0, sizeof used);
	if (starpu_cuda_worker_get_count() == 0)
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
		return used[worker].use;
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
	if (starpu_is_initialized() && worker >= 0 && worker < (int)starpu_worker_get_count())
		inside = plait__runtime_use(worker);
	*use = (struct plait_worker_use){ inside.busy_seconds, inside.tasks };
}

/* -- scratch --------------------------------------------------------------------------- */

static void free_scratch(void)
{
	for (int i = 0; i < STARPU_NMAXWORKERS; i++) {
		free(scratch[i]);
		scratch[i] = NULL;
	}
	scratch_bytes = 0;
}

int plait__runtime_reserve_scratch(size_t bytes)
{
	int ids[STARPU_NMAXWORKERS];
	unsigned count;

	bytes = plait__align(bytes);
	if (bytes <= scratch_bytes)
		return 0;
	free_scratch();
	count = starpu_worker_get_ids_by_type(STARPU_CPU_WORKER, ids, STARPU_NMAXWORKERS);
	for (unsigned i = 0; i < count; i++) {
		/* Not written here: the worker writes it first and so gets pages of its own NUMA
		 * node. */
		scratch[ids[i]] = aligned_alloc(PLAIT__ALIGN, bytes);
		if (!scratch[ids[i]]) {
			free_scratch();
			return plait__error(PLAIT_ENOMEM,
					    "scratch memory: no memory for %u times %zu bytes",
					    count, bytes);
		}
	}
	scratch_bytes = bytes;
	return 0;
}

void *plait__runtime_scratch(void)
{
	int worker = starpu_worker_get_id();

	PLAIT__ASSERT(worker >= 0, "only a worker has scratch memory");
	return scratch[worker];
}

void plait__runtime_free_workers(void)
{
	free_scratch();
	memset(used, 0, sizeof used);
}
