/* SPDX-License-Identifier: MIT
 * Inside an optimizer: its nodes and its numbers for each step. */
#ifndef PLAIT__OPTIMIZER_H
#define PLAIT__OPTIMIZER_H

#include "src/graph/op.h"
#include <plait/optimizer.h>

/* Fills in the defaults of fields that were left out and checks ranges (PLAIT_EINVAL). */
int plait__optimizer_check(struct plait_optimizer *optimizer);

/* Appends the node that updates parameter from gradient; NULL: the graph keeps why. */
struct plait_node *plait__optimizer_append(const struct plait_optimizer *optimizer,
					   struct plait_node *parameter,
					   struct plait_node *gradient);

/* Whether one may take the other's place in a trainer: their nodes are the same, numbers may
 * differ. */
bool plait__optimizer_alike(const struct plait_optimizer *a, const struct plait_optimizer *b);

/* The number that one cycle changes as the momentum, as in torch.optim; NULL: it has none. */
double *plait__optimizer_momentum(struct plait_optimizer *optimizer);

/* The numbers of update t, counted from 1; optimizer is a struct plait_optimizer. */
void plait__optimizer_scalars(const void *optimizer, int64_t t, struct plait_scalars *scalars);

#endif
