/* SPDX-License-Identifier: MIT
 * A binding's arenas as StarPU handles: parameters and state in the store's memory, values,
 * gradients and a snapshot of parameters in memory of their own, results for each burst in flight.
 */
#include "config.h"
#include "src/executor/binding.h"
#include "src/runtime/runtime.h"

#include <string.h>

static bool makes_handle(const struct plait__arena *arena)
{
	return arena->bytes > 0 && arena->kind != PLAIT__SLOT && arena->kind != PLAIT__RESULT;
}

bool plait__binding_holds(const struct plait__binding *binding, const void *p)
{
	int device = starpu_worker_get_devid(starpu_worker_get_id());

	return plait__gpu_has(&binding->gpu, device, p) ||
	       (binding->shared && plait__gpu_has(&binding->shared->gpu, device, p)) ||
	       (binding->lender && plait__gpu_has(&binding->lender->gpu, device, p));
}

/* -- arenas --------------------------------------------------------------- */

int plait__binding_twin(const struct plait__binding *binding, const struct plait__arena *arena)
{
	const struct plait__binding *other = binding->shared;

	if (!other || (arena->kind != PLAIT__PARAMETERS && arena->kind != PLAIT__STATE))
		return -1;
	for (int i = 0; i < other->plan->arenas; i++) {
		const struct plait__arena *theirs = &other->plan->arena[i];

		if (theirs->kind == arena->kind && theirs->replica == arena->replica &&
		    theirs->offset == arena->offset && theirs->bytes == arena->bytes)
			return i;
	}
	return -1;
}

int plait__binding_shared(const struct plait__binding *binding, const struct plait__arena *arena)
{
	return binding->snapshot && arena->kind == PLAIT__PARAMETERS
		       ? -1
		       : plait__binding_twin(binding, arena);
}

/* Blocks, because an arena may hold values of several dtypes.  gpus: where it has a place. */
static void register_blocks(struct plait__binding *binding, starpu_data_handle_t *handle,
			    plait__gpus gpus, unsigned char *memory, size_t bytes, const char *name)
{
	PLAIT__ASSERT((uintptr_t)memory % 64 == 0, "memory of a handle is aligned to a cache line");
	PLAIT__ASSERT(bytes % PLAIT__ALIGN == 0, "values of any dtype fill whole blocks");
	starpu_vector_data_register(handle, memory ? STARPU_MAIN_RAM : -1, (uintptr_t)memory,
				    bytes / PLAIT__ALIGN, PLAIT__ALIGN);
	starpu_data_set_name(*handle, name);
	plait__gpu_place(&binding->gpu, gpus, *handle, bytes);
}

/* Memory of the binding's own, freed with it.  PLAIT_ENOMEM. */
static int take_memory(struct plait__binding *binding, int i)
{
	const struct plait__arena *arena = &binding->plan->arena[i];

	if (starpu_malloc((void **)&binding->memory[i], arena->bytes) == 0)
		return 0;
	return plait__error(PLAIT_ENOMEM, "no memory for %s: %zu bytes%s", arena->name,
			    arena->bytes,
			    arena->kind == PLAIT__PARAMETERS || arena->kind == PLAIT__STATE
				    ? ""
				    : "; lower the batch size");
}

/* The memory in which an arena begins; NULL: it has its place on GPUs alone. */
static int find_memory(struct plait__binding *binding, int i, unsigned char **memory)
{
	const struct plait__arena *arena = &binding->plan->arena[i];
	const struct plait__store *store = binding->plan->store;
	bool stored = (arena->kind == PLAIT__PARAMETERS && !binding->snapshot) ||
		      arena->kind == PLAIT__STATE;
	unsigned char *first =
		stored ? (arena->kind == PLAIT__STATE ? store->state : store->values) +
				 arena->offset
		       : NULL;
	int status = 0;

	*memory = first;
	if (stored ? arena->replica == 0 : !binding->uses_cpu)
		return 0;
	status = take_memory(binding, i);
	*memory = binding->memory[i];
	if (status == 0 && stored)
		memcpy(*memory, first, arena->bytes);
	return status;
}

