/* SPDX-License-Identifier: MIT
 * Whether a plan keeps what the executor relies on. */
#ifndef PLAIT__VALIDATE_H
#define PLAIT__VALIDATE_H

#include "src/plan/plan.h"

/* Checks that ranges of the store do not overlap; that calls and uses of the segments follow each
 * other; that a segment uses an arena once; that operands are aligned and inside their arena; that
 * every value is written before it is read, in the order of submission, and only where the use
 * says that it writes.  Takes time linear in calls and bytes.  PLAIT_ESTATE with the segment and
 * the invariant; PLAIT_ENOMEM. */
int plait__plan_validate(const struct plait__plan *plan);

#endif
