/* SPDX-License-Identifier: MIT
 * What cross_entropy's room and its kernels for CUDA share. */
#ifndef PLAIT__CROSS_ENTROPY_H
#define PLAIT__CROSS_ENTROPY_H

#include "src/base/scalar.h"

#include <stddef.h>

/* What is wanted of class j where labels are smoothed: w[j] of_each, and of_label w[j] more if it
 * is the label's class. */
struct plait__smoothing {
	float of_label, of_each;
};

struct plait_call;
/* of_label is 1, of_each 0, where labels are not smoothed. */
struct plait__smoothing plait__smoothing_of(const struct plait_call *call);

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
