/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/binding.h"
#include "src/executor/memory.h"
#include "src/base/text.h"
#include "src/runtime/memory_limit.h"
#include "src/runtime/runtime.h"

#include <math.h>
#include <stdio.h>

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

/* Of the arenas of a kind that are not those of the binding it shares. */
static size_t arenas_bytes(const struct plait__binding *binding, enum plait__arena_kind kind)
{
	const struct plait__plan *plan = binding->plan;
	size_t bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == kind && !plait__binding_shared(binding, &plan->arena[i]))
			bytes += plan->arena[i].bytes;
	return bytes;
}

/* What grows with the batch, and what does not. */
static size_t of_batch(const struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	size_t slot = plait__align(binding->feed.layout.bytes);

	return slot * (size_t)binding->load_memory.slots + arenas_bytes(binding, PLAIT__VALUES) +
	       plait__plan_bytes(plan, PLAIT__RESULT) * (size_t)binding->window;
}

static size_t of_network(const struct plait__binding *binding)
{
	size_t halt = binding->plan->options.mode == PLAIT__TRAIN ? PLAIT__ALIGN : 0;

	return arenas_bytes(binding, PLAIT__PARAMETERS) + arenas_bytes(binding, PLAIT__STATE) +
	       arenas_bytes(binding, PLAIT__GRADIENTS) + halt;
}

static int refuse_gpu(const struct plait__binding *binding, size_t room)
{
	double batch = (double)of_batch(binding), network = (double)of_network(binding);
	double scratch = (double)plait__gpu_needs(0, binding->plan->scratch_bytes);
	double size = (double)binding->plan->options.batch_size;
	double left = (double)room - network, most = floor(left / (batch + scratch) * size);
	char need[32], has[32], of_net[32];
	char advice[64] = "no batch fits";

	if (most >= 1)
		snprintf(advice, sizeof advice, "batches of up to about %.0f samples fit", most);
	return plait__error(PLAIT_ENOMEM,
			    "the GPU has %s of memory left and this run needs %s there, %s of them "
			    "for parameters, gradients and optimizer state: %s; fewer batches are "
			    "kept there with a lower prefetch",
			    plait__bytes_text((double)room, has),
			    plait__bytes_text(batch + network + scratch, need),
			    plait__bytes_text(network, of_net), advice);
}

int plait__binding_take_memory(struct plait__binding *binding)
{
	size_t room;
	int status = check_host(binding->plan, binding->load_memory.slots, binding->window,
				binding->on_gpu);

	if (status < 0 || !binding->on_gpu)
		return status;
	status = plait__gpu_open(&binding->gpu, of_batch(binding) + of_network(binding),
				 binding->plan->scratch_bytes, &room);
	if (status == PLAIT_ENOMEM && plait__gpu_needs(of_batch(binding) + of_network(binding),
						       binding->plan->scratch_bytes) > room)
		return refuse_gpu(binding, room);
	return status;
}
