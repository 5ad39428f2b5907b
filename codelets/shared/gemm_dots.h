/* SPDX-License-Identifier: MIT
 * Small products by dots, where B is transposed: a vector holds neighbours in a row of A, and its
 * lanes are added at the end. Nothing is turned, so this is better for few rows and for long ones.
 * k >= LANES. */
#ifndef PLAIT__GEMM_DOTS_H
#define PLAIT__GEMM_DOTS_H

#include "codelets/shared/gemm_vectors.h"

/* c[i c_row + j c_column] = the product of row i of x and row j of y, and a bias: x and y are A and
 * B or, where C is narrow, the other way round. */
struct dots {
	int64_t rows, columns, k;
	const float *x, *y;
	const float *bias;
	int64_t bias_row, bias_column;
	float *c;
	int64_t c_row, c_column;
};

INLINE vec load_kept(const float *p, mask keep)
{
	return (vec)((mask)load(p) & keep);
}

INLINE void put(const struct dots *d, int64_t i, int64_t j, float sum)
{
	float bias = d->bias ? d->bias[i * d->bias_row + j * d->bias_column] : 0.0f;

	d->c[i * d->c_row + j * d->c_column] = sum + bias;
}

/* rows and columns are constants where this is called: 1 to 4, and 1, 4 or 8. */
INLINE void dot_tile(int rows, int columns, const struct dots *d, int64_t i, int64_t j)
{
	const int64_t k = d->k;
	const float *x = d->x + i * k, *y = d->y + j * k;
	vec sum[4][8] = { { { 0 } } };
	float out[4][8];
	int64_t l = 0;

	for (; l + LANES <= k; l += LANES)
		UNROLLED (r, rows)
			UNROLLED (q, columns)
				sum[r][q] = MULTIPLY_ADD(load(x + r * k + l), load(y + q * k + l),
							 sum[r][q]);
	if (l < k) { /* the last vector repeats some that are added already: these become 0 */
		mask lane, keep;

		for (int q = 0; q < LANES; q++)
			lane[q] = q;
		keep = lane >= (int32_t)(l + LANES - k);
		l = k - LANES;
		UNROLLED (r, rows)
			UNROLLED (q, columns)
				sum[r][q] = MULTIPLY_ADD(load_kept(x + r * k + l, keep),
							 load_kept(y + q * k + l, keep), sum[r][q]);
	}
	UNROLLED (r, rows)
		UNROLLED (q, (columns + 3) / 4)
			store_four(out[r] + 4 * q, lane_sums(&sum[r][4 * q]));
	for (int r = 0; r < rows; r++)
		for (int q = 0; q < columns; q++)
			put(d, i + r, j + q, out[r][q]);
}

KERNEL all_dots(const struct dots *d)
{
	int64_t i, j = 0, at;

	for (; d->rows == 1 && j + 8 <= d->columns; j += 8)
		dot_tile(1, 8, d, 0, j);
	for (; d->columns >= 4 && j < d->columns; j += 4) {
		at = d->columns - j < 4 ? d->columns - 4 : j;
		for (i = 0; i + 4 <= d->rows; i += 4)
			dot_tile(4, 4, d, i, at);
		for (; i + 2 <= d->rows; i += 2)
			dot_tile(2, 4, d, i, at);
		for (; i < d->rows; i++)
			dot_tile(1, 4, d, i, at);
	}
	for (; j < d->columns; j++)
		for (i = 0; i < d->rows; i++)
			dot_tile(1, 1, d, i, j);
}

INLINE void by_dots(const struct plait__product *p)
{
	struct dots d = { .rows = p->m,
			  .columns = p->n,
			  .k = p->k,
			  .x = p->a,
			  .y = p->b,
			  .bias = p->bias,
			  .bias_column = 1,
			  .c = p->c,
			  .c_row = p->n,
			  .c_column = 1 };

	if (p->n < 4)
		d = (struct dots){ .rows = p->n,
				   .columns = p->m,
				   .k = p->k,
				   .x = p->b,
				   .y = p->a,
				   .bias = p->bias,
				   .bias_row = 1,
				   .c = p->c,
				   .c_row = 1,
				   .c_column = p->n };
	all_dots(&d);
}

#endif
