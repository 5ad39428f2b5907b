/* SPDX-License-Identifier: MIT
 * What conv_batchnorm's room and its kernel for CUDA share. */
#ifndef PLAIT__CONV_BATCHNORM_H
#define PLAIT__CONV_BATCHNORM_H

#include "codelets/dnnl/normalization.h"
#include "codelets/image/conv.h"
#include "src/graph/op.h"

/* What it reads behind x, w and, where the convolution has one, its bias. */
enum {
	PLAIT__FOLDED_MEAN,
	PLAIT__FOLDED_VAR,
	PLAIT__FOLDED_WEIGHT,
	PLAIT__FOLDED_SHIFT,
	PLAIT__FOLDED
};

/* The node of conv, a convolution, with a batchnorm behind it: read are the batchnorm's running
 * mean and variance, weight and bias, in this order.  NULL with an error of the graph. */
struct plait_node *plait__conv_batchnorm(struct plait_node *conv,
					 struct plait_node *const read[PLAIT__FOLDED], double eps);

/* The convolution in y, whose copy shares what y has in its lists.  scales: w is scaled, and there
 * is a bias, which is input 2; else there is one if the convolution has one itself. */
struct plait_node plait__folded_conv(const struct plait_node *y, bool scales);

static inline bool plait__folded_has_bias(const struct plait_node *y)
{
	return y->ninputs > 2 + PLAIT__FOLDED;
}

/* The convolution's own bias, or NULL. */
static inline const float *plait__folded_bias(const struct plait_call *call)
{
	return plait__folded_has_bias(call->node) ? plait__call_floats(call, 2) : NULL;
}

/* The sizes of the convolution, of so many samples. */
struct plait__convolution plait__folded_sizes(const struct plait_node *y, int64_t rows);

static inline struct plait__normalization plait__folded(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	int first = y->ninputs - PLAIT__FOLDED;
	struct plait__normalization n;

	n.mean = plait__call_floats(call, first + PLAIT__FOLDED_MEAN);
	n.var = plait__call_floats(call, first + PLAIT__FOLDED_VAR);
	n.weight = plait__call_floats(call, first + PLAIT__FOLDED_WEIGHT);
	n.shift = plait__call_floats(call, first + PLAIT__FOLDED_SHIFT);
	n.eps = (float)y->attr[y->nattr - 1];
	return n;
}

/* Of the record, where CUDA is compiled in. */
size_t plait__conv_batchnorm_scratch(const struct plait_node *y, int64_t rows);

#endif
