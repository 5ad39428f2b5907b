/* SPDX-License-Identifier: MIT
 * Records tasks by StarPU's task profiling.  It costs 0.4 us a task, where FxT costs 9, so it
 * serves for jobs of tiny tasks; and it works with a StarPU that was built without FxT.  Every task
 * of Plait's is submitted here. */
#ifndef PLAIT__RECORDER_H
#define PLAIT__RECORDER_H

#include "src/base/base.h"

struct starpu_task;

/* Submits a task.  If StarPU refuses it, the task is destroyed and PLAIT_ERUNTIME is returned;
 * PLAIT_EIO if its performance model's file is damaged and cannot be set aside.
 * During a recording the recorder calls the task's callback. */
int plait__recorder_submit(struct starpu_task *task);

/* Sets the step that the tasks which this thread submits next belong to, for StarPU's traces and
 * for this recorder: its number, and how many steps they compute from it on.  Traces have the first
 * as iteration and the second, if it is above 1, as subiteration: negated, as no program's own
 * subiteration is.  -1, 0: none.  Other threads that call this with a step wait until then. */
void plait__recorder_iteration(int64_t number, int steps);

/* From this call on every submitted task is recorded, in memory.  StarPU must be up. */
void plait__recorder_start(void);

/* Ends the recording, when no task runs any more, and writes it into folder: tasks.rec and
 * trace.rec as StarPU's converter of FxT traces writes them, and workers.rec; while FxT
 * records, preempted.rec alone, by the numbers that FxT gives the tasks.  Errors:
 * PLAIT_EIO, PLAIT_ENOMEM.  Without a recording it does nothing. */
int plait__recorder_stop(const char *folder);

#endif