static int make_arena(struct plait__binding *binding, int i)
{
	const struct plait__arena *arena = &binding->plan->arena[i];
	int shared = plait__binding_shared(binding, arena);
	unsigned char *memory = NULL;

	if (!makes_handle(arena))
		return 0;
	PLAIT__ASSERT(!binding->handle[i], "an arena is registered once");
	PLAIT__ASSERT(arena->bytes % PLAIT__ALIGN == 0 && arena->offset % PLAIT__ALIGN == 0,
		      "arenas begin and end at aligned offsets");
	if (shared >= 0) {
		PLAIT__ASSERT(!(binding->has_place[i] & ~binding->shared->has_place[shared]),
			      "what is borrowed has a place on all GPUs on which it is used");
		binding->handle[i] = binding->shared->handle[shared];
		return 0;
	}
	if (find_memory(binding, i, &memory) < 0)
		return PLAIT_ENOMEM;
	register_blocks(binding, &binding->handle[i], binding->has_place[i], memory, arena->bytes,
			arena->name);
	/* Parameters that nobody writes need no order, and where StarPU has FxT it would keep 32
	 * bytes for every task that reads them. */
	if (arena->kind == PLAIT__PARAMETERS && binding->plan->options.mode != PLAIT__TRAIN &&
	    !binding->shared)
		starpu_data_set_sequential_consistency_flag(binding->handle[i], 0);
	return 0;
}

/* Number r, of arena i. */
static int make_result(struct plait__binding *binding, int r, int i)
{
	size_t bytes = binding->plan->arena[i].bytes, all = bytes * (size_t)binding->steps;

	if (starpu_malloc((void **)&binding->result_memory[r], all) != 0)
		return plait__error(PLAIT_ENOMEM, "no memory for results: %zu bytes", all);
	memset(binding->result_memory[r], 0, all);
	register_blocks(binding, &binding->result_handle[r], binding->has_place[i],
			binding->result_memory[r], all, "result");
	binding->result_bytes = bytes;
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
			if (make_result(binding, r++, i) < 0)
				return PLAIT_ENOMEM;
		}
	return 0;
}

static int make_halt(struct plait__binding *binding)
{
	if (!plait__binding_has_halt(binding))
		return 0;
	if (starpu_malloc((void **)&binding->halt_memory, PLAIT__ALIGN) != 0)
		return plait__error(PLAIT_ENOMEM, "no memory for a flag");
	memset(binding->halt_memory, 0, PLAIT__ALIGN);
	register_blocks(binding, &binding->halt, plait__binding_gpus(binding), binding->halt_memory,
			PLAIT__ALIGN, "halt");
	return 0;
}

int plait__binding_make_handles(struct plait__binding *binding)
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
	if (status == 0)
		status = make_halt(binding);
	for (int i = 0; i < binding->load_memory.slots && !binding->lender && status == 0; i++)
		plait__gpu_place(&binding->gpu, plait__binding_slot_gpus(binding),
				 plait__ring_slot(binding->ring, i),
				 plait__feed_slot_bytes(&binding->feed));
	PLAIT__ASSERT(status < 0 || plait__gpu_is_full(&binding->gpu),
		      "handles take what was counted");
	if (status == 0 && binding->uses_cpu)
		status = plait__runtime_reserve_scratch(binding->plan->scratch_bytes);
	return status;
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
				starpu_free_noflag(binding->result_memory[r],
						   plan->arena[i].bytes * (size_t)binding->steps);
			r++;
		}
}

static void acquire(const struct plait__binding *binding, enum plait__arena_kind kind,
		    enum starpu_data_access_mode mode)
{
	plait__runtime_resume();
	for (int i = 0; i < binding->plan->arenas; i++) {
		if (!binding->handle[i] || binding->plan->arena[i].kind != kind)
			continue;
		starpu_data_acquire(binding->handle[i], mode);
		starpu_data_release(binding->handle[i]);
	}
	plait__runtime_pause();
}

void plait__binding_sync(const struct plait__binding *binding)
{
	acquire(binding, PLAIT__PARAMETERS, STARPU_RW);
	acquire(binding, PLAIT__STATE, STARPU_RW);
}

void plait__binding_fetch(const struct plait__binding *binding)
{
	acquire(binding, PLAIT__PARAMETERS, STARPU_R);
}

void plait__binding_destroy_handles(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;

	for (int i = 0; plan && binding->handle && i < plan->arenas; i++) {
		if (binding->handle[i] && plait__binding_shared(binding, &plan->arena[i]) < 0)
			starpu_data_unregister(binding->handle[i]);
		if (binding->memory && binding->memory[i])
			starpu_free_noflag(binding->memory[i], plan->arena[i].bytes);
	}
	if (plan)
		destroy_results(binding);
	if (binding->halt)
		starpu_data_unregister(binding->halt);
	if (binding->halt_memory)
		starpu_free_noflag(binding->halt_memory, PLAIT__ALIGN);
}
