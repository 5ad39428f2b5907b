/* SPDX-License-Identifier: MIT
 * A recorder of tasks by StarPU's task profiling, 0.4 us each where FxT takes 9: for jobs of tiny
 * tasks and for StarPUs without FxT.  Every task of Plait's is submitted through here. */
#ifndef PLAIT__RECORDER_H
#define PLAIT__RECORDER_H

#include "src/base/base.h"

struct starpu_task;

/* Submits a task, which is destroyed if StarPU refuses it (PLAIT_ERUNTIME).  While a recording is
 * made the task's callback is called through it. */
int plait__recorder_submit(struct starpu_task *task);

/* The step that tasks belong to, for StarPU's traces and for this one; -1: none.  Called by
 * whoever submits, between its submissions. */
void plait__recorder_iteration(int64_t number);

/* Records every task submitted from here on, in memory.  StarPU is up. */
void plait__recorder_start(void);

/* Ends the recording, when no task runs any more, and writes it into folder: tasks.rec and
 * trace.rec as StarPU's converter of FxT traces writes them, and workers.rec.  Errors:
 * PLAIT_EIO, PLAIT_ENOMEM.  Without a recording it does nothing. */
int plait__recorder_stop(const char *folder);

#endif
