/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/binding/memory.h"
#include "src/executor/binding/predict.h"
#include "src/base/text.h"
#include "src/runtime/runtime.h"

#include <stdio.h>

/* Sums of whole numbers up to it are exact as doubles. */
#define MOST_EXACT 0x1p53

/* -- what a binding takes -------------------------------------------------------------- */

/* Of the arenas of a kind that are not those of the binding it shares. */
static double arenas_bytes(const struct plait__binding *binding, enum plait__arena_kind kind)
{
	const struct plait__plan *plan = binding->plan;
	double bytes = 0;

	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == kind &&
		    plait__binding_shared(binding, &plan->arena[i]) < 0)
			bytes += (double)plan->arena[i].bytes;
	return bytes;
}

/* Main memory and each GPU have a place for every handle, but for those of values, gradients and a
 * snapshot: they are where it is computed. */
static struct plait__memory_use handles_use(const struct plait__binding *binding, bool computes)
{
	const struct plait__plan *plan = binding->plan;
	bool has_halt = binding->uses_gpu && plan->options.mode == PLAIT__TRAIN;
	int slots = binding->lender ? 0 : binding->load_memory.slots;

	return (struct plait__memory_use){
		.batches = (double)plait__align(plait__feed_slot_bytes(&binding->feed)) * slots,
		.parameters = binding->snapshot ? 0 : arenas_bytes(binding, PLAIT__PARAMETERS),
		.snapshot = binding->snapshot && computes ? arenas_bytes(binding, PLAIT__PARAMETERS)
							  : 0,
		.state = arenas_bytes(binding, PLAIT__STATE),
		.gradients = computes ? arenas_bytes(binding, PLAIT__GRADIENTS) : 0,
		.activations = computes ? arenas_bytes(binding, PLAIT__VALUES) : 0,
		.results = (double)plait__plan_bytes(plan, PLAIT__RESULT) * binding->window *
				   binding->steps +
			   (has_halt ? PLAIT__ALIGN : 0),
	};
}

struct plait__memory_use plait__binding_main_use(const struct plait__binding *binding)
{
	struct plait__memory_use use = handles_use(binding, binding->uses_cpu);

	if (binding->uses_cpu)
		use.workspace =
			(double)plait__align(binding->plan->scratch_bytes) * plait_cpu_workers();
	return use;
}

static struct plait__memory_use gpu_use(const struct plait__binding *binding)
{
	struct plait__memory_use use = handles_use(binding, true);

