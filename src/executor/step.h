/* SPDX-License-Identifier: MIT
 * Steps in flight.  A burst is what the executor submits at once: a load, and the tasks of one
 * step or, where a step is too small for a task of its own, of several that follow each other. */
#ifndef PLAIT__STEP_H
#define PLAIT__STEP_H

#include "src/executor/binding.h"

struct plait__executor;
struct plait__burst;
struct plait__reader;

/* A step.  Filled when its burst is submitted; those from end on when that is done. */
struct plait__step {
	struct plait__burst *burst;
	struct plait__binding *binding;
	int64_t number; /* in the whole run, of all bindings */
	int64_t count;  /* of the binding's own steps */
	int64_t epoch, batch, rows;
	struct plait_scalars scalars;
	double end; /* starpu_timing_now() when it was done; a burst's time is shared out evenly */
	float loss; /* mean over the batch */
	int64_t correct;
	float metric[PLAIT_MAX_METRICS]; /* of the batch, as the loss */
	float grad_norm; /* of all gradients, before they were clipped; NaN where none are */
	bool skipped;    /* its update was left out as an outlier's */
};

/* Steps that are submitted together: of one binding and one epoch. */
struct plait__burst {
	struct plait__executor *executor;
	int64_t *halted; /* the run's: number of the first halted step, or -1; atomic */
	struct plait__binding *binding;
	int entry;                /* in the window */
	int steps;                /* at most binding->steps */
	struct plait__step *step; /* [steps] */
	struct plait__load *load; /* of all their batches: own_load, or one that others read too */
	struct plait__load own_load;
	struct plait__reader *reader; /* of a load that others read too; or NULL */
	int pending;                  /* tasks that have yet to report; atomic */
	bool done;
	double end; /* starpu_timing_now() when its last task was told to be done, then when it was
		     */
};

static inline int plait__step_place(const struct plait__step *step)
{
	return (int)(step - step->burst->step);
}

/* 0, or why the step's batch could not be made. */
static inline int plait__step_status(const struct plait__step *step)
{
	const struct plait__load *load = step->burst->load;

	return load->status < 0 && plait__step_place(step) >= load->failed ? load->status : 0;
}

/* Samples of the step's batch that count. */
static inline int64_t plait__step_valid(const struct plait__step *step)
{
	return step->burst->load->valid[plait__step_place(step)];
}

/* The memory of result r of a step. */
static inline unsigned char *plait__step_result(const struct plait__step *step, int r)
{
	const struct plait__binding *binding = step->binding;
	size_t entry = (size_t)(step->burst->entry * binding->plan->results + r);

	return binding->result_memory[entry] +
	       binding->result_bytes * (size_t)plait__step_place(step);
}

/* Microseconds in which the step's batch was not there yet, when the step before was done at
 * `previous`. */
static inline double plait__step_wait(const struct plait__step *step, double previous)
{
	double loaded = step->burst->load->end;

	return loaded > previous ? loaded - previous : 0;
}

/* When a burst that was told to be done was so.  Callbacks come late where workers are held up, so
 * on CPUs it is the end of the last kernel; on a GPU only callbacks tell. */
double plait__burst_end(const struct plait__burst *burst);

/* Takes the loss and the metrics of a step that is done from its results. */
void plait__step_read(struct plait__step *step);

/* Microseconds that CPU workers spent computing a step that is done. */
double plait__step_microseconds(const struct plait__step *step);

/* For segment bodies: whether a step's updates are to be left out, and to say that they are from
 * this step on. */
bool plait__step_halted(const struct plait__step *step);
void plait__step_halt(const struct plait__step *step);

#endif
