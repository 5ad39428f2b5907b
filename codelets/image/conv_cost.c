/* SPDX-License-Identifier: MIT
 * What convolutions cost: work, and memory for columns and partial sums on a GPU. */
#include "config.h"
#include "codelets/image/conv.h"
#include "codelets/ops.h"

/* -- memory on a GPU -------------------------------------------------------------------------- */

/* Columns of some 10 million numbers keep any GPU of today busy. */
#define COLUMN_BYTES ((size_t)48 << 20)
/* Of the parts that the product dw is added up from, each of so many pixels at least. */
#define PARTIAL_BYTES ((size_t)16 << 20)
#define PARTIAL_PIXELS 256
/* Threads that divide a depthwise dw among themselves at most, and the pixels of each at least. */
#define PART_THREADS ((int64_t)1 << 20)
#define PART_PIXELS 128

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The largest multiple of n up to most; where that is none, most. */
static int64_t whole(int64_t most, int64_t n)
{
	return most < n ? most : most - most % n;
}

int64_t plait__conv_piece(const struct plait__convolution *c)
{
	int64_t image = plait__conv_pixels(c), line = plait__convolution_size(c, 1);
	int64_t fit = (int64_t)(COLUMN_BYTES / sizeof(float)) / plait__conv_columns(c);

	fit = fit < 1 ? 1 : whole(fit, fit < image ? line : image);
	return least(fit, c->rows * image);
}

int64_t plait__conv_parts(const struct plait__convolution *c)
{
	int64_t weights = c->outputs * c->kernel[0] * c->kernel[1];
	int64_t parts =
		least(c->rows * plait__conv_pixels(c) / PART_PIXELS, PART_THREADS / weights);

	return parts < 1 ? 1 : parts;
}

size_t plait__conv_column_bytes(const struct plait__convolution *c)
{
	if (plait__conv_is_depthwise(c) || plait__conv_is_pointwise(c))
		return 0;
	return plait__align((size_t)(plait__conv_piece(c) * plait__conv_columns(c)) *
			    sizeof(float));
}

size_t plait__conv_partial_bytes(const struct plait__convolution *c)
{
	int64_t weights = c->outputs / c->groups * (plait__conv_columns(c) / c->groups);
	int64_t numbers = (int64_t)(PARTIAL_BYTES / sizeof(float));
	int64_t parts = least(c->rows * plait__conv_pixels(c) / PARTIAL_PIXELS, numbers / weights);

	if (plait__conv_is_depthwise(c)) {
		weights = c->outputs * c->kernel[0] * c->kernel[1];
		parts = plait__conv_parts(c);
	}
	return parts > 1 ? plait__align((size_t)(parts * weights) * sizeof(float)) : 0;
}

size_t plait__conv_product_bytes(const struct plait__convolution *c,
				 enum plait__direction direction)
{
	return plait__conv_column_bytes(c) +
	       (direction == PLAIT__BY_WEIGHTS ? plait__conv_partial_bytes(c) : 0);
}

/* -- work ------------------------------------------------------------------------------------- */

/* Of any of the three: each output is the sum of as many products as the kernel has weights. */
static void product_cost(const struct plait_node *x, const struct plait_node *w,
			 const struct plait_node *y, int64_t rows, struct plait_cost *cost)
{
	double weights = (double)plait_node_elements(w), n = (double)rows;
	double outputs = n * (double)plait_node_elements(y);

	cost->flops = 2 * outputs * weights / (double)w->dim[0];
	cost->bytes = (outputs + n * (double)plait_node_elements(x) + weights) *
		      (double)plait_dtype_size(y->dtype);
}

void plait__conv_cost(const struct plait_node *y, int64_t rows, struct plait_cost *cost)
{
	product_cost(y->input[0], y->input[1], y, rows, cost);
}

void plait__conv_bwd_dx_cost(const struct plait_node *dx, int64_t rows, struct plait_cost *cost)
{
	product_cost(dx, dx->input[1], dx->input[0], rows, cost);
}

void plait__conv_bwd_dw_cost(const struct plait_node *dw, int64_t rows, struct plait_cost *cost)
{
	product_cost(dw->input[1], dw, dw->input[0], rows, cost);
}

void plait__conv_bwd_db_cost(const struct plait_node *db, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(db->input[0], rows, 1, 1, cost);
}
