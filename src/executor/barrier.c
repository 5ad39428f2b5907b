/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/barrier.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"

int plait__phases_create(struct plait__phases *phases, enum plait_overlap overlap)
{
	bool is_new;

	*phases = (struct plait__phases){ .overlap = overlap };
	if (overlap == PLAIT_OVERLAP_FULL)
		return 0;
	phases->barrier = plait__runtime_codelet("phase-end", "phase-end", &is_new);
	if (!phases->barrier)
		return PLAIT_ENOMEM;
	if (is_new) {
		phases->barrier->where = STARPU_NOWHERE;
		phases->barrier->nbuffers = 1;
		phases->barrier->modes[0] = STARPU_RW;
	}
	starpu_void_data_register(&phases->handle);
	starpu_data_set_name(phases->handle, "phases");
	return 0;
}

void plait__phases_destroy(struct plait__phases *phases)
{
	if (phases->handle)
		starpu_data_unregister(phases->handle);
	phases->handle = NULL;
}

starpu_data_handle_t plait__phases_of_loads(const struct plait__phases *phases)
{
	return phases->overlap == PLAIT_OVERLAP_OFF ? phases->handle : NULL;
}

int plait__phases_end(const struct plait__phases *phases)
{
	struct starpu_task *task;

	if (!phases->handle)
		return 0;
	task = starpu_task_create();
	task->cl = phases->barrier;
	task->handles[0] = phases->handle;
	task->name = phases->barrier->name;
	return plait__record_submit(task);
}
