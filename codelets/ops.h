/* SPDX-License-Identifier: MIT
 * The records and CUDA kernels of all ops, and the builders that no public header has. */
#ifndef PLAIT__OPS_H
#define PLAIT__OPS_H

#include "src/graph/op.h"

#include <plait/optimizer.h>

/* All ops. The makefile finds them in the rooms and writes PLAIT__OP(name) for each into ops.def;
 * whoever includes that defines PLAIT__OP before. A room's .cu file defines plait__<op>_cuda, and
 * the op's record names it; it exists only where CUDA is compiled in, and where the op has a
 * kernel. So does plait__<op>_cuda_joint of an op whose record names that. The graph has the record
 * of sources. */
#define PLAIT__OP(name) \
	extern const struct plait_op plait__op_##name; \
	int plait__##name##_cuda(const struct plait_call *call); \
	int plait__##name##_cuda_joint(const struct plait_call *call, int calls, int *done);
#include "codelets/ops.def"
#undef PLAIT__OP

/* Builders that only the trainer uses. accuracy: the number of rows of x [C] whose label is the
 * first maximum. gather: the bits of n values of each sample, behind each other, those of x[i] from
 * plait__gather_offset on. */
struct plait_node *plait__accuracy(struct plait_node *x, struct plait_node *labels);
struct plait_node *plait__gather(int n, struct plait_node *const *x);
int64_t plait__gather_offset(const struct plait_node *y, int i);

/* The rules of optimizers, whose fields are in range (src/gradient/optimizer.c). plait__<rule>
 * appends the node that updates parameter in place, from gradient and from state that it appends.
 * plait__<rule>_scalars makes what update number t (from 1) of such a node reads besides its
 * inputs. */
#define PLAIT__RULE(name) \
	struct plait_node *plait__##name(const struct plait_optimizer *o, \
					 struct plait_node *parameter, \
					 struct plait_node *gradient); \
	void plait__##name##_scalars(const struct plait_optimizer *o, int64_t t, \
				     struct plait_scalars *scalars);
PLAIT__RULE(sgd)
PLAIT__RULE(adam) /* and AdamW */
PLAIT__RULE(rmsprop)
PLAIT__RULE(adagrad)
PLAIT__RULE(nadam)
PLAIT__RULE(lamb)
PLAIT__RULE(lion)
PLAIT__RULE(muon)
#undef PLAIT__RULE

/* What stands between gradients and updates (src/gradient/clip.c).  grad_norm: of one gradient.
 * clip: what updates read, from such norms and, where deviations is not 0, a copy of the loss in
 * parts and outlier_state, which outliers changes after it.  Other numbers that are 0 clip nothing.
 */
struct plait_node *plait__grad_norm(struct plait_node *gradient);
struct plait_node *plait__clip(int ninputs, struct plait_node *const *input, double max_norm,
			       double max_value, double deviations);
struct plait_node *plait__outlier_state(struct plait_graph *graph);
struct plait_node *plait__outliers(struct plait_node *state, struct plait_node *clip);

/* The update of a batchnorm's running values, by what its gradient has appended. */
struct plait_node *plait__batchnorm_update(struct plait_node *batchnorm);

/* Builders of what losses read. constant: numbers, copied. label_weight: how much samples count by
 * their weights, those of classes, where by_class is set, and whether their label is *ignored, so
 * that the mean over all of them is weights' mean: label_weight.c has the formula. Each of the last
 * may be NULL. */
struct plait_node *plait__constant(struct plait_graph *graph, int64_t n, const float *numbers);
struct plait_node *plait__label_weight(struct plait_node *labels, struct plait_node *weights,
				       struct plait_node *class_weights, bool by_class,
				       const int32_t *ignored);

/* Whether a loss of class labels ignores one, and which. */
bool plait__ignores(const struct plait_node *loss, int32_t *label);

/* An image's value of so many samples, copied from one layout to the other on the host. */
void plait__layout_copy(const struct plait_node *node, bool to_channels_last, int64_t rows,
			const float *x, float *y);

/* Whether node, a normalize, has these scales and shifts. */
bool plait__normalize_is(const struct plait_node *node, int channels, const float *scale,
			 const float *shift);

#endif
