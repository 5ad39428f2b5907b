/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/memory.h"
#include "src/executor/executor.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

int plait__binding_window(int slots)
{
	/* More than the slots, so that loads wait for slots and not for the window. */
	return slots + 4;
}

static bool makes_handle(const struct plait__arena *arena)
{
	return arena->bytes > 0 && arena->kind != PLAIT__SLOT && arena->kind != PLAIT__RESULT;
}

/* -- arenas to handles --------------------------------------------------------------- */

static starpu_data_handle_t shared_handle(const struct plait__binding *binding,
					  const struct plait__arena *arena)
{
	const struct plait__binding *other = binding->shared;

	if (!other || (arena->kind != PLAIT__PARAMETERS && arena->kind != PLAIT__STATE))
		return NULL;
	for (int i = 0; i < other->plan->arenas; i++) {
		const struct plait__arena *theirs = &other->plan->arena[i];

		if (theirs->kind == arena->kind && theirs->offset == arena->offset &&
		    theirs->bytes == arena->bytes)
			return other->handle[i];
	}
	return NULL;
}

static void register_vector(starpu_data_handle_t *handle, unsigned char *memory, size_t bytes,
			    const char *name)
{
	starpu_vector_data_register(handle, memory ? STARPU_MAIN_RAM : -1, (uintptr_t)memory,
				    bytes / sizeof(float), sizeof(float));
	starpu_data_set_name(*handle, name);
}

static int make_arena(struct plait__binding *binding, int i)
{
	const struct plait__arena *arena = &binding->plan->arena[i];
	const struct plait__store *store = binding->plan->store;
	unsigned char *memory = NULL;

	if (!makes_handle(arena))
		return 0;
	binding->handle[i] = shared_handle(binding, arena);
	if (binding->handle[i])
		return 0;
	if (arena->kind == PLAIT__PARAMETERS) {
		memory = store->values + arena->offset;
	} else if (arena->kind == PLAIT__STATE) {
		memory = store->state + arena->offset;
	} else if (!binding->on_gpu) { /* on a GPU StarPU allocates there, and nothing here */
		if (starpu_malloc((void **)&binding->memory[i], arena->bytes) != 0)
			return plait__error(PLAIT_ENOMEM,
					    "no memory for %s: %zu bytes; lower the batch size",
					    arena->name, arena->bytes);
		memory = binding->memory[i];
	}
	register_vector(&binding->handle[i], memory, arena->bytes, arena->name);
	/* Parameters that nobody writes need no order, and where StarPU has FxT it would keep 32
	 * bytes for every task that reads them. */
	if (arena->kind == PLAIT__PARAMETERS && binding->plan->options.mode != PLAIT__TRAIN &&
	    !binding->shared)
		starpu_data_set_sequential_consistency_flag(binding->handle[i], 0);
	return 0;
}

static int make_results(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	size_t n = (size_t)(plan->results * binding->window);

	binding->result_memory = plait__calloc(n, sizeof *binding->result_memory, "results");
	binding->result_handle = plait__calloc(n, sizeof *binding->result_handle, "results");
	if (!binding->result_memory || !binding->result_handle)
		return PLAIT_ENOMEM;
	for (int e = 0, r = 0; e < binding->window; e++)
		for (int i = 0; i < plan->arenas; i++) {
			if (plan->arena[i].kind != PLAIT__RESULT)
				continue;
			if (starpu_malloc((void **)&binding->result_memory[r],
					  plan->arena[i].bytes) != 0)
				return plait__error(PLAIT_ENOMEM,
						    "no memory for results: %zu bytes",
						    plan->arena[i].bytes);
			memset(binding->result_memory[r], 0, plan->arena[i].bytes);
			register_vector(&binding->result_handle[r], binding->result_memory[r],
					plan->arena[i].bytes, "result");
			r++;
		}
	return 0;
}

static int make_handles(struct plait__binding *binding)
{
	int arenas = binding->plan->arenas, status = 0;

	binding->memory = plait__calloc((size_t)arenas, sizeof *binding->memory, "arenas");
	binding->handle = plait__calloc((size_t)arenas, sizeof *binding->handle, "arenas");
	if (!binding->memory || !binding->handle)
		return PLAIT_ENOMEM;
	for (int i = 0; i < arenas && status == 0; i++)
		status = make_arena(binding, i);
	if (status == 0)
		status = make_results(binding);
	if (status == 0 && binding->on_gpu && binding->plan->scratch_bytes > 0)
		register_vector(&binding->scratch, NULL, binding->plan->scratch_bytes, "scratch");
	else if (status == 0)
		status = plait__runtime_reserve_scratch(binding->plan->scratch_bytes);
	return status;
}

/* -- codelets ------------------------------------------------------------------------ */

