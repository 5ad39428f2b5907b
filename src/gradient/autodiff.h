/* SPDX-License-Identifier: MIT
 * Reverse-mode differentiation: appends the nodes that compute gradients. */
#ifndef PLAIT__AUTODIFF_H
#define PLAIT__AUTODIFF_H

#include "src/graph/graph.h"

/* Appends to graph the gradient of its loss by every parameter.  gradient has one entry
 * for each node there is at the call; parameters the loss depends on get theirs, all
 * other entries NULL.  Errors: PLAIT_EINVAL (no loss; an op without a gradient), and
 * what appending met; the graph then keeps the message too. */
int plait__autodiff(struct plait_graph *graph, struct plait_node **gradient);

#endif
