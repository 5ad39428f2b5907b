/* SPDX-License-Identifier: MIT
 * A step in flight: what its tasks share, from submission to completion. */
#ifndef PLAIT__STEP_H
#define PLAIT__STEP_H

#include "src/executor/binding.h"

struct plait__executor;

/* A step in flight.  Filled when it is submitted; the last three when it is done. */
struct plait__step {
	struct plait__executor *executor;
	int64_t *halted; /* the run's: number of the first halted step, or -1; atomic */
	struct plait__binding *binding;
	int64_t number; /* in the whole run, of all bindings */
	int entry;      /* in the window: number mod its length */
	int64_t count;  /* of the binding's own steps */
	int64_t epoch, batch, rows;
	struct plait_scalars scalars;
	struct plait__load load;
	int pending; /* tasks that have yet to report; atomic */
	bool done;
	double end; /* starpu_timing_now() when its last task was done */
	float loss; /* mean over the batch */
	int64_t correct;
};

/* Microseconds of them in which the step's batch was not there yet, when the step before was done
 * at `previous`. */
static inline double plait__step_wait(const struct plait__step *step, double previous)
{
	return step->load.end > previous ? step->load.end - previous : 0;
}

/* For segment bodies: whether a step's updates are to be left out, and to say that they are from
 * this step on. */
bool plait__step_halted(const struct plait__step *step);
void plait__step_halt(const struct plait__step *step);

#endif
