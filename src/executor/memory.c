/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/memory.h"
#include "src/runtime/memory_limit.h"
#include "src/runtime/runtime.h"

#include <starpu.h>

/* -- main memory ---------------------------------------------------------------------- */

/* A process with StarPU in it takes more, so that one more such run finds room where it runs.  The
 * kernel is not asked then, which takes longer than a small prediction. */
#define ALWAYS_LEFT 1e6

static int check_host(const struct plait__plan *plan, int slots, int window, bool on_gpu)
{
	/* As doubles: thousands of the largest slots do not fit in 64 bits. */
	double slot = (double)plait__plan_bytes(plan, PLAIT__SLOT) * slots;
	double needed = slot + (double)plait__plan_bytes(plan, PLAIT__RESULT) * window;
	double available;

	if (!on_gpu)
		needed += (double)plait__plan_bytes(plan, PLAIT__VALUES) +
			  (double)plait__plan_bytes(plan, PLAIT__GRADIENTS) +
			  (double)plan->scratch_bytes * plait_cpu_workers();
	if (needed <= ALWAYS_LEFT)
		return 0;
	available = (double)plait__memory_available("");
	if (needed <= available)
		return 0;
	return plait__error(PLAIT_ENOMEM,
			    "a run needs %.1f MB besides data and parameters (%.1f MB of them for "
			    "%d batches of %lld samples), this machine has %.1f MB left: lower the "
			    "batch size or prefetch",
			    needed * 1e-6, slot * 1e-6, slots, (long long)plan->options.batch_size,
			    available * 1e-6);
}

/* -- the GPU -------------------------------------------------------------------------- */

static int check_gpu(const struct plait__plan *plan, int slots)
{
	int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, 0);
	size_t needed = plan->scratch_bytes;
	starpu_ssize_t available;

	if (worker < 0)
		return 0;
	for (int kind = PLAIT__PARAMETERS; kind <= PLAIT__GRADIENTS; kind++)
		needed += plait__plan_bytes(plan, (enum plait__arena_kind)kind);
	needed += plait__plan_bytes(plan, PLAIT__SLOT) * (size_t)slots;
	available = starpu_memory_get_available(starpu_worker_get_memory_node((unsigned)worker));
	if (available < 0 || needed <= (size_t)available)
		return 0;
	return plait__error(
		PLAIT_ENOMEM,
		"the GPU has %.1f MB free, a step needs %.1f MB: lower the batch size or prefetch",
		(double)available * 1e-6, (double)needed * 1e-6);
}

int plait__binding_check_memory(const struct plait__plan *plan, int slots, int window, bool on_gpu)
{
	int status = check_host(plan, slots, window, on_gpu);

	return status == 0 && on_gpu ? check_gpu(plan, slots) : status;
}
