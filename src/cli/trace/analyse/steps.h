/* SPDX-License-Identifier: MIT
 * The steps of an interval: from the first task that computes for one to the last.  Steps that one
 * task computes are one entry. */
#ifndef PLAIT_CLI_TRACE_STEPS_H
#define PLAIT_CLI_TRACE_STEPS_H

#include "src/cli/trace/read/timeline.h"

struct cli_step {
	int64_t step; /* from 1 */
	int steps;    /* that begin with it */
	double start, end;
	int64_t tasks; /* that compute for it */
};

struct cli_steps {
	struct cli_step *step; /* by begin */
	int64_t count;
	size_t room;
};

/* Returns an exit status; free them then. */
int cli_steps_find(struct cli_steps *steps, const struct cli_timeline *tl);
void cli_steps_free(struct cli_steps *steps);

#endif
