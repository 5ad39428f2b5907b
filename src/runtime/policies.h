/* SPDX-License-Identifier: MIT
 * Which scheduling policies there are: Plait's own, StarPU's, and those of a library of the
 * user's. */
#ifndef PLAIT__POLICIES_H
#define PLAIT__POLICIES_H

#include "src/base/base.h"

struct starpu_sched_policy;

/* The policy to start StarPU with: wanted, else STARPU_SCHED, else "eager".  library may have it;
 * NULL: that of STARPU_SCHED_LIB, if set.
 * Errors: PLAIT_EINVAL: there is no such policy (the message has the valid names and the nearest
 * one), or the library cannot be used. */
int plait__policy_choose(const char *wanted, const char *library,
			 struct starpu_sched_policy **policy);

#endif
