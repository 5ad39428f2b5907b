/* SPDX-License-Identifier: MIT
 * Reverse-mode differentiation: appends the nodes that compute gradients. */
#ifndef PLAIT__AUTODIFF_H
#define PLAIT__AUTODIFF_H

#include "src/graph/graph.h"

/* Appends to graph the gradient of its loss by every parameter.  gradient has one entry
 * for each node there is at the call; parameters the loss depends on get theirs, all
 * other entries NULL.  loss_copy, where it is not NULL, receives a copy of the loss that is in
 * parts, as gradients are, the last node of PLAIT_LOSS.  Errors: PLAIT_EINVAL (no loss; an op
 * without a gradient), and what appending met; the graph then keeps the message too. */
int plait__autodiff(struct plait_graph *graph, struct plait_node **gradient,
		    struct plait_node **loss_copy);

#endif
