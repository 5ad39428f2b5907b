/* SPDX-License-Identifier: MIT
 * Clipping gradients, and leaving out updates. */
#ifndef PLAIT__GRADIENT_CLIP_H
#define PLAIT__GRADIENT_CLIP_H

#include "src/graph/graph.h"

/* What a trainer is to do; 0: not that. */
struct plait__clipping {
	double norm;     /* the largest that all gradients together may have */
	double value;    /* the largest of an element */
	double outliers; /* standard deviations */
};

/* Whether it is right: PLAIT_EINVAL. */
int plait__clip_check(const struct plait__clipping *clipping);

static inline bool plait__clip_wanted(const struct plait__clipping *clipping)
{
	return clipping->norm > 0 || clipping->value > 0 || clipping->outliers > 0;
}

/* Appends what makes the graph's clip node of the gradients, by node id, [nodes], of which there is
 * at least one, and that; loss: a copy of the graph's that is in parts.  Updates that are appended
 * after it are clipped.  Errors: the graph's; PLAIT_ENOMEM. */
int plait__clip_append(struct plait_graph *graph, const struct plait__clipping *clipping, int nodes,
		       struct plait_node *const *gradient, struct plait_node *loss);

#endif
