/* SPDX-License-Identifier: MIT
 * What a plan's steps would take on some workers: a list schedule of its segments. */
#ifndef PLAIT__SIMULATE_H
#define PLAIT__SIMULATE_H

#include "src/plan/plan.h"

/* What StarPU spends on a task, besides the task's own: the first where a CPU has StarPU's data in
 * its caches, and up to the second more if tasks have driven them out, as those do that pass
 * PLAIT__COLD_BYTES or more through the caches (doc/starpu.md has the measurement). */
#define PLAIT__TASK_SECONDS 3e-6
#define PLAIT__COLD_SECONDS 14e-6
#define PLAIT__COLD_BYTES 1e6

struct plait__machine {
	int cpus, gpus;      /* workers; where there is a GPU, what is not placed is there */
	const int *gpu;      /* [gpus]: their numbers; NULL: 0, 1, 2 ... */
	double task_seconds; /* PLAIT__TASK_SECONDS, or what there is of it in each task */
	double cold_seconds; /* PLAIT__COLD_SECONDS, likewise */
};

struct plait__prediction {
	double step_seconds; /* from the end of a step to that of the next, once steps overlap */
	double work_seconds; /* of all segments of a step */
	int workers;         /* that have something to do */
};

/* The part of the workers' time in which they wait. */
static inline double plait__prediction_bubble(const struct plait__prediction *p)
{
	return 1 - p->work_seconds / (p->workers * p->step_seconds);
}

/* Seconds of each segment, by what its calls cost: [segments]. */
void plait__plan_estimate(const struct plait__plan *plan, double *seconds);

/* Lets several steps follow each other.  A task starts when those are over that its handles wait
 * for, on the first free worker that may run it, the highest priority first; batches are always
 * there.  seconds: [segments].  PLAIT_ENOMEM. */
int plait__plan_simulate(const struct plait__plan *plan, const double *seconds,
			 const struct plait__machine *machine,
			 struct plait__prediction *prediction);

/* The stages, and what both schedules would be like: what --print-plan shows of a pipeline.  slot:
 * the plan's, which it does not keep.  PLAIT_ENOMEM. */
int plait__plan_print_pipeline(const struct plait__plan *plan,
			       const struct plait__slot_layout *slot,
			       const struct plait__machine *machine, FILE *file);

#endif
