/* SPDX-License-Identifier: MIT
 * Whether there is memory for what is about to be made.  The kernel promises more than it has
 * and ends the process when the pages are touched, in the middle of a step; StarPU begins to
 * swap.  So sizes, which are known from the plan, are compared first. */
#ifndef PLAIT__EXECUTOR_MEMORY_H
#define PLAIT__EXECUTOR_MEMORY_H

#include "src/executor/binding.h"

/* Before a binding with plan and loader makes its memory, on the host and on the GPU.
 * PLAIT_ENOMEM with the sizes needed and available and what to lower. */
int plait__binding_check_memory(const struct plait__binding *binding);

#endif
