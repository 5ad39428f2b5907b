/* SPDX-License-Identifier: MIT
 * A batchnorm that takes running values, behind a convolution: what it makes of y is
 * (y - mean) scale + shift, scale = weight / sqrt(var + eps), for each output.  Where an output has
 * few weights, these are multiplied by its scale, and the rest is a bias: then the convolution
 * computes it all.  Else y is changed in its place. */
#ifndef PLAIT__NORMALIZATION_H
#define PLAIT__NORMALIZATION_H

#include "codelets/dnnl/convolution.h"

struct plait__normalization {
	const float *mean, *var, *weight, *shift; /* [O] */
	float eps;
};

/* Whether weights are scaled; the sizes of an image and of a kernel alone decide. */
bool plait__normalization_scales_weights(const struct plait__convolution *c);

/* Scaled weights, and the bias that goes with them.  b: the convolution's own, or NULL. */
void plait__normalization_scale(const struct plait__normalization *n,
				const struct plait__convolution *c, const float *w, const float *b,
				float *scaled, float *bias);

/* Changes y.  scale: memory for a number of each output. */
void plait__normalization_apply(const struct plait__normalization *n,
				const struct plait__convolution *c, float *scale, float *y);

#endif
