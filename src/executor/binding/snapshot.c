/* SPDX-License-Identifier: MIT
 * A snapshot: parameters as they were when an epoch was over, to be evaluated while training goes
 * on.  Tasks copy them, and StarPU's order of accesses does the rest: they wait for the updates
 * before them, training's next updates wait for them, and they wait for all who read the snapshot
 * before.
 *
 * StarPU's starpu_data_cpy would do it, but allocates an argument for every task and is in no
 * recording, and starpu_data_dup_ro makes another handle every time. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/base/phase_colours.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"

#include <string.h>

static size_t bytes_of(void *vector)
{
	return STARPU_VECTOR_GET_NX(vector) * STARPU_VECTOR_GET_ELEMSIZE(vector);
}

static void copy_cpu(void *buffers[], void *arg)
{
	double begin = starpu_timing_now();

	(void)arg;
	memcpy((void *)STARPU_VECTOR_GET_PTR(buffers[0]),
	       (const void *)STARPU_VECTOR_GET_PTR(buffers[1]), bytes_of(buffers[0]));
	plait__runtime_worked(PLAIT_WORK_OTHER, starpu_timing_now() - begin);
}

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

static void copy_cuda(void *buffers[], void *arg)
{
	cudaError_t error = cudaMemcpyAsync((void *)STARPU_VECTOR_GET_PTR(buffers[0]),
					    (const void *)STARPU_VECTOR_GET_PTR(buffers[1]),
					    bytes_of(buffers[0]), cudaMemcpyDeviceToDevice,
					    starpu_cuda_get_local_stream());

	(void)arg;
	if (error != cudaSuccess)
		STARPU_CUDA_REPORT_ERROR(error);
}

#endif

int plait__binding_make_copy(struct plait__binding *binding)
{
	static const enum starpu_data_access_mode mode[] = { STARPU_W, STARPU_R };

	binding->copy = plait__runtime_codelet(
		&(struct plait__codelet_shape) {
			.symbol = "snapshot",
			.where = (binding->uses_gpu ? STARPU_CUDA : 0u) |
				 (binding->uses_cpu ? STARPU_CPU : 0u),
			.cpu = copy_cpu,
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
			.cuda = copy_cuda,
#endif
			.color = PLAIT__COLOUR_OTHER, .handles = 2, .mode = mode,
		},
		"snapshot");
	return binding->copy ? 0 : PLAIT_ENOMEM;
}

/* Where the first segment that reads a copy is computed; NULL: none does. */
static struct plait__worker_set *where_read(const struct plait__binding *binding, int arena)
{
	const struct plait__plan *plan = binding->plan;

	for (int i = 0; i < plan->segments; i++)
		for (int u = 0; u < plan->segment[i].uses; u++)
			if (plan->use[plan->segment[i].first_use + u].arena == arena)
				return &binding->where[i];
	return NULL;
}

/* A copy is made where it is read: both handles have places there.  What nobody reads is not
 * copied. */
static int submit_copy(const struct plait__binding *binding, int arena)
{
	struct plait__worker_set *where = where_read(binding, arena);
	int twin = plait__binding_twin(binding, &binding->plan->arena[arena]);
	struct starpu_task *task;

	PLAIT__ASSERT(twin >= 0, "both bindings cut the store at the same places");
	if (!where)
		return 0;
	PLAIT__ASSERT(!(where->gpus & ~binding->shared->has_place[twin]),
		      "what is copied on a GPU has a place there");
	task = starpu_task_create();
	task->cl = binding->copy;
	task->where = where->on_gpu ? STARPU_CUDA : STARPU_CPU;
	task->handles[0] = binding->handle[arena];
	task->handles[1] = binding->shared->handle[twin];
	task->name = binding->copy->name;
	task->priority = STARPU_MAX_PRIO; /* the next update waits for it */
	plait__worker_set_task(where, task);
	return plait__recorder_submit(task);
}

int plait__binding_take_snapshot(const struct plait__binding *binding)
{
	int status = 0;

	PLAIT__ASSERT(binding->snapshot, "who has a snapshot takes it");
	for (int i = 0; i < binding->plan->arenas && status == 0; i++)
		if (binding->plan->arena[i].kind == PLAIT__PARAMETERS && binding->handle[i])
			status = submit_copy(binding, i);
	return status;
}