	use.workspace = (double)plait__gpu_needs(0, binding->plan->scratch_bytes);
	return use;
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

int plait__bindings_print(struct plait__binding *const *binding, int bindings, FILE *file)
{
	struct plait__peak peak = { .on_gpu = binding[0]->uses_gpu };
	int gpu[STARPU_NMAXWORKERS];
	struct plait__machine machine = plait__workers_machine(gpu);

	for (int i = 0; i < bindings; i++) {
		struct plait__memory_use main = plait__binding_main_use(binding[i]),
					 on_gpu = gpu_use(binding[i]);
		double before = peak.main.workspace;

		add_use(&peak.main, &main);
		/* All bindings use the same scratch memory of a CPU worker. */
		peak.main.workspace = main.workspace > before ? main.workspace : before;
		if (peak.on_gpu)
			add_use(&peak.gpu, &on_gpu);
		peak.slots += binding[i]->load_memory.slots;
	}
	plait__plan_print(binding[0]->plan, &peak, file);
	if (binding[0]->plan->stages == 1 &&
	    plait__split_microbatches(&binding[0]->plan->options.split) == 1)
		return 0;
	return plait__plan_print_pipeline(binding[0]->plan, &binding[0]->feed.layout, &machine,
					  file);
}

/* -- the GPU -------------------------------------------------------------------------- */

/* What all bindings of a run are made of. */
struct run {
	struct plait__binding *const *binding;
	int bindings;
	const struct plait__store *store;
	const struct plait__binding_options *options;
};

/* What binding i would be with batches of so many samples, and *left bytes for slots; of first,
 * which is made before, it shares what it does in the run. */
static int make_probe(struct plait__binding *probe, const struct plait__binding *first,
		      const struct run *run, int i, int64_t batch, int64_t *left)
{
	const struct plait__feed *feed = &run->binding[i]->feed;
	int64_t most = feed->options.batch_size;

	*probe = (struct plait__binding){ .shared = run->options[i].shares && i > 0
							    ? first
							    : run->options[i].shares,
					  .snapshot = run->options[i].snapshot,
					  .uses_cpu = run->binding[i]->uses_cpu,
					  .uses_gpu = true,
					  .steps = run->binding[i]->steps,
					  .feed = *feed };
	probe->feed.options.batch_size = batch < most ? batch : most;
	if (plait__feed_lay_out(&probe->feed) < 0)
		return PLAIT_ENOMEM;
	probe->load_memory.slots = plait__load_memory_slots(&probe->feed, *left);
	probe->window = plait__binding_window(probe->load_memory.slots);
	*left -= (int64_t)plait__feed_slot_bytes(&probe->feed) * probe->load_memory.slots;
	return plait__binding_make_plan(probe, run->store, &run->options[i]);
}

/* Whether all bindings would find room with batches of so many samples. */
static bool fits(const struct run *run, int64_t batch, size_t room)
{
	struct plait__binding probe[PLAIT__MOST_BINDINGS] = { { 0 } };
	int64_t left = plait__budget_left(run->binding[0]->load_memory.budget);
	double needed = 0;
	int status = 0;

	for (int i = 0; i < run->bindings; i++)
		left += (int64_t)plait__feed_slot_bytes(&run->binding[i]->feed) *
			run->binding[i]->load_memory.slots;
	for (int i = 0; i < run->bindings && status == 0; i++) {
		status = make_probe(&probe[i], &probe[0], run, i, batch, &left);
		if (status == 0) {
			struct plait__memory_use use = gpu_use(&probe[i]);

			needed += plait__memory_sum(&use);
		}
	}
	for (int i = 0; i < run->bindings; i++)
		plait__plan_destroy(probe[i].plan);
	return status == 0 && needed <= (double)room;
}

/* Plans are made to know: what fits does not grow with the batch alone.  0: none fits. */
static int64_t largest_batch(const struct run *run, size_t room)
{
	int64_t good = 0, bad = 0;

	for (int i = 0; i < run->bindings; i++)
		if (run->binding[i]->feed.options.batch_size > bad)
			bad = run->binding[i]->feed.options.batch_size;
	while (bad - good > 1) {
		int64_t batch = good + (bad - good) / 2;

		if (fits(run, batch, room))
			good = batch;
		else
			bad = batch;
	}
	return good;
}

/* use: what was too much. */
static int refuse_gpu(const struct plait__memory_use *use, const struct plait__gpu_room *room,
		      int64_t largest)
{
	char need[32], has[32], of_net[32], advice[64] = "no batch fits";

	if (largest > 0)
		snprintf(advice, sizeof advice, "batches of up to %lld samples fit",
			 (long long)largest);
	return plait__error(
		PLAIT_ENOMEM,
		"the %s %s of memory and this run needs %s there, %s of them for parameters, "
		"gradients and optimizer state: %s; keep fewer batches there with a lower "
		"prefetch%s",
		room->limited ? "limit on GPU memory leaves" : "GPU still has",
		plait__bytes_text((double)room->bytes, has),
		plait__bytes_text(plait__memory_sum(use), need),
		plait__bytes_text(use->parameters + use->state + use->gradients, of_net), advice,
		room->limited ? ", or raise the limit" : "");
}

static int take_gpu(struct plait__binding *binding, struct plait__gpu_room *room)
{
	struct plait__memory_use use = gpu_use(binding);
	double handles = plait__memory_sum(&use) - use.workspace;

	/* More than any GPU has, and more than a size_t may hold. */
	if (handles > MOST_EXACT)
		handles = MOST_EXACT;
	return plait__gpu_open(&binding->gpu, (size_t)handles, binding->plan->scratch_bytes, room);
}

int plait__bindings_take_memory(struct plait__binding *const *binding, int bindings,
				const struct plait__store *store,
				const struct plait__binding_options *options)
{
	struct run run = { binding, bindings, store, options };
	struct plait__memory_use all = { 0 };
	struct plait__gpu_room room = { 0 };
	size_t taken = 0;
	int status = plait__bindings_check_main(binding, bindings, options->lenders);

	for (int i = 0; i < bindings; i++) {
		struct plait__memory_use use = gpu_use(binding[i]);

		add_use(&all, &use);
	}
	if (status < 0 || !binding[0]->uses_gpu)
		return status;
	for (int i = 0; i < bindings && status == 0; i++) {
		status = take_gpu(binding[i], &room);
		if (status == PLAIT_ENOMEM)
			room.bytes += taken;
		taken += binding[i]->gpu.bytes;
	}
	/* CUDA may refuse for another reason, which gpu.c has told. */
	if (status != PLAIT_ENOMEM || (double)room.bytes >= plait__memory_sum(&all))
		return status;
	return refuse_gpu(&all, &room, largest_batch(&run, room.bytes) / options->accumulate);
}
