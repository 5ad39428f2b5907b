/* SPDX-License-Identifier: MIT
 * What the rooms share besides plait/op.h: checks of a loss's arguments, and the nodes that losses
 * and optimizers append. */
#ifndef PLAIT__ROOM_H
#define PLAIT__ROOM_H

#include "codelets/ops.h"

/* As plait_op_accepts, for an op that is linear: x may also be a sum over the samples of a batch,
 * as such an op of the parts gives the parts of the result. */
bool plait__op_accepts_parts(const struct plait_op *op, struct plait_node *x);

/* Whether a and b, which op accepts, are values of equal shapes: both of each sample, or both sums
 * over the samples; the graph keeps the error. */
bool plait__op_pair(const struct plait_op *op, const struct plait_node *a,
		    const struct plait_node *b);

/* Whether x, which op accepts, is an image of each sample; the graph keeps the error. */
bool plait__op_accepts_image(const struct plait_op *op, struct plait_node *x);

/* What an elementwise op computes from inputs of one shape: a layer, or of sums over the samples
 * one more of these, which is none. */
struct plait_node *plait__op_elementwise(const struct plait_op *op, int ninputs,
					 struct plait_node *const *input, int nattr,
					 const double *attr);

/* y of x's shape, whose rows op computes from those of x: see plait__columns(). */
struct plait_node *plait__op_by_row(struct plait_node *x, const struct plait_op *op);

/* Reads the argument of a word, a finite number.  what: what the word takes, for the message; the
 * graph keeps the error. */
bool plait__op_number(struct plait_node *x, const char *word, const char *arguments,
		      const char *what, float *number);

/* Whether x is [C] and labels are the graph's class labels; the graph keeps the error. */
bool plait__op_labelled(const struct plait_op *op, struct plait_node *x, struct plait_node *labels);

/* Whether a sample has as many targets as x has elements, no matter their shapes; the graph keeps
 * the error. */
bool plait__op_targeted(const struct plait_op *op, struct plait_node *x,
			struct plait_node *targets);

/* Whether weights are the graph's; the graph keeps the error. */
bool plait__op_weighted(const struct plait_op *op, struct plait_node *weights);

/* The scalar loss that spec describes: op, attributes and inputs, which the room has checked. These
 * are x, what is wanted, and those of weights of samples and of classes that there are. The first
 * loss of a graph becomes its loss, unless plait_loss() says otherwise, and the accuracy is that of
 * the first loss of class labels. */
struct plait_node *plait__op_append_loss(struct plait_node_spec *spec);

/* The gradient of such a y by x: op(the inputs of y, dy), without dy where it is NULL. */
struct plait_node *plait__op_loss_gradient(struct plait_node *y, struct plait_node *dy,
					   const struct plait_op *op);

/* A node that reads gradients of the whole batch, not of a part, and so is none of one. */
struct plait_node *plait__op_whole(struct plait_node_spec *spec);

/* An update node: spec gives op, inputs (parameter, gradient, state) and attributes.  Where the
 * graph clips, that is one more input. */
struct plait_node *plait__op_update(struct plait_node_spec *spec);

/* x with all dimensions of a sample made one, as the word linear needs it; x itself if it has
 * one dimension. The node is not counted among the layers. */
struct plait_node *plait__flatten(struct plait_node *x);

/* x [H,W] as the one channel [1,H,W] of an image, as words of images need it; another x itself.  No
 * layer either. */
struct plait_node *plait__image(struct plait_node *x);

#endif
