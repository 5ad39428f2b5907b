/* SPDX-License-Identifier: MIT
 * Making bindings: loader and plan, memory of all, ring, handles, codelets, in this order. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/executor/binding/memory.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

int plait__binding_window(int slots)
{
	/* More than the slots, so that loads wait for slots and not for the window. */
	return slots + 4;
}

/* Samples of a batch of the loader's of which no shard is empty. */
static int64_t least_batch(const struct plait__split *split, int accumulate)
{
	return (plait__split_total(split) + accumulate - 1) / accumulate;
}

int plait__binding_make_plan(struct plait__binding *binding, const struct plait__store *store,
			     const struct plait__binding_options *options)
{
	struct plait__plan_options plan = { .mode = options->mode,
					    .granularity = options->granularity,
					    .split = options->split,
					    .schedule = options->schedule,
					    .replicas = options->replicas,
					    .bucket_bytes = options->bucket_bytes,
					    .batch_size = binding->feed.options.batch_size,
					    .precision = options->precision,
					    .slot = &binding->feed.layout,
					    .keeps = options->keeps,
					    .scores = options->scores,
					    .whole_values = plait_cuda_workers() > 0,
					    .shard_device = options->shard_device };

	for (int i = 0; i < plan.split.shards; i++)
		if (plait__shard_rows(&plan.split, plan.batch_size, i) == 0)
			return plait__error(
				PLAIT_EINVAL,
				"%d shards%s of a batch of %lld samples: shard %d would "
				"always be empty; take fewer, or %sbatches of %lld samples",
				plan.split.shards,
				plan.split.microbatches > 1 ? " in all microbatches" : "",
				(long long)plan.batch_size, i,
				options->accumulate > 1 ? "accumulate " : "",
				(long long)least_batch(&plan.split, options->accumulate));
	plan.granularity = plait__binding_granularity(binding, store, options);
	plan.steps = binding->steps;
	return plait__plan_create(&binding->plan, store->graph, store, &plan);
}

static int make_work(struct plait__binding *binding)
{
	int segments = binding->plan->segments, most = binding->plan->most_inputs;
	size_t works = (size_t)binding->window * (size_t)segments;

	binding->work = plait__calloc(works, sizeof *binding->work, "task arguments");
	binding->work_inputs =
		plait__calloc(works * (size_t)most, sizeof *binding->work_inputs, "task arguments");
	if (!binding->work || !binding->work_inputs)
		return PLAIT_ENOMEM;
	for (size_t i = 0; i < works; i++)
		binding->work[i] = (struct plait__work){
			.binding = binding,
			.segment = &binding->plan->segment[i % (size_t)segments],
			.in = binding->work_inputs + i * (size_t)most,
		};
	return 0;
}

/* What of a batch besides its inputs the graph reads. */
static unsigned wanted(const struct plait_graph *graph, enum plait__mode mode)
{
	if (mode == PLAIT__PREDICT)
		return 0;
	return (graph->labels ? PLAIT__LABELS : 0u) | (graph->targets ? PLAIT__TARGETS : 0u) |
	       (graph->weights ? PLAIT__WEIGHTS : 0u) |
	       (graph->batch_key && mode == PLAIT__TRAIN ? PLAIT__KEY : 0u);
}

/* No load is so far ahead. */
#define LAST_PRIORITY (-(1 << 20))

/* A task of a layer or an op launches too few kernels for a graph. */
static bool captures(const struct plait__binding *binding)
{
	enum plait_granularity grain = binding->plan->options.granularity;

	return binding->uses_gpu && plait__gpu_graphs() &&
	       (grain == PLAIT_GRANULARITY_PHASE || grain == PLAIT_GRANULARITY_STEP);
}

/* Plait's own ops have kernels for all devices; one from outside may not. */
static int check_kernels(const struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;

	for (int i = 0; i < plan->segments; i++)
		for (int c = 0; c < plan->segment[i].calls && binding->where[i].on_gpu; c++) {
			const struct plait_op *op = plan->call[plan->segment[i].first_call + c].op;

			if (!op->cuda)
				return plait__error(
					PLAIT_EINVAL,
					"op \"%s\" has no kernel for CUDA, and this run is on a "
					"GPU: STARPU_NCUDA=0 in the environment has all run on "
					"CPUs",
					op->name);
		}
	return 0;
}

/* A step's samples are loaded as one batch. */
static int64_t batch_size(const struct plait__binding_options *options)
{
	int64_t each = options->loader.batch_size ? options->loader.batch_size : PLAIT__BATCH_SIZE;

	PLAIT__ASSERT(options->accumulate >= 1, "a step has a batch of the loader's");
	if (each < 0)
		return each;
	return each > INT64_MAX / options->accumulate ? INT64_MAX : each * options->accumulate;
}

/* Of what is borrowed nothing is claimed again. */
static int open_load_memory(struct plait__binding *binding,
			    const struct plait__binding_options *options)
{
	binding->lender = plait__binding_find_lender(binding, options);
	if (!binding->lender)
		return plait__load_memory_open(&binding->load_memory, &binding->feed,
					       plait__binding_find_budget(binding, options));
	binding->lender->lends = true;
	binding->load_memory = binding->lender->load_memory;
	return 0;
}

