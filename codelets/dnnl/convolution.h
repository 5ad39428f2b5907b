/* SPDX-License-Identifier: MIT
 * Convolutions of images on the CPU, by oneDNN, in the calling thread.
 *
 * x: [N,H,W,C] and y: [N,P,Q,O] are channels_last, as PyTorch calls it: the channels of a pixel are
 * neighbours. w: [O,C/groups,R,S], as PyTorch stores it. */
#ifndef PLAIT__CONVOLUTION_H
#define PLAIT__CONVOLUTION_H

#include <plait/tensor.h>
#include <stdbool.h>
#include <stdint.h>

/* Sizes; of a pair, the first is along the height.  No padding bytes: compared as memory. */
struct plait__convolution {
	int64_t rows, channels, height, width, outputs, groups;
	int64_t kernel[2], stride[2], padding[2], dilation[2];
};

/* Height (axis 0) or width (1) of y; below 1: the kernel does not fit in the image. */
int64_t plait__convolution_size(const struct plait__convolution *c, int axis);

enum plait__direction { PLAIT__FORWARD, PLAIT__BY_DATA, PLAIT__BY_WEIGHTS };

/* Generates the code that calls with these sizes run, of which all threads then have it. */
void plait__convolution_warm_up(enum plait_precision precision, const struct plait__convolution *c,
				enum plait__direction direction, bool bias);

/* With PLAIT_PRECISION_BF16 what is multiplied is rounded to bfloat16 before, but no bias; CPUs
 * that have plait_cpu_has_bf16() multiply it as such where oneDNN can, others as floats.
 *
 * y = x * w + b; b: [O] or NULL.  All three compute each element in an order that the sizes alone
 * decide, and do nothing for 0 rows, but that by_weights then writes 0 unless it adds.  The first
 * call of a thread for some sizes generates code and takes memory, which later ones find. */
void plait__convolution_forward(enum plait_precision precision, const struct plait__convolution *c,
				const float *x, const float *w, const float *b, float *y);
/* y = (x * w + b, normalized): codelets/dnnl/normalization.h. */
struct plait__normalization;
void plait__convolution_normalized(enum plait_precision precision,
				   const struct plait__convolution *c, const float *x,
				   const float *w, const float *b,
				   const struct plait__normalization *n, float *y);
/* dx from dy. */
void plait__convolution_by_data(enum plait_precision precision, const struct plait__convolution *c,
				const float *dy, const float *w, float *dx);
/* dw from x and dy; adds: to what dw holds. */
void plait__convolution_by_weights(enum plait_precision precision,
				   const struct plait__convolution *c, const float *x,
				   const float *dy, bool adds, float *dw);

#endif
