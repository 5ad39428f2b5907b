/* SPDX-License-Identifier: MIT
 * How a step is cut into StarPU tasks. */
#ifndef PLAIT_PLAN_H
#define PLAIT_PLAN_H

#include <plait/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The grain of scheduling: how many nodes make one StarPU task.  On the CPU the losses of
 *  a run are bitwise the same at every granularity. */
enum plait_granularity {
	PLAIT_GRANULARITY_AUTO =
		0, /* the plan chooses: coarse where tasks would cost more than they do */
	PLAIT_GRANULARITY_OP,    /* each node */
	PLAIT_GRANULARITY_LAYER, /* a layer with its activation; forward, backward, update apart */
	PLAIT_GRANULARITY_PHASE, /* forward | backward | update */
	PLAIT_GRANULARITY_STEP,  /* all of a step but its load */
	PLAIT_GRANULARITY_RUN,   /* several steps, one after another, and one load for them */
};

/** "auto", "op", "layer", "phase", "step", "run"; "?" for a value that is none. */
PLAIT_API const char *plait_granularity_name(enum plait_granularity granularity);

/** What may go on beside what.  The losses of a run are bitwise the same. */
enum plait_overlap {
	PLAIT_OVERLAP_FULL = 0, /* all that data dependencies allow */
	PLAIT_OVERLAP_LOAD,     /* loads run ahead; forward, loss, backward and update of one step
				 * end before the next of them begins */
	PLAIT_OVERLAP_OFF,      /* so does loading: the step's before its forward, which is over
				 * before the next step's loading begins */
};

/** Which microbatches are on their way at once.  The losses of a run are bitwise the same. */
enum plait_pipeline_schedule {
	PLAIT_PIPELINE_1F1B = 0, /* a stage begins as many as there are stages from it on; then one
				  * backward pass lets one forward pass begin */
	PLAIT_PIPELINE_GPIPE,    /* all of them; their values need memory at once */
};

/** "1f1b", "gpipe"; "?" for a value that is none. */
PLAIT_API const char *plait_pipeline_schedule_name(enum plait_pipeline_schedule schedule);

/** "full", "load", "off"; "?" for a value that is none. */
PLAIT_API const char *plait_overlap_name(enum plait_overlap overlap);

#ifdef __cplusplus
}
#endif
#endif
