/* SPDX-License-Identifier: MIT
 * Which workers compute a segment, and so on which GPUs its arenas have places.  What is placed on
 * one worker goes to that worker's own queue, which is sorted by priority under every policy that
 * has priorities: under eager it is not. */
#include "config.h"
#include "src/executor/binding.h"
#include "src/runtime/runtime.h"

#include <stdio.h>

static void add_worker(struct plait__worker_set *set, int worker)
{
	set->worker = set->workers++ == 0 ? worker : -1;
	set->mask[worker / 32] |= UINT32_C(1) << worker % 32;
	if (set->on_gpu)
		set->gpus |= plait__gpus_of(worker);
}

/* All workers of a kind, or where the place is fixed those of one device. */
static void find_workers(struct plait__worker_set *set, struct plait__device device)
{
	enum starpu_worker_archtype type = set->on_gpu ? STARPU_CUDA_WORKER : STARPU_CPU_WORKER;
	int ids[STARPU_NMAXWORKERS];
	int count = (int)starpu_worker_get_ids_by_type(type, ids, STARPU_NMAXWORKERS);

	for (int i = 0; i < count; i++)
		if (!set->fixed ||
		    device.index == (set->on_gpu ? starpu_worker_get_devid(ids[i]) : i))
			add_worker(set, ids[i]);
	if (!set->fixed)
		set->worker = -1; /* the policy chooses, though there may be one only */
}

static int find_place(const struct plait__binding *binding, const struct plait__segment *segment,
		      struct plait__worker_set *set)
{
	struct plait__device device = plait__segment_device(binding->plan, segment);
	bool gpu = device.kind == PLAIT__CUDA;
	char number[16] = "";

	*set = (struct plait__worker_set){
		.on_gpu = device.kind == PLAIT__ANYWHERE ? plait_cuda_workers() > 0 : gpu,
		.worker = -1,
		.fixed = device.kind != PLAIT__ANYWHERE && device.index >= 0
	};
	find_workers(set, device);
	if (set->workers > 0)
		return 0;
	if (device.index >= 0)
		snprintf(number, sizeof number, "%d", device.index);
	return plait__error(PLAIT_EINVAL,
			    "%s is placed on %s%s, and this run has %d CPU worker%s and %d CUDA "
			    "worker%s",
			    segment->name, gpu ? "cuda" : "cpu", number, plait_cpu_workers(),
			    plait_cpu_workers() == 1 ? "" : "s", plait_cuda_workers(),
			    plait_cuda_workers() == 1 ? "" : "s");
}

/* An arena has a place on those GPUs on which a segment that uses it may be computed. */
static void find_gpus(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;

	for (int i = 0; i < plan->segments; i++)
		for (int u = 0; u < plan->segment[i].uses; u++)
			binding->has_place[plan->use[plan->segment[i].first_use + u].arena] |=
				binding->where[i].gpus;
	for (int i = 0; i < plan->arenas; i++)
		if (plan->arena[i].kind == PLAIT__SLOT && binding->others_read && binding->uses_gpu)
			binding->has_place[i] = plait__gpus_driven();
}

int plait__binding_make_places(struct plait__binding *binding)
{
	const struct plait__plan *plan = binding->plan;
	int status = 0;

	binding->where = plait__calloc((size_t)plan->segments, sizeof *binding->where, "places");
	binding->has_place =
		plait__calloc((size_t)plan->arenas, sizeof *binding->has_place, "places");
	if (!binding->where || !binding->has_place)
		return PLAIT_ENOMEM;
	for (int i = 0; i < plan->segments && status == 0; i++) {
		status = find_place(binding, &plan->segment[i], &binding->where[i]);
		binding->uses_gpu |= binding->where[i].on_gpu;
		binding->uses_cpu |= !binding->where[i].on_gpu;
	}
	if (status == 0)
		find_gpus(binding);
	return status;
}

plait__gpus plait__binding_gpus(const struct plait__binding *binding)
{
	plait__gpus gpus = 0;

	for (int i = 0; i < binding->plan->segments; i++)
		gpus |= binding->where[i].gpus;
	return gpus;
}

plait__gpus plait__binding_slot_gpus(const struct plait__binding *binding)
{
	plait__gpus gpus = 0;

	for (int i = 0; i < binding->plan->arenas; i++)
		if (binding->plan->arena[i].kind == PLAIT__SLOT)
			gpus |= binding->has_place[i];
	return gpus;
}

void plait__binding_widen(struct plait__binding *first, const struct plait__binding *binding)
{
	for (int i = 0; i < binding->plan->arenas; i++) {
		int twin = plait__binding_twin(binding, &binding->plan->arena[i]);

		if (twin >= 0 && binding->shared == first)
			first->has_place[twin] |= binding->has_place[i];
	}
}

void plait__worker_set_task(struct plait__worker_set *set, struct starpu_task *task)
{
	if (!set->fixed)
		return;
	if (set->worker >= 0) {
		task->execute_on_a_specific_worker = 1;
		task->workerid = (unsigned)set->worker;
	} else {
		task->workerids = set->mask;
		task->workerids_len = sizeof set->mask / sizeof *set->mask;
	}
}
