/* SPDX-License-Identifier: MIT
 * The records of all ops, and the builders that no public header has. */
#ifndef PLAIT__OPS_H
#define PLAIT__OPS_H

#include "src/graph/op.h"

/* All ops, by ops.def; sources (parameters and the like) have a record and no kernel. */
#define PLAIT__OP(name) extern const struct plait__op plait__op_##name;
#include "codelets/ops.def"
#undef PLAIT__OP

/* Builders that only the trainer uses.  accuracy: how many rows of x [C] have their
 * label's class as first maximum.  sgd, adam: update parameter in place from gradient and
 * from state they append; rules and meaning as torch.optim's. */
struct plait_node *plait__accuracy(struct plait_node *x, struct plait_node *labels);
struct plait_node *plait__sgd(struct plait_node *parameter, struct plait_node *gradient,
			      double momentum, bool nesterov, double weight_decay);
struct plait_node *plait__adam(struct plait_node *parameter, struct plait_node *gradient,
			       double beta1, double beta2, double eps, double weight_decay,
			       bool decoupled);

/* Whether a plait_normalize does just this. */
bool plait__normalize_is(const struct plait_node *node, int channels, const float *scale,
			 const float *shift);

#endif
