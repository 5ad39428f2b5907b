/* SPDX-License-Identifier: MIT
 * What a graph is cut into.  A section is nodes that follow each other; it becomes a segment for
 * each shard, or one for the whole batch. */
#ifndef PLAIT__SECTIONS_H
#define PLAIT__SECTIONS_H

#include "src/plan/plan.h"

struct plait__section {
	const char *name;       /* one of plan->name */
	enum plait_phase phase; /* of its first node */
	int stage;              /* one of plan->stage */
	bool whole;             /* it updates parameters: it stands once */
	int first, end;         /* its nodes are among these, by id, the last not included */
};

struct plait__sections {
	struct plait__section *section;
	int sections;
	int *of;    /* by node id: which section computes it, -1: none does */
	int *group; /* by node id, as plait__plan_groups has it */
	int *stage; /* by group: one of plan->stage */
};

/* The loss and what reads it are where the last layer is. */
static inline int plait__sections_stage(const struct plait__sections *cut,
					const struct plait__plan *plan,
					const struct plait_node *node)
{
	return cut->group[node->id] < 0 ? plan->stages - 1 : cut->stage[cut->group[node->id]];
}

void plait__sections_free(struct plait__sections *cut);

/* The parts of plait__plan_create, in order; each in its file.  PLAIT_ENOMEM. */
int plait__plan_cut(struct plait__plan *plan, struct plait__sections *cut); /* cut.c */
int plait__plan_schedule(struct plait__plan *plan,
			 const struct plait__sections *cut); /* schedule.c */
int plait__plan_lay_out(struct plait__plan *plan, const struct plait__sections *cut); /* arenas.c */
int plait__plan_order(struct plait__plan *plan);                                      /* order.c */

#endif
