/* SPDX-License-Identifier: MIT
 * Back-pressure and overlap are StarPU's: slot k+K may be written only when everybody who
 * reads slot k is done, and nothing else holds a load back. */
#include "config.h"
#include "src/ring.h"
#include "src/random.h"
#include "src/runtime.h"

#include <stdio.h>
#include <stdlib.h>

struct plait__ring {
	const struct plait_loader *loader;
	int slots, lanes;
	unsigned char **memory;
	starpu_data_handle_t *slot;
	starpu_data_handle_t
		*lane; /* load k takes lane k mod lanes: so many run at once; NULL: no limit */
	struct starpu_codelet *full, *short_batch;
};

static void load_cpu(void *buffers[], void *arg)
{
	struct plait__load *load = arg;

	load->status = plait__loader_fill(load->ring->loader, load->epoch, load->index,
					  (unsigned char *)STARPU_VECTOR_GET_PTR(buffers[0]),
					  plait__runtime_scratch());
	if (load->status < 0)
		snprintf(load->message, sizeof load->message, "%s", plait_error_message());
	load->end = starpu_timing_now();
}

/* Runs after those who wait for the slot were released. */
static void load_over(void *arg)
{
	struct plait__load *load = arg;

#ifdef STARPU_USE_CUDA
	/* No policy moves a slot before the task that reads it is ready, so the load does. */
	if (plait_cuda_workers() > 0) {
		int worker = starpu_worker_get_by_type(STARPU_CUDA_WORKER, 0);

		starpu_data_idle_prefetch_on_node(load->ring->slot[load->slot],
						  starpu_worker_get_memory_node((unsigned)worker),
						  1);
	}
#endif
	load->done(load->user);
}

static struct starpu_codelet *load_codelet(const struct plait_loader *loader, bool lanes,
					   int64_t rows)
{
	uint64_t hash = plait__key((uint64_t)loader->elements, (uint64_t)rows);
	struct starpu_codelet *codelet;
	char symbol[40];
	bool is_new;

	hash = plait__key(hash, (uint64_t)loader->dataset->info.dtype + (lanes ? 100 : 0));
	snprintf(symbol, sizeof symbol, "load_%016llx", (unsigned long long)hash);
	codelet = plait__runtime_codelet(symbol, "load", &is_new);
	if (codelet && is_new) {
		codelet->cpu_funcs[0] = load_cpu;
		codelet->where = STARPU_CPU;
		codelet->nbuffers = lanes ? 2 : 1;
		codelet->modes[0] = STARPU_W;
		codelet->modes[1] = STARPU_RW;
		codelet->color = 0x4477aa;
	}
	return codelet;
}

static int make_slots(struct plait__ring *ring)
{
	size_t bytes = ring->loader->layout.bytes;

	for (int i = 0; i < ring->slots; i++) {
		if (starpu_malloc((void **)&ring->memory[i], bytes) != 0)
			return plait__error(PLAIT_ENOMEM,
					    "loader: no memory for slot %d of %d, %zu bytes each: "
					    "lower batch size or prefetch",
					    i + 1, ring->slots, bytes);
		starpu_vector_data_register(&ring->slot[i], STARPU_MAIN_RAM,
					    (uintptr_t)ring->memory[i], bytes / sizeof(float),
					    sizeof(float));
		starpu_data_set_name(ring->slot[i], "slot");
	}
	for (int i = 0; i < ring->lanes; i++) {
		starpu_void_data_register(&ring->lane[i]);
		starpu_data_set_name(ring->lane[i], "lane");
	}
	return 0;
}

int plait__ring_create(struct plait__ring **ring_p, const struct plait_loader *loader)
{
	struct plait__ring *ring = plait__calloc(1, sizeof *ring, "a ring of slots");
	int status;

	if (!ring)
		return PLAIT_ENOMEM;
	ring->loader = loader;
	ring->slots = loader->options.prefetch;
	/* Neither more slots nor more workers than lanes: then lanes limit nothing. */
	if (loader->options.workers < ring->slots && loader->options.workers < plait_cpu_workers())
		ring->lanes = loader->options.workers;
	ring->memory = plait__calloc((size_t)ring->slots, sizeof *ring->memory, "slots");
	ring->slot = plait__calloc((size_t)ring->slots, sizeof *ring->slot, "slots");
	ring->lane = plait__calloc((size_t)ring->lanes, sizeof *ring->lane, "lanes");
	ring->full = load_codelet(loader, ring->lanes > 0, loader->options.batch_size);
	ring->short_batch = load_codelet(loader, ring->lanes > 0,
					 plait__loader_rows(loader, loader->batches - 1));
	status = ring->memory && ring->slot && ring->lane && ring->full && ring->short_batch
			 ? 0
			 : PLAIT_ENOMEM;
	if (status == 0 && !loader->dataset->x) {
		starpu_task_wait_for_all(); /* another loader's loads may be using it */
		status = plait__runtime_reserve_scratch(
			plait__dataset_sample_bytes(loader->dataset));
	}
	if (status == 0)
		status = make_slots(ring);
	if (status < 0) {
		plait__ring_destroy(ring);
		return status;
	}
	*ring_p = ring;
	return 0;
}

void plait__ring_destroy(struct plait__ring *ring)
{
	if (!ring)
		return;
	for (int i = 0; i < ring->slots && ring->slot && ring->memory; i++) {
		if (ring->slot[i])
			starpu_data_unregister(ring->slot[i]);
		if (ring->memory[i])
			starpu_free_noflag(ring->memory[i], ring->loader->layout.bytes);
	}
	for (int i = 0; i < ring->lanes && ring->lane; i++)
		if (ring->lane[i])
			starpu_data_unregister(ring->lane[i]);
	free(ring->memory);
	free(ring->slot);
	free(ring->lane);
	free(ring);
}

int plait__ring_submit(struct plait__ring *ring, struct plait__load *load, int64_t k, int64_t epoch,
		       int64_t index, int priority, void (*done)(void *user), void *user)
{
	struct starpu_task *task = starpu_task_create();
	int64_t rows = plait__loader_rows(ring->loader, index);

	load->ring = ring;
	load->epoch = epoch;
	load->index = index;
	load->slot = (int)(k % ring->slots);
	load->done = done;
	load->user = user;
	task->cl = rows == ring->loader->options.batch_size ? ring->full : ring->short_batch;
	task->handles[0] = ring->slot[load->slot];
	if (ring->lanes > 0)
		task->handles[1] = ring->lane[k % ring->lanes];
	task->cl_arg = load;
	task->name = "load";
	task->priority = priority;
	if (done) {
		task->callback_func = load_over;
		task->callback_arg = load;
	}
	if (starpu_task_submit(task) != 0)
		return plait__error(PLAIT_ERUNTIME,
				    "StarPU refuses the load task: is there a CPU worker?");
	return 0;
}

starpu_data_handle_t plait__ring_handle(const struct plait__ring *ring, int64_t k)
{
	return ring->slot[k % ring->slots];
}

unsigned char *plait__ring_memory(const struct plait__ring *ring, int64_t k)
{
	return ring->memory[k % ring->slots];
}

int plait__load_error(const struct plait__load *load)
{
	return load->status == 0 ? 0 : plait__error(load->status, "%s", load->message);
}
