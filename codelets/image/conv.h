/* SPDX-License-Identifier: MIT
 * What conv's room, its costs and its kernels for CUDA share. */
#ifndef PLAIT__CONV_H
#define PLAIT__CONV_H

#include "codelets/dnnl/convolution.h"

#include <stddef.h>

struct plait_call;
struct plait_cost;
struct plait_node;

/* The sizes of a convolution of so many samples: node is a conv or one of its gradients, x and y
 * what the conv reads and computes, or nodes of those shapes.  Defined in the room. */
struct plait__convolution plait__conv_sizes(const struct plait_node *node,
					    const struct plait_node *x, const struct plait_node *y,
					    int64_t rows);

/* -- on a GPU -------------------------------------------------------------------------------- */

/* A convolution is a product of matrices: for each pixel of y, the numbers of x in its window are a
 * row of `columns`, in the order of weights: channel, then r and s in the kernel.  So y = columns
 * w^T, dw = dy^T columns, and dx adds up what dy w has for it.  Columns of a piece of the pixels
 * are made at once.  cuDNN, where there is one, does the same without making them. */

/* Each output reads one channel: kernels of its own compute that, without columns. */
static inline bool plait__conv_is_depthwise(const struct plait__convolution *c)
{
	return c->channels == c->groups;
}

/* The window of a pixel is that pixel: x is the columns. */
static inline bool plait__conv_is_pointwise(const struct plait__convolution *c)
{
	return c->kernel[0] == 1 && c->kernel[1] == 1 && c->stride[0] == 1 && c->stride[1] == 1 &&
	       c->padding[0] == 0 && c->padding[1] == 0;
}

/* Length of a row of columns. */
static inline int64_t plait__conv_columns(const struct plait__convolution *c)
{
	return c->channels * c->kernel[0] * c->kernel[1];
}

/* Pixels of y, of one sample. */
static inline int64_t plait__conv_pixels(const struct plait__convolution *c)
{
	return plait__convolution_size(c, 0) * plait__convolution_size(c, 1);
}

/* How many pixels of y are a piece, at most all: those of whole samples, else of whole rows of an
 * image, else any number. */
int64_t plait__conv_piece(const struct plait__convolution *c);

/* Into how many parts the pixels are divided of which a depthwise convolution's dw is the sum. */
int64_t plait__conv_parts(const struct plait__convolution *c);

/* Bytes for columns of a piece; for the partial sums of the product that is dw. */
size_t plait__conv_column_bytes(const struct plait__convolution *c);
size_t plait__conv_partial_bytes(const struct plait__convolution *c);
/* Of both, in that direction; of a depthwise convolution too. */
size_t plait__conv_product_bytes(const struct plait__convolution *c,
				 enum plait__direction direction);

/* Submits what a call of a conv, or of its gradient in a direction, computes.  Tensors are the
 * call's: its inputs are x, w and b, or dy and w, or dy and x.  There is at least one sample.
 * Returns what an op's cuda does. */
int plait__conv_by_columns(const struct plait_call *call, const struct plait__convolution *c,
			   enum plait__direction direction);

/* The same by cuDNN; *refusal: 0, or why it is not, and then nothing is submitted that matters:
 * cuDNN's status, or PLAIT__NOT_ASKED, as in a build without it.  A status that it fails with is
 * returned below 0, and is -1001 at most. */
enum { PLAIT__NOT_ASKED = -1 };
int plait__conv_by_cudnn(const struct plait_call *call, const struct plait__convolution *c,
			 enum plait__direction direction, int *refusal);

/* Bytes of the call's scratch that cuDNN may want, no fewer than products do; 0 where it is not
 * asked. */
size_t plait__conv_cudnn_scratch(const struct plait__convolution *c,
				 enum plait__direction direction);

/* Frees what is kept for cuDNN.  Streams still exist, and have no work. */
void plait__conv_cudnn_close(void);

/* Of the records; those of memory are there where CUDA is compiled in. */
size_t plait__conv_scratch(const struct plait_node *y, int64_t rows);
size_t plait__conv_bwd_dx_scratch(const struct plait_node *dx, int64_t rows);
size_t plait__conv_bwd_dw_scratch(const struct plait_node *dw, int64_t rows);
void plait__conv_cost(const struct plait_node *y, int64_t rows, struct plait_cost *cost);
void plait__conv_bwd_dx_cost(const struct plait_node *dx, int64_t rows, struct plait_cost *cost);
void plait__conv_bwd_dw_cost(const struct plait_node *dw, int64_t rows, struct plait_cost *cost);
void plait__conv_bwd_db_cost(const struct plait_node *db, int64_t rows, struct plait_cost *cost);

#endif
