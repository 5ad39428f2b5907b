/* SPDX-License-Identifier: MIT
 * What keeps the phases of a step apart where they are not to overlap: a handle without data,
 * which each task of a phase reads and a task between two phases writes.  No waiting, and nothing
 * at all where everything may overlap. */
#ifndef PLAIT__BARRIER_H
#define PLAIT__BARRIER_H

#include <plait/plan.h>
#include <starpu.h>

struct plait__barrier {
	enum plait_overlap overlap;
	starpu_data_handle_t handle; /* NULL: phases may overlap */
	struct starpu_codelet *codelet;
};

/* PLAIT_ENOMEM. */
int plait__barrier_create(struct plait__barrier *barrier, enum plait_overlap overlap);
void plait__barrier_destroy(struct plait__barrier *barrier);

/* The handle that loads read: NULL where they may run ahead. */
starpu_data_handle_t plait__barrier_for_loads(const struct plait__barrier *barrier);

/* Submits what ends a phase: whoever reads the handle from here on waits for all who read it
 * before.  Nothing where phases may overlap.  PLAIT_ERUNTIME. */
int plait__barrier_end_phase(const struct plait__barrier *barrier);

#endif