static void fill_codelet(const struct plait__binding *binding, const struct plait__segment *segment,
			 struct starpu_codelet *codelet)
{
	static const unsigned color[] = { 0, 0x228833, 0xccbb44, 0xee6677, 0x66ccee };
	static const enum starpu_data_access_mode mode[] = { STARPU_NONE, STARPU_R, STARPU_W,
							     STARPU_RW };
	const struct plait__use *use = &binding->plan->use[segment->first_use];
	bool scratch = binding->scratch != NULL, barrier = binding->barrier->handle != NULL;
	enum starpu_data_access_mode *modes = codelet->modes;

	codelet->where = binding->on_gpu ? STARPU_CUDA : STARPU_CPU;
	codelet->cpu_funcs[0] = plait__segment_cpu;
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	codelet->cuda_funcs[0] = plait__segment_cuda;
	codelet->cuda_flags[0] = STARPU_CUDA_ASYNC;
#endif
	codelet->color = color[segment->phase];
	codelet->nbuffers = segment->uses + scratch + barrier;
	if (codelet->nbuffers > STARPU_NMAXBUFS) /* freed with the codelet */
		modes = codelet->dyn_modes = calloc((size_t)codelet->nbuffers, sizeof *modes);
	for (int i = 0; i < segment->uses && modes; i++)
		modes[i] = mode[use[i].access];
	if (scratch && modes)
		modes[segment->uses] = STARPU_SCRATCH;
	if (barrier && modes)
		modes[segment->uses + scratch] = STARPU_R;
}

static int make_codelets(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	int64_t rows[2] = { plan->options.batch_size,
			    plait__feed_rows(&binding->feed, binding->feed.batches - 1) };
	bool is_new;

	binding->codelet = plait__calloc((size_t)(2 * plan->segments), sizeof(void *), "codelets");
	binding->consistency = plait__calloc((size_t)(plan->uses + plan->segments), 1, "codelets");
	if (!binding->codelet || !binding->consistency)
		return PLAIT_ENOMEM;
	for (int i = 0; i < 2 * plan->segments; i++) {
		char symbol[48];
		struct starpu_codelet *codelet;

		plait__plan_symbol(plan, &plan->segment[i / 2], rows[i % 2], symbol);
		if (binding->barrier->handle) /* it has a handle more */
			strcat(symbol, "_phases");
		codelet = plait__runtime_codelet(symbol, plan->segment[i / 2].name, &is_new);
		if (!codelet)
			return PLAIT_ENOMEM;
		if (is_new)
			fill_codelet(binding, &plan->segment[i / 2], codelet);
		if (codelet->nbuffers > STARPU_NMAXBUFS && !codelet->dyn_modes)
			return plait__error(PLAIT_ENOMEM, "no memory for a codelet");
		binding->codelet[i] = codelet;
	}
	for (int i = 0; i < plan->uses; i++)
		binding->consistency[i] = !plan->use[i].unordered;
	if (!binding->on_gpu)
		return 0;
	binding->fetch = plait__runtime_codelet("fetch", "metrics", &is_new);
	return binding->fetch ? 0 : PLAIT_ENOMEM;
}

/* A GPU's result reaches the host as the input of a task that does nothing else. */
static void fetch_cpu(void *buffers[], void *arg)
{
	(void)buffers;
	(void)arg;
}

/* -- the binding --------------------------------------------------------------------- */

static int make_plan(struct plait__binding *binding, const struct plait__store *store,
		     const struct plait__binding_options *options)
{
	struct plait__plan_options plan = { .mode = options->mode,
					    .granularity = options->granularity,
					    .shards = options->shards ? options->shards : 1,
					    .batch_size = binding->feed.options.batch_size,
					    .slot = &binding->feed.layout };

	if (plan.shards > plan.batch_size)
		return plait__error(
			PLAIT_EINVAL,
			"%d shards of a batch of %lld samples: some would always be empty",
			plan.shards, (long long)plan.batch_size);
	if (plan.granularity == PLAIT_GRANULARITY_AUTO)
		plan.granularity = plait__plan_granularity(store->graph, plan.batch_size,
							   plan.shards, binding->on_gpu);
	return plait__plan_create(&binding->plan, store->graph, store, &plan);
}

/* First-call costs would poison the performance models and the first epoch's figures. */
static void warm_up(const struct plait__binding *binding)
{
	for (int i = 0; i < binding->plan->calls && !binding->on_gpu; i++)
		if (binding->plan->call[i].op->warm_up)
			binding->plan->call[i].op->warm_up();
}

static int make_work(struct plait__binding *binding)
{
	int segments = binding->plan->segments;

	binding->work = plait__calloc((size_t)(binding->window * segments), sizeof *binding->work,
				      "task arguments");
	if (!binding->work)
		return PLAIT_ENOMEM;
	for (int i = 0; i < binding->window * segments; i++)
		binding->work[i] =
			(struct plait__work){ .binding = binding,
					      .segment = &binding->plan->segment[i % segments] };
	return 0;
}

