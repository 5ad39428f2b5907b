/* SPDX-License-Identifier: MIT
 * Whether there is memory for what is about to be made.  The kernel promises more than it has
 * and ends the process when the pages are touched, in the middle of a step; StarPU begins to
 * swap.  So sizes, which are known from the plan, are compared first. */
#ifndef PLAIT__EXECUTOR_MEMORY_H
#define PLAIT__EXECUTOR_MEMORY_H

#include "src/plan/plan.h"

/* Called before a binding makes its memory, with the slots of its loader and the steps that may
 * be in flight.  PLAIT_ENOMEM names the sizes needed and available and what to lower. */
int plait__binding_check_memory(const struct plait__plan *plan, int slots, int window, bool on_gpu);

#endif
