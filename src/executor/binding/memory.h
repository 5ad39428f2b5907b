/* SPDX-License-Identifier: MIT
 * Whether there is memory for what is about to be made.  The kernel promises more than it has
 * and ends the process when the pages are touched, in the middle of a step.  So sizes, which are
 * known from the plan, are compared first. */
#ifndef PLAIT__EXECUTOR_MEMORY_H
#define PLAIT__EXECUTOR_MEMORY_H

#include "src/executor/gpu.h"
#include "src/plan/plan.h"

#include <stdio.h>

struct plait__binding;
struct plait__binding_options;
struct plait__lenders;
struct plait__store;

/* Called when the plans and the slots of the loaders are known, and before memory is made: compares
 * what the run needs of main memory, and takes what it needs of the memory of GPUs (binding->gpu).
 * PLAIT_ENOMEM names the sizes needed and available and what to lower, and where a GPU has too
 * little which of several it is and the largest batch with which all bindings fit; store and
 * options, of plait__bindings_create, are for that. */
int plait__bindings_take_memory(struct plait__binding *const *binding, int bindings,
				const struct plait__store *store,
				const struct plait__binding_options *options);

/* What a binding takes of main memory; what bindings that live at once take of a GPU; what of it is
 * to be taken for one of them (use.c). */
struct plait__memory_use plait__binding_main_use(const struct plait__binding *binding);
struct plait__memory_use plait__bindings_gpu_use(struct plait__binding *const *binding,
						 int bindings, int device);
struct plait__gpu_need plait__binding_gpu_need(const struct plait__binding *binding, int device);

/* Whether main memory has room for the bindings of a run, and where there are others of its pool
 * for all of them (main_memory.c).  PLAIT_ENOMEM. */
int plait__bindings_check_main(struct plait__binding *const *binding, int bindings,
			       const struct plait__lenders *lenders);

/* Writes the plan of the first of some bindings that live at once, and what memory all of them
 * take. */
int plait__bindings_print(struct plait__binding *const *binding, int bindings, FILE *file);

#endif
