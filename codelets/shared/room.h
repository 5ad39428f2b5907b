/* SPDX-License-Identifier: MIT
 * What the rooms share: checks of a builder's arguments, and the nodes that builders and
 * gradient rules append. */
#ifndef PLAIT__ROOM_H
#define PLAIT__ROOM_H

#include "codelets/ops.h"

/* Whether x can be an input of op: a float32 value of a layer or of the loader. False for NULL.
 * False too for labels, weights and a loss; the graph then keeps the error. */
bool plait_op_accepts(const struct plait_op *op, struct plait_node *x);

/* The layer y = op(x), elementwise. */
struct plait_node *plait_op_unary(struct plait_node *x, const struct plait_op *op);

/* Appends what a gradient rule needs: the node dx = op(inputs...) of x's shape, in y's layer,
 * with y's attributes. */
struct plait_node *plait_op_gradient(struct plait_node *y, struct plait_node *x,
				     const struct plait_op *op, int ninputs,
				     struct plait_node *const *inputs);

/* For words that take no arguments. If there are some, the graph keeps the error and the result
 * is false. */
bool plait_op_no_arguments(struct plait_node *x, const char *word, const char *arguments);

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

/* The cost of an op that needs `flops` for each element of node, and reads or writes `arrays`
 * arrays of node's shape. */
void plait_op_cost(const struct plait_node *node, int64_t rows, double flops, double arrays,
		   struct plait_cost *cost);

/* x with all dimensions of a sample made one, as the word linear needs it; x itself if it has
 * one dimension. The node is not counted among the layers. */
struct plait_node *plait__flatten(struct plait_node *x);

#endif
