/* SPDX-License-Identifier: MIT
 * What keeps the phases of a step apart where they are not to overlap: a handle without data,
 * which each task of a phase reads and a task between two phases writes.  No waiting, and nothing
 * at all where everything may overlap. */
#ifndef PLAIT__PHASES_H
#define PLAIT__PHASES_H

#include <plait/plan.h>
#include <starpu.h>

struct plait__phases {
	enum plait_overlap overlap;
	starpu_data_handle_t handle; /* NULL: phases may overlap */
	struct starpu_codelet *barrier;
};

/* PLAIT_ENOMEM. */
int plait__phases_create(struct plait__phases *phases, enum plait_overlap overlap);
void plait__phases_destroy(struct plait__phases *phases);

/* The handle that loads read: NULL where they may run ahead. */
starpu_data_handle_t plait__phases_of_loads(const struct plait__phases *phases);

/* Submits what ends a phase: whoever reads the handle from here on waits for all who read it
 * before.  Nothing where phases may overlap.  PLAIT_ERUNTIME. */
int plait__phases_end(const struct plait__phases *phases);

#endif
