/* SPDX-License-Identifier: MIT
 * Whether there is memory for what is about to be made.  The kernel promises more than it has
 * and ends the process when the pages are touched, in the middle of a step; StarPU begins to
 * swap.  So sizes, which are known from the plan, are compared first. */
#ifndef PLAIT__BUDGET_H
#define PLAIT__BUDGET_H

#include "src/program.h"

/* Before plait__store_create allocates.  PLAIT_ENOMEM with the sizes needed and available. */
int plait__budget_check_store(const struct plait__store *store);

/* Before a program with plan and loader makes its memory, on the host and on the GPU.
 * PLAIT_ENOMEM with the sizes needed and available and what to lower. */
int plait__budget_check_program(const struct plait__program *program);

#endif
