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
};

/** "auto", "op", "layer", "phase", "step"; "?" for a value that is none. */
PLAIT_API const char *plait_granularity_name(enum plait_granularity granularity);

#ifdef __cplusplus
}
#endif
#endif