/* Tasks that compute come before loads, whose priorities are negative; those of a snapshot, which
 * nothing waits for, come last, loads and all. */
static int priority(const struct plait__binding_options *options)
{
	int least = STARPU_MIN_PRIO;

	if (!options->snapshot)
		return 10;
	return least > LAST_PRIORITY ? least : LAST_PRIORITY;
}

/* What tells how much memory it takes. */
static int begin(struct plait__binding *binding, const struct plait__store *store,
		 const struct plait__binding_options *options)
{
	struct plait_loader_options loader = options->loader;
	int64_t samples = plait__sampler_positions(
		&loader.sampler, plait_dataset_info(options->dataset)->samples, loader.drop_last);
	int status;

	loader.batch_size = batch_size(options);
	*binding = (struct plait__binding){ .shared = options->shares,
					    .snapshot = options->snapshot,
					    .others_read = options->others_read || options->lenders,
					    .priority = priority(options) };
	/* Slots and arenas have no use for rows beyond an epoch, but no shard is always empty. */
	if (samples < plait__split_total(&options->split))
		samples = plait__split_total(&options->split);
	if (loader.batch_size > samples && !loader.drop_last)
		loader.batch_size = samples;
	status = plait__feed_init(&binding->feed, options->dataset, &loader,
				  wanted(store->graph, options->mode), plait_cpu_workers());
	binding->feed.first_step = options->first_step;
	if (status == 0) {
		binding->steps = plait__binding_steps(binding, store, options);
		status = binding->steps < 0 ? binding->steps
					    : plait__feed_widen(&binding->feed, binding->steps);
	}
	if (status == 0)
		status = open_load_memory(binding, options);
	if (status == 0)
		status = plait__binding_make_plan(binding, store, options);
	if (status == 0)
		status = plait__binding_make_places(binding);
	if (status == 0)
		status = check_kernels(binding);
	binding->window = plait__binding_window(binding->load_memory.slots);
	return status;
}

/* loads: that may be under way. */
static int make_ring(struct plait__binding *binding, int loads)
{
	if (!binding->lender)
		return plait__ring_create(&binding->ring, &binding->feed, &binding->load_memory,
					  loads, plait__barrier_for_loads(binding->barrier));
	binding->ring = binding->lender->ring;
	return 0;
}

static int finish(struct plait__binding *binding, const struct plait__binding_options *options)
{
	int status = 0;

	binding->barrier = binding->shared ? binding->shared->barrier : &binding->own_barrier;
	if (!binding->shared)
		status = plait__barrier_create(&binding->own_barrier, options->overlap);
	if (status == 0)
		/* Others may begin with a shared load a window after the first. */
		status = make_ring(binding, binding->window * (options->lenders ? 2 : 1));
	if (status == 0)
		status = plait__binding_make_handles(binding);
	if (status == 0)
		status = plait__binding_make_codelets(binding);
	if (status == 0 && binding->snapshot)
		status = plait__binding_make_copy(binding);
	if (status == 0)
		status = make_work(binding);
	if (status < 0)
		return status;
	plait__binding_warm_up(binding);
	return captures(binding) ? plait__graphs_open(&binding->graphs, binding->plan->segments)
				 : 0;
}

int plait__bindings_create(struct plait__binding *const *binding, int bindings,
			   const struct plait__store *store,
			   const struct plait__binding_options *options)
{
	int status = 0;

	PLAIT__ASSERT(bindings <= PLAIT__MOST_BINDINGS, "more bindings than live at once");
	for (int i = 0; i < bindings && status == 0; i++) {
		status = begin(binding[i], store, &options[i]);
		if (status == 0)
			plait__binding_widen(binding[0], binding[i]);
	}
	if (status == 0)
		status = plait__bindings_take_memory(binding, bindings, store, options);
	for (int i = 0; i < bindings && status == 0; i++)
		status = finish(binding[i], &options[i]);
	/* The first one last: others borrow its handles. */
	for (int i = bindings; i-- > 0 && status < 0;)
		plait__binding_destroy(binding[i]);
	return status;
}

void plait__binding_destroy(struct plait__binding *binding)
{
	plait__runtime_resume(); /* what is on a GPU is copied back */
	plait__binding_destroy_handles(binding);
	if (!binding->lender)
		plait__ring_destroy(binding->ring);
	plait__barrier_destroy(&binding->own_barrier);
	plait__runtime_pause();
	plait__graphs_close(&binding->graphs);
	plait__gpu_close(&binding->gpu);
	if (!binding->lender)
		plait__load_memory_close(&binding->load_memory);
	plait__feed_fini(&binding->feed);
	plait__plan_destroy(binding->plan);
	free(binding->where);
	free(binding->has_place);
	free(binding->memory);
	free(binding->handle);
	free(binding->result_memory);
	free(binding->result_handle);
	free(binding->codelet);
	free(binding->consistency);
	free(binding->work);
	free(binding->work_inputs);
	*binding = (struct plait__binding){ 0 };
}
