/* SPDX-License-Identifier: MIT
 * What the rooms share besides plait/op.h: checks of a loss's arguments, and the nodes that losses
 * and optimizers append. */
#ifndef PLAIT__ROOM_H
#define PLAIT__ROOM_H

#include "codelets/ops.h"

/* Whether x is [C] and labels are the graph's class labels; the graph keeps the error. */
bool plait__op_labelled(const struct plait_op *op, struct plait_node *x, struct plait_node *labels);

/* Whether weights are the graph's; the graph keeps the error. */
bool plait__op_weighted(const struct plait_op *op, struct plait_node *weights);

/* The scalar loss = op(x, wanted, weights), which becomes the graph's loss. The room has checked
 * the three. weights NULL: op(x, wanted), where each sample counts as 1. */
struct plait_node *plait__op_loss(struct plait_node *x, struct plait_node *wanted,
				  struct plait_node *weights, const struct plait_op *op);

/* An update node: spec gives op, inputs (parameter, gradient, state) and attributes. */
struct plait_node *plait__op_update(struct plait_node_spec *spec);

/* x with all dimensions of a sample made one, as the word linear needs it; x itself if it has
 * one dimension. The node is not counted among the layers. */
struct plait_node *plait__flatten(struct plait_node *x);

#endif
