/* SPDX-License-Identifier: MIT
 * What a graph is cut into.  A section is nodes that follow each other; it becomes a segment for
 * each shard, or for the whole batch one, or one for each replica. */
#ifndef PLAIT__SECTIONS_H
#define PLAIT__SECTIONS_H

#include "src/plan/plan.h"

struct plait__section {
	const char *name;       /* one of plan->name */
	enum plait_phase phase; /* of its first node */
	int stage;              /* one of plan->stage */
	bool fills;             /* as a segment's */
	bool whole;             /* of the whole batch: it stands once, or once for a replica */
	bool sums;              /* it adds gradients that replicas update by: it stands once */
	int first, end;         /* its nodes are among these, by id, the last not included */
};

struct plait__sections {
	struct plait__section *section;
	int sections;
	int *of;     /* by node id: which section computes it, -1: none does */
	int *group;  /* by node id, as plait__plan_groups has it */
	int *stage;  /* by group: one of plan->stage */
	bool *fills; /* by node id: it is in a section that fills */
	int *bucket; /* by node id: of what is of the whole batch, where there are replicas */
};

/* The loss and its terms, whose layers may be several, are where the last layer is, and so is the
 * gradient of a term: it is no sum over samples, and of no sample either. */
static inline int plait__sections_stage(const struct plait__sections *cut,
					const struct plait__plan *plan,
					const struct plait_node *node)
{
	bool of_term = node->phase == PLAIT_BACKWARD && !node->batched && !node->partial;

	return node->phase == PLAIT_LOSS || of_term || cut->group[node->id] < 0
		       ? plan->stages - 1
		       : cut->stage[cut->group[node->id]];
}

void plait__sections_free(struct plait__sections *cut);

/* The parts of plait__plan_create, in order; each in its file.  PLAIT_ENOMEM. */
int plait__plan_cut(struct plait__plan *plan, struct plait__sections *cut); /* cut.c */
/* pipeline.c.  head: by group, its first layer or node.  others: [nodes], all false. */
int plait__plan_find_stages(struct plait__plan *plan, const struct plait__sections *cut,
			    const struct plait_node *const *head);
void plait__plan_mark_fills(const struct plait__plan *plan, struct plait__sections *cut,
			    bool *others);
int plait__plan_fill_buckets(const struct plait__plan *plan,
			     struct plait__sections *cut); /* replicas.c */
/* Whether updates of the bucket of node `first` need sums that nobody has made before. */
bool plait__plan_bucket_sums(const struct plait__plan *plan, const struct plait__sections *cut,
			     int first);
int plait__plan_schedule(struct plait__plan *plan,
			 const struct plait__sections *cut); /* schedule.c */
int plait__plan_lay_out(struct plait__plan *plan, const struct plait__sections *cut); /* arenas.c */
int plait__plan_order(struct plait__plan *plan);                                      /* order.c */

#endif
