/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/executor/barrier.h"
#include "src/runtime/recorder.h"
#include "src/runtime/runtime.h"

int plait__barrier_create(struct plait__barrier *barrier, enum plait_overlap overlap)
{
	static const enum starpu_data_access_mode mode[] = { STARPU_RW };

	*barrier = (struct plait__barrier){ .overlap = overlap };
	if (overlap == PLAIT_OVERLAP_FULL)
		return 0;
	barrier->codelet =
		plait__runtime_codelet(&(struct plait__codelet_shape){ .symbol = "phase-end",
								       .where = STARPU_NOWHERE,
								       .handles = 1,
								       .mode = mode },
				       "phase-end");
	if (!barrier->codelet)
		return PLAIT_ENOMEM;
	starpu_void_data_register(&barrier->handle);
	starpu_data_set_name(barrier->handle, "phases");
	return 0;
}

void plait__barrier_destroy(struct plait__barrier *barrier)
{
	if (barrier->handle)
		starpu_data_unregister(barrier->handle);
	barrier->handle = NULL;
}

starpu_data_handle_t plait__barrier_for_loads(const struct plait__barrier *barrier)
{
	return barrier->overlap == PLAIT_OVERLAP_OFF ? barrier->handle : NULL;
}

int plait__barrier_end_phase(const struct plait__barrier *barrier)
{
	struct starpu_task *task;

	if (!barrier->handle)
		return 0;
	PLAIT__ASSERT(barrier->codelet, "a barrier with a handle has its codelet");
	task = starpu_task_create();
	task->cl = barrier->codelet;
	task->handles[0] = barrier->handle;
	task->name = barrier->codelet->name;
	return plait__recorder_submit(task);
}
