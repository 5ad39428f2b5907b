/* SPDX-License-Identifier: MIT
 * What a binding takes of main memory and of each GPU, by kind. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/executor/binding/memory.h"
#include "src/executor/binding/predict.h"
#include "src/runtime/runtime.h"

#include <string.h>

/* In the place of a GPU's number. */
#define MAIN (-1)

/* -- what a binding takes -------------------------------------------------------------- */

static bool has_place(const struct plait__binding *binding, int arena, int device)
{
	return device == MAIN || plait__gpus_have(binding->has_place[arena], device);
}

/* Of the arenas of a kind that are not those of the binding it shares. */
static double arenas_bytes(const struct plait__binding *binding, enum plait__arena_kind kind,
			   int device)
{
	const struct plait__plan *plan = binding->plan;
	double bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == kind && has_place(binding, i, device) &&
		    plait__binding_shared(binding, &plan->arena[i]) < 0)
			bytes += (double)plan->arena[i].bytes;
	return bytes;
}

static double halt_bytes(const struct plait__binding *binding, int device)
{
	bool has_halt = plait__binding_has_halt(binding);

	return has_halt && (device == MAIN ||
			    plait__gpus_have(plait__binding_gpus(binding), device))
		       ? PLAIT__ALIGN
		       : 0;
}

/* Main memory has a place for every handle, but for those of values, gradients and a snapshot where
 * only GPUs compute. */
static struct plait__memory_use handles_use(const struct plait__binding *binding, bool computes,
					    int device)
{
	int slots = binding->lender ? 0 : binding->load_memory.slots;
	double slot = (double)plait__align(plait__feed_slot_bytes(&binding->feed));
	double parameters = arenas_bytes(binding, PLAIT__PARAMETERS, device);

	if (device != MAIN && !plait__gpus_have(plait__binding_slot_gpus(binding), device))
		slots = 0;
	return (struct plait__memory_use){
		.batches = slot * slots,
		.parameters = binding->snapshot ? 0 : parameters,
		.snapshot = binding->snapshot && computes ? parameters : 0,
		.state = arenas_bytes(binding, PLAIT__STATE, device),
		.gradients = computes ? arenas_bytes(binding, PLAIT__GRADIENTS, device) : 0,
		.activations = computes ? arenas_bytes(binding, PLAIT__VALUES, device) : 0,
		.results = arenas_bytes(binding, PLAIT__RESULT, device) * binding->window *
				   binding->steps +
			   halt_bytes(binding, device),
	};
}

struct plait__memory_use plait__binding_main_use(const struct plait__binding *binding)
{
	struct plait__memory_use use = handles_use(binding, binding->uses_cpu, MAIN);

	if (binding->uses_cpu)
		use.workspace =
			(double)plait__align(binding->plan->scratch_bytes) * plait_cpu_workers();
	return use;
}

/* But for the bytes of handles. */
static struct plait__gpu_need workers_need(const struct plait__binding *binding, int device)
{
	struct plait__gpu_need need = { 0 };

	for (int i = 0; i < binding->plan->segments; i++) {
		const struct plait__segment *segment = &binding->plan->segment[i];

		if (!plait__gpus_have(binding->where[i].gpus, device))
			continue;
		need.computes = true;
		if (segment->scratch_bytes > need.scratch)
			need.scratch = segment->scratch_bytes;
		if (segment->call_scratch > need.call_scratch)
			need.call_scratch = segment->call_scratch;
	}
	return need;
}

static struct plait__memory_use gpu_use(const struct plait__binding *binding, int device)
{
	struct plait__memory_use use = handles_use(binding, true, device);
	struct plait__gpu_need need = workers_need(binding, device);

	use.workspace = (double)plait__gpu_bytes(device, &need);
	return use;
}

struct plait__gpu_need plait__binding_gpu_need(const struct plait__binding *binding, int device)
{
	struct plait__memory_use use = handles_use(binding, true, device);
	struct plait__gpu_need need = workers_need(binding, device);

	need.handles = (size_t)plait__memory_sum(&use);
	return need;
}

static void add_use(struct plait__memory_use *sum, const struct plait__memory_use *use)
{
	sum->batches += use->batches;
	sum->parameters += use->parameters;
	sum->state += use->state;
	sum->snapshot += use->snapshot;
	sum->gradients += use->gradients;
	sum->activations += use->activations;
	sum->results += use->results;
	sum->workspace += use->workspace;
}

struct plait__memory_use plait__bindings_gpu_use(struct plait__binding *const *binding,
						 int bindings, int device)
{
	struct plait__memory_use sum = { 0 };

	for (int i = 0; i < bindings; i++) {
		struct plait__memory_use use = gpu_use(binding[i], device);

		add_use(&sum, &use);
	}
	return sum;
}

/* -- the table --------------------------------------------------------------------------- */

/* GPUs of which something is taken; one stands for all that workers drive if of each the same is.
 */
static void add_gpus(struct plait__peak *peak, struct plait__binding *const *binding, int bindings)
{
	plait__gpus some = 0;
	bool same = true;

	for (int d = 0; d < PLAIT__GPUS; d++) {
		struct plait__memory_use *sum = &peak->gpu[peak->gpus];

		*sum = plait__bindings_gpu_use(binding, bindings, d);
		if (!(plait__memory_sum(sum) > 0))
			continue;
		same &= memcmp(sum, &peak->gpu[0], sizeof *sum) == 0;
		some |= (plait__gpus)1 << d;
		peak->device[peak->gpus++] = d;
	}
	if (some && same && some == plait__gpus_driven()) {
		peak->gpus = 1;
		peak->device[0] = -1;
	}
}

int plait__bindings_print(struct plait__binding *const *binding, int bindings, FILE *file)
{
	struct plait__memory_use on_gpu[PLAIT__GPUS];
	int device[PLAIT__GPUS], gpu[STARPU_NMAXWORKERS];
	struct plait__peak peak = { .gpu = on_gpu, .device = device };
	struct plait__machine machine = plait__workers_machine(gpu);

	for (int i = 0; i < bindings; i++) {
		struct plait__memory_use main = plait__binding_main_use(binding[i]);
		double before = peak.main.workspace;

		add_use(&peak.main, &main);
		/* All bindings use the same scratch memory of a CPU worker. */
		peak.main.workspace = main.workspace > before ? main.workspace : before;
		peak.slots += binding[i]->load_memory.slots;
	}
	add_gpus(&peak, binding, bindings);
	plait__plan_print(binding[0]->plan, &peak, file);
	if (binding[0]->plan->stages == 1 &&
	    plait__split_microbatches(&binding[0]->plan->options.split) == 1)
		return 0;
	return plait__plan_print_pipeline(binding[0]->plan, &binding[0]->feed.layout, &machine,
					  file);
}
