/* SPDX-License-Identifier: MIT
 * A member while its pool runs: a fitting or a pass (part.c). */
#ifndef PLAIT__PART_H
#define PLAIT__PART_H

#include "src/trainer/fitting.h"
#include "src/trainer/pool/pass.h"
#include <plait/pool.h>

struct plait__part {
	struct plait_pool_member *member;
	struct plait__member_name name;
	char own_name[24]; /* where the program gave none */
	bool holds;        /* its trainer is in this run */
	struct plait__fitting fitting;
	struct plait__pass pass;
	struct plait__member *run; /* NULL: it has no steps to run */
};

/* Opens a member, of which the first three fields are set.  If it has steps to do, run is set to
 * run them. */
void plait__part_open(struct plait__part *part, const struct plait__lenders *lenders,
		      struct plait__member *run);

/* The steps of all are over.  Whether what time has cut of it is to be validated: then run is set
 * to do that. */
bool plait__part_cut(struct plait__part *part, struct plait__member *run);

/* The steps of all are over.  status: of running them at all; begin: starpu_timing_now() before.
 * Fills in what the program is told of the member. */
void plait__part_end(struct plait__part *part, int status, double begin);
void plait__part_close(struct plait__part *part);

/* The bindings that others may share loads with. */
static inline void plait__part_bindings(struct plait__part *part, struct plait__binding *binding[2])
{
	bool fits = part->member->work == PLAIT_POOL_FIT;

	binding[0] = fits ? &part->fitting.train : &part->pass.binding;
	binding[1] = &part->fitting.validation;
}

#endif
