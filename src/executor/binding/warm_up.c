/* SPDX-License-Identifier: MIT
 * What is done once, in the first call of a kernel, is done before a run: it would be in the first
 * steps' times and in the performance models. */
#include "config.h"
#include "src/executor/step.h"
#include "src/runtime/runtime.h"

#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA

/* Runs a segment outside of StarPU's order. What it reads and writes is the binding's place in the
 * memory of the worker's GPU. */
static void run_segment(struct plait__burst *burst, int i)
{
	struct plait__binding *binding = burst->binding;
	const void *in[binding->plan->most_inputs + 1];
	/* Of this worker alone: those of all devices do this at once. */
	struct plait__work work = {
		.binding = binding, .segment = &binding->plan->segment[i], .burst = burst, .in = in
	};
	int handles = binding->codelet[2 * i]->nbuffers;
	starpu_data_handle_t handle[handles];
	void *buffers[handles];

	plait__binding_task_handles(binding, burst, work.segment, handle);
	for (int h = 0; h < handles; h++)
		buffers[h] = starpu_data_get_interface_on_node(
			handle[h], starpu_worker_get_local_memory_node());
	plait__segment_cuda(buffers, &work);
}

static void run_step(void *arg)
{
	struct plait__burst *burst = arg;
	plait__gpus mine = plait__gpus_of(starpu_worker_get_id());
	cudaError_t error;

	for (int i = 0; i < burst->binding->plan->segments; i++)
		if (burst->binding->where[i].gpus & mine)
			run_segment(burst, i);
	error = cudaStreamSynchronize(starpu_cuda_get_local_stream());
	if (error != cudaSuccess)
		STARPU_CUDA_REPORT_ERROR(error);
}

/* A step whose results nobody sees: StarPU considers no copy on a GPU valid yet. It loads the
 * kernels and makes cuBLAS's workspace. The last batch of an epoch may be short, and cuBLAS may
 * choose another kernel for it. */
static void warm_up_gpu(struct plait__binding *binding)
{
	int64_t rows[2] = { binding->plan->options.batch_size,
			    plait__feed_rows(&binding->feed, binding->feed.batches - 1) };
	int64_t halted = -1;
	struct plait__burst burst = {
		.binding = binding, .halted = &halted, .own_load.ring = binding->ring, .steps = 1
	};
	struct plait__step step = { .burst = &burst, .binding = binding };

	burst.load = &burst.own_load;
	burst.step = &step;
	for (int i = 0; i < PLAIT__MAX_SCALARS; i++)
		step.scalars.value[i] = 1; /* which no update takes for wrong */
	PLAIT__ASSERT(!binding->shared || binding->plan->options.mode != PLAIT__TRAIN,
		      "parameters that others use are not changed");
	plait__runtime_resume();
	for (int i = 0; i < (rows[1] == rows[0] ? 1 : 2); i++) {
		step.rows = rows[i];
		starpu_execute_on_each_worker_ex(run_step, &burst, STARPU_CUDA, "warm-up");
	}
	plait__runtime_pause();
}

#else

static void warm_up_gpu(struct plait__binding *binding)
{
	(void)binding;
}

#endif

void plait__binding_warm_up(struct plait__binding *binding)
{
	if (binding->uses_gpu)
		warm_up_gpu(binding);
	if (binding->uses_cpu)
		plait__plan_warm_up(binding->plan);
}
