/* SPDX-License-Identifier: MIT
 * What of a graph is computed in steps of a mode. */
#ifndef PLAIT__MODE_H
#define PLAIT__MODE_H

#include "src/graph/op.h"

enum plait__mode {
	PLAIT__TRAIN = 1, /* forward, loss, backward, update */
	PLAIT__EVALUATE,  /* forward, loss */
	PLAIT__PREDICT,   /* forward; the result is the network's output */
};

/* What node's value is made of in steps of this mode, *n nodes: its inputs, or its stand-in. */
static inline struct plait_node *const *plait__made_of(const struct plait_node *node,
						       enum plait__mode mode, int *n)
{
	bool stand_in = node->stand_in && mode != PLAIT__TRAIN;

	*n = stand_in ? 1 : node->ninputs;
	return stand_in ? &node->stand_in : node->input;
}

/* Whether in steps of this mode node only shows the memory of the first of these. */
static inline bool plait__is_view(const struct plait_node *node, enum plait__mode mode)
{
	return node->op->view ||
	       (mode != PLAIT__TRAIN && (node->op->training_only || node->stand_in));
}

/* Whether a kernel is called for node, if something needs its value. */
static inline bool plait__node_runs(const struct plait_node *node, enum plait__mode mode)
{
	return node->phase != PLAIT_SOURCE && !plait__is_view(node, mode) &&
	       !(mode == PLAIT__TRAIN && node->stands_in);
}

/* The node whose memory a view shows. */
static inline const struct plait_node *plait__resolve(const struct plait_node *node,
						      enum plait__mode mode)
{
	int n;

	while (plait__is_view(node, mode))
		node = plait__made_of(node, mode, &n)[0];
	return node;
}

#endif
