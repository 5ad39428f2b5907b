/* SPDX-License-Identifier: MIT
 * What cross_entropy's room and its kernels for CUDA share. */
#ifndef PLAIT__CROSS_ENTROPY_H
#define PLAIT__CROSS_ENTROPY_H

#include "src/base/scalar.h"

#include "src/graph/op.h"

#include <math.h>
#include <stddef.h>

/* What is wanted of class j where labels are smoothed: w[j] of_each, and of_label w[j] more if it
 * is the label's class.  gamma: of the focal loss; 0: none.  There is one of the two at most. */
struct plait__smoothing {
	float of_label, of_each, gamma;
};

/* of_label is 1, of_each 0, where labels are not smoothed. */
struct plait__smoothing plait__smoothing_of(const struct plait_call *call);

static inline bool plait__smooths(const struct plait_call *call)
{
	return call->node->nattr > 0 && call->node->attr[0] > 0;
}

/* The focal loss multiplies the cross entropy of a row, -log p, by (1 - p)^gamma, p the probability
 * of its label (Lin et al., Focal Loss for Dense Object Detection, 2017, arXiv 1708.02002,
 * equation 4; there p is a sigmoid, here a softmax). */
PLAIT_FORMULA double plait__focal(float gamma, double log_p)
{
	return pow(-expm1(log_p), (double)gamma);
}

/* Its gradient is that of the cross entropy times this: with q = 1 - p,
 * q^gamma - gamma p q^(gamma - 1) log p, where log p / q goes to -1 as p goes to 1. */
PLAIT_FORMULA double plait__focal_gradient(float gamma, double p)
{
	double log_p = log(p), q = -expm1(log_p);
	double ratio = p > 0 ? p * (q > 0 ? -log_p / q : 1.0) : 0.0;

	return p > 0 ? pow(q, (double)gamma) * (1.0 + (double)gamma * ratio) : 1.0;
}

PLAIT_FORMULA float plait__weight_of_class(const float *class_weights, int64_t j)
{
	return class_weights ? class_weights[j] : 1.0f;
}

/* What is wanted of all classes of a row. own: the weight of the label's class; all: of all. */
PLAIT_FORMULA float plait__smoothed_sum(struct plait__smoothing smoothing, float own, float all)
{
	return smoothing.of_label * own + smoothing.of_each * all;
}

/* A row's loss. log_sum: log sum exp(x - max). below: x - max of the label; dot: sum of w (x -
 * max). */
PLAIT_FORMULA double plait__smoothed_loss(struct plait__smoothing smoothing, float own, float all,
					  float log_sum, float below, float dot)
{
	return (double)plait__smoothed_sum(smoothing, own, all) * (double)log_sum -
	       (double)(smoothing.of_label * own) * (double)below -
	       (double)smoothing.of_each * (double)dot;
}

#endif
