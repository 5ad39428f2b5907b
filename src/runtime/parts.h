/* SPDX-License-Identifier: MIT
 * Between the files of the runtime. */
#ifndef PLAIT__RUNTIME_PARTS_H
#define PLAIT__RUNTIME_PARTS_H

#include <stdbool.h>

struct plait_start_options;

/* Whether no worker can be in a task: nobody has resumed them. */
bool plait__runtime_idle(void);

/* StarPU goes down: what was resumed and not paused is over. */
void plait__runtime_forget_pauses(void);

/* Checks and keeps what options say of GPU memory; so many GPUs compute.  PLAIT_EINVAL. */
int plait__gpu_settings_set(const struct plait_start_options *options, int gpus);

/* What plait_stop frees, when StarPU is down. */
void plait__runtime_free_codelets(void);

/* The scratch memory of all workers, and the record of how long they were busy. */
void plait__runtime_free_workers(void);

#endif
