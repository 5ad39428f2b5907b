/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/memory.h"
#include "src/executor/executor.h"
#include "src/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

int plait__program_window(int slots)
{
	/* More than the slots, so that loads wait for slots and not for the window. */
	return slots + 4;
}

static bool makes_handle(const struct plait__arena *arena)
{
	return arena->bytes > 0 && arena->kind != PLAIT__SLOT && arena->kind != PLAIT__RESULT;
}

/* -- arenas to handles --------------------------------------------------------------- */

static starpu_data_handle_t shared_handle(const struct plait__program *program,
					  const struct plait__arena *arena)
{
	const struct plait__program *other = program->shared;

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

static int make_arena(struct plait__program *program, int i)
{
	const struct plait__arena *arena = &program->plan->arena[i];
	const struct plait__store *store = program->plan->store;
	unsigned char *memory = NULL;

	if (!makes_handle(arena))
		return 0;
	program->handle[i] = shared_handle(program, arena);
	if (program->handle[i])
		return 0;
	if (arena->kind == PLAIT__PARAMETERS) {
		memory = store->values + arena->offset;
	} else if (arena->kind == PLAIT__STATE) {
		memory = store->state + arena->offset;
	} else if (!program->on_gpu) { /* on a GPU StarPU allocates there, and nothing here */
		if (starpu_malloc((void **)&program->memory[i], arena->bytes) != 0)
			return plait__error(PLAIT_ENOMEM,
					    "no memory for %s: %zu bytes; lower the batch size",
					    arena->name, arena->bytes);
		memory = program->memory[i];
	}
	register_vector(&program->handle[i], memory, arena->bytes, arena->name);
	/* Parameters that nobody writes need no order, and where StarPU has FxT it would keep 32
	 * bytes for every task that reads them. */
	if (arena->kind == PLAIT__PARAMETERS && program->plan->options.mode != PLAIT__TRAIN &&
	    !program->shared)
		starpu_data_set_sequential_consistency_flag(program->handle[i], 0);
	return 0;
}

static int make_results(struct plait__program *program)
{
	const struct plait__plan *plan = program->plan;
	size_t n = (size_t)(plan->results * program->window);

	program->result_memory = plait__calloc(n, sizeof *program->result_memory, "results");
	program->result_handle = plait__calloc(n, sizeof *program->result_handle, "results");
	if (!program->result_memory || !program->result_handle)
		return PLAIT_ENOMEM;
	for (int e = 0, r = 0; e < program->window; e++)
		for (int i = 0; i < plan->arenas; i++) {
			if (plan->arena[i].kind != PLAIT__RESULT)
				continue;
			if (starpu_malloc((void **)&program->result_memory[r],
					  plan->arena[i].bytes) != 0)
				return plait__error(PLAIT_ENOMEM,
						    "no memory for results: %zu bytes",
						    plan->arena[i].bytes);
			memset(program->result_memory[r], 0, plan->arena[i].bytes);
			register_vector(&program->result_handle[r], program->result_memory[r],
					plan->arena[i].bytes, "result");
			r++;
		}
	return 0;
}

static int make_handles(struct plait__program *program)
{
	int arenas = program->plan->arenas, status = 0;

	program->memory = plait__calloc((size_t)arenas, sizeof *program->memory, "arenas");
	program->handle = plait__calloc((size_t)arenas, sizeof *program->handle, "arenas");
	if (!program->memory || !program->handle)
		return PLAIT_ENOMEM;
	for (int i = 0; i < arenas && status == 0; i++)
		status = make_arena(program, i);
	if (status == 0)
		status = make_results(program);
	if (status == 0 && program->on_gpu && program->plan->scratch_bytes > 0)
		register_vector(&program->scratch, NULL, program->plan->scratch_bytes, "scratch");
	else if (status == 0)
		status = plait__runtime_reserve_scratch(program->plan->scratch_bytes);
	return status;
}

/* -- codelets ------------------------------------------------------------------------ */

static void fill_codelet(const struct plait__program *program, const struct plait__segment *segment,
			 struct starpu_codelet *codelet)
{
	static const unsigned color[] = { 0, 0x228833, 0xccbb44, 0xee6677, 0x66ccee };
	static const enum starpu_data_access_mode mode[] = { STARPU_NONE, STARPU_R, STARPU_W,
							     STARPU_RW };
	const struct plait__use *use = &program->plan->use[segment->first_use];
	bool scratch = program->scratch != NULL, phases = program->phases->handle != NULL;
	enum starpu_data_access_mode *modes = codelet->modes;

	codelet->where = program->on_gpu ? STARPU_CUDA : STARPU_CPU;
	codelet->cpu_funcs[0] = plait__segment_cpu;
#if defined PLAIT_HAVE_CUDA && defined STARPU_USE_CUDA
	codelet->cuda_funcs[0] = plait__segment_cuda;
	codelet->cuda_flags[0] = STARPU_CUDA_ASYNC;
#endif
	codelet->color = color[segment->phase];
	codelet->nbuffers = segment->uses + scratch + phases;
	if (codelet->nbuffers > STARPU_NMAXBUFS) /* freed with the codelet */
		modes = codelet->dyn_modes = calloc((size_t)codelet->nbuffers, sizeof *modes);
	for (int i = 0; i < segment->uses && modes; i++)
		modes[i] = mode[use[i].access];
	if (scratch && modes)
		modes[segment->uses] = STARPU_SCRATCH;
	if (phases && modes)
		modes[segment->uses + scratch] = STARPU_R;
}

static int make_codelets(struct plait__program *program)
{
	const struct plait__plan *plan = program->plan;
	int64_t rows[2] = { plan->options.batch_size,
			    plait__loader_rows(&program->loader, program->loader.batches - 1) };
	bool is_new;

	program->codelet = plait__calloc((size_t)(2 * plan->segments), sizeof(void *), "codelets");
	program->consistency = plait__calloc((size_t)(plan->uses + plan->segments), 1, "codelets");
	if (!program->codelet || !program->consistency)
		return PLAIT_ENOMEM;
	for (int i = 0; i < 2 * plan->segments; i++) {
		char symbol[48];
		struct starpu_codelet *codelet;

		plait__plan_symbol(plan, &plan->segment[i / 2], rows[i % 2], symbol);
		if (program->phases->handle) /* it has a handle more */
			strcat(symbol, "_phases");
		codelet = plait__runtime_codelet(symbol, plan->segment[i / 2].name, &is_new);
		if (!codelet)
			return PLAIT_ENOMEM;
		if (is_new)
			fill_codelet(program, &plan->segment[i / 2], codelet);
		if (codelet->nbuffers > STARPU_NMAXBUFS && !codelet->dyn_modes)
			return plait__error(PLAIT_ENOMEM, "no memory for a codelet");
		program->codelet[i] = codelet;
	}
	for (int i = 0; i < plan->uses; i++)
		program->consistency[i] = !plan->use[i].unordered;
	if (!program->on_gpu)
		return 0;
	program->fetch = plait__runtime_codelet("fetch", "metrics", &is_new);
	return program->fetch ? 0 : PLAIT_ENOMEM;
}

/* A GPU's result reaches the host as the input of a task that does nothing else. */
static void fetch_cpu(void *buffers[], void *arg)
{
	(void)buffers;
	(void)arg;
}

/* -- the program --------------------------------------------------------------------- */

static int make_plan(struct plait__program *program, const struct plait__store *store,
		     const struct plait__program_options *options)
{
	struct plait__plan_options plan = { .mode = options->mode,
					    .granularity = options->granularity,
					    .shards = options->shards ? options->shards : 1,
					    .batch_size = program->loader.options.batch_size,
					    .slot = &program->loader.layout };

	if (plan.shards > plan.batch_size)
		return plait__error(
			PLAIT_EINVAL,
			"%d shards of a batch of %lld samples: some would always be empty",
			plan.shards, (long long)plan.batch_size);
	if (plan.granularity == PLAIT_GRANULARITY_AUTO)
		plan.granularity = plait__plan_granularity(store->graph, plan.batch_size,
							   plan.shards, program->on_gpu);
	return plait__plan_create(&program->plan, store->graph, store, &plan);
}

/* First-call costs would poison the performance models and the first epoch's figures. */
static void warm_up(const struct plait__program *program)
{
	for (int i = 0; i < program->plan->calls && !program->on_gpu; i++)
		if (program->plan->call[i].op->warm_up)
			program->plan->call[i].op->warm_up();
}

static int make_work(struct plait__program *program)
{
	int segments = program->plan->segments;

	program->work = plait__calloc((size_t)(program->window * segments), sizeof *program->work,
				      "task arguments");
	if (!program->work)
		return PLAIT_ENOMEM;
	for (int i = 0; i < program->window * segments; i++)
		program->work[i] =
			(struct plait__work){ .program = program,
					      .segment = &program->plan->segment[i % segments] };
	return 0;
}

/* What of a batch besides its inputs the graph reads. */
static unsigned wanted(const struct plait_graph *graph)
{
	return (graph->labels ? PLAIT__LABELS : 0u) | (graph->targets ? PLAIT__TARGETS : 0u) |
	       (graph->weights ? PLAIT__WEIGHTS : 0u);
}

int plait__program_create(struct plait__program *program, const struct plait__store *store,
			  const struct plait__program_options *options)
{
	struct plait_loader_options loader = options->loader;
	int64_t samples = plait__sampler_positions(
		&loader.sampler, plait_dataset_info(options->dataset)->samples, loader.drop_last);
	int status;

	*program = (struct plait__program){ .shared = options->shares,
					    .on_gpu = plait_cuda_workers() > 0 };
	/* Slots and arenas have no use for rows beyond an epoch. */
	if (samples > 0 && loader.batch_size > samples && !loader.drop_last)
		loader.batch_size = samples > options->shards ? samples : options->shards;
	status = plait__loader_init(&program->loader, options->dataset, &loader,
				    options->mode == PLAIT__PREDICT ? 0 : wanted(store->graph),
				    plait_cpu_workers());
	if (status == 0)
		status = plait__loader_open_memory(
			&program->loader, options->shares ? options->shares->loader.pool : NULL);
	if (status == 0)
		status = make_plan(program, store, options);
	if (status == 0)
		status = plait__binding_check_memory(program);
	program->phases = options->shares ? options->shares->phases : &program->own_phases;
	if (status == 0 && !options->shares)
		status = plait__phases_create(&program->own_phases, options->overlap);
	if (status == 0) {
		program->window = plait__program_window(program->loader.options.prefetch);
		status = plait__ring_create(&program->ring, &program->loader, program->window,
					    plait__phases_of_loads(program->phases));
	}
	if (status == 0)
		status = make_handles(program);
	if (status == 0)
		status = make_codelets(program);
	if (status == 0)
		status = make_work(program);
	if (status < 0) {
		plait__program_destroy(program);
		return status;
	}
	warm_up(program);
	if (program->fetch) {
		program->fetch->cpu_funcs[0] = fetch_cpu;
		program->fetch->where = STARPU_CPU;
		program->fetch->nbuffers = 1;
		program->fetch->modes[0] = STARPU_R;
	}
	return 0;
}

static void destroy_results(struct plait__program *program)
{
	const struct plait__plan *plan = program->plan;

	if (!program->result_handle || !program->result_memory)
		return;
	for (int e = 0, r = 0; e < program->window; e++)
		for (int i = 0; i < plan->arenas; i++) {
			if (plan->arena[i].kind != PLAIT__RESULT)
				continue;
			if (program->result_handle[r])
				starpu_data_unregister(program->result_handle[r]);
			if (program->result_memory[r])
				starpu_free_noflag(program->result_memory[r], plan->arena[i].bytes);
			r++;
		}
}

void plait__program_sync(const struct plait__program *program)
{
	plait__runtime_resume();
	for (int i = 0; i < program->plan->arenas; i++) {
		enum plait__arena_kind kind = program->plan->arena[i].kind;

		if (!program->handle[i] || (kind != PLAIT__PARAMETERS && kind != PLAIT__STATE))
			continue;
		starpu_data_acquire(program->handle[i], STARPU_R);
		starpu_data_release(program->handle[i]);
	}
	plait__runtime_pause();
}

void plait__program_destroy(struct plait__program *program)
{
	const struct plait__plan *plan = program->plan;

	plait__runtime_resume(); /* what is on a GPU is copied back */
	for (int i = 0; plan && program->handle && i < plan->arenas; i++) {
		if (program->handle[i] &&
		    program->handle[i] != shared_handle(program, &plan->arena[i]))
			starpu_data_unregister(program->handle[i]);
		if (program->memory && program->memory[i])
			starpu_free_noflag(program->memory[i], plan->arena[i].bytes);
	}
	if (plan)
		destroy_results(program);
	if (program->scratch)
		starpu_data_unregister(program->scratch);
	plait__ring_destroy(program->ring);
	plait__phases_destroy(&program->own_phases);
	plait__runtime_pause();
	plait__loader_fini(&program->loader);
	plait__plan_destroy(program->plan);
	free(program->memory);
	free(program->handle);
	free(program->result_memory);
	free(program->result_handle);
	free(program->codelet);
	free(program->consistency);
	free(program->work);
	*program = (struct plait__program){ 0 };
}
