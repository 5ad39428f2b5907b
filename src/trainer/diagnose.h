/* SPDX-License-Identifier: MIT
 * Finding where a loss stopped being finite. */
#ifndef PLAIT__DIAGNOSE_H
#define PLAIT__DIAGNOSE_H

#include "src/executor/executor.h"

/* Repeats the forward pass of a step on the host, node by node, with the parameters as they
 * are, and returns PLAIT_ENAN with a message that names the step and the first node with a
 * value that is not finite (or the parameter, or the sample).  step: as
 * plait__executor_drain left it.  slot: the step's batch; NULL: it is loaded again. */
int plait__diagnose(const struct plait__store *store, const struct plait__step *step,
		    const unsigned char *slot);

#endif