/* What of a batch besides its inputs the graph reads. */
static unsigned wanted(const struct plait_graph *graph)
{
	return (graph->labels ? PLAIT__LABELS : 0u) | (graph->targets ? PLAIT__TARGETS : 0u) |
	       (graph->weights ? PLAIT__WEIGHTS : 0u);
}

int plait__binding_create(struct plait__binding *binding, const struct plait__store *store,
			  const struct plait__binding_options *options)
{
	struct plait_loader_options loader = options->loader;
	int64_t samples = plait__sampler_positions(
		&loader.sampler, plait_dataset_info(options->dataset)->samples, loader.drop_last);
	int status;

	*binding = (struct plait__binding){ .shared = options->shares,
					    .on_gpu = plait_cuda_workers() > 0 };
	/* Slots and arenas have no use for rows beyond an epoch. */
	if (samples > 0 && loader.batch_size > samples && !loader.drop_last)
		loader.batch_size = samples > options->shards ? samples : options->shards;
	status = plait__feed_init(&binding->feed, options->dataset, &loader,
				  options->mode == PLAIT__PREDICT ? 0 : wanted(store->graph),
				  plait_cpu_workers());
	if (status == 0)
		status = plait__load_memory_open(&binding->load_memory, &binding->feed,
						 options->shares ? options->shares->load_memory.pool
								 : NULL);
	if (status == 0)
		status = make_plan(binding, store, options);
	if (status == 0)
		status = plait__binding_check_memory(binding);
	binding->barrier = options->shares ? options->shares->barrier : &binding->own_barrier;
	if (status == 0 && !options->shares)
		status = plait__barrier_create(&binding->own_barrier, options->overlap);
	if (status == 0) {
		binding->window = plait__binding_window(binding->load_memory.slots);
		status = plait__ring_create(&binding->ring, &binding->feed, &binding->load_memory,
					    binding->window,
					    plait__barrier_for_loads(binding->barrier));
	}
	if (status == 0)
		status = make_handles(binding);
	if (status == 0)
		status = make_codelets(binding);
	if (status == 0)
		status = make_work(binding);
	if (status < 0) {
		plait__binding_destroy(binding);
		return status;
	}
	warm_up(binding);
	if (binding->fetch) {
		binding->fetch->cpu_funcs[0] = fetch_cpu;
		binding->fetch->where = STARPU_CPU;
		binding->fetch->nbuffers = 1;
		binding->fetch->modes[0] = STARPU_R;
	}
	return 0;
}

static void destroy_results(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;

	if (!binding->result_handle || !binding->result_memory)
		return;
	for (int e = 0, r = 0; e < binding->window; e++)
		for (int i = 0; i < plan->arenas; i++) {
			if (plan->arena[i].kind != PLAIT__RESULT)
				continue;
			if (binding->result_handle[r])
				starpu_data_unregister(binding->result_handle[r]);
			if (binding->result_memory[r])
				starpu_free_noflag(binding->result_memory[r], plan->arena[i].bytes);
			r++;
		}
}

void plait__binding_sync(const struct plait__binding *binding)
{
	plait__runtime_resume();
	for (int i = 0; i < binding->plan->arenas; i++) {
		enum plait__arena_kind kind = binding->plan->arena[i].kind;

		if (!binding->handle[i] || (kind != PLAIT__PARAMETERS && kind != PLAIT__STATE))
			continue;
		starpu_data_acquire(binding->handle[i], STARPU_R);
		starpu_data_release(binding->handle[i]);
	}
	plait__runtime_pause();
}

void plait__binding_destroy(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;

	plait__runtime_resume(); /* what is on a GPU is copied back */
	for (int i = 0; plan && binding->handle && i < plan->arenas; i++) {
		if (binding->handle[i] &&
		    binding->handle[i] != shared_handle(binding, &plan->arena[i]))
			starpu_data_unregister(binding->handle[i]);
		if (binding->memory && binding->memory[i])
			starpu_free_noflag(binding->memory[i], plan->arena[i].bytes);
	}
	if (plan)
		destroy_results(binding);
	if (binding->scratch)
		starpu_data_unregister(binding->scratch);
	plait__ring_destroy(binding->ring);
	plait__barrier_destroy(&binding->own_barrier);
	plait__runtime_pause();
	plait__load_memory_close(&binding->load_memory);
	plait__feed_fini(&binding->feed);
	plait__plan_destroy(binding->plan);
	free(binding->memory);
	free(binding->handle);
	free(binding->result_memory);
	free(binding->result_handle);
	free(binding->codelet);
	free(binding->consistency);
	free(binding->work);
	*binding = (struct plait__binding){ 0 };
}
