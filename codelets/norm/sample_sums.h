/* SPDX-License-Identifier: MIT
 * Sums for the kernels of normalization on CPUs: over a row, and over the columns of a matrix.  The
 * vectors are of 8 on every CPU, and sizes alone decide the order of the additions.  Floats are
 * added up some 500 times at most, and the rest is added in double. */
#ifndef PLAIT__SAMPLE_SUMS_H
#define PLAIT__SAMPLE_SUMS_H

#include "codelets/norm/sample.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
/* A loop that must be unrolled: only then are the vectors in it registers. */
#define UNROLLED(i, n) _Pragma("GCC unroll 4") for (int i = 0; i < (n); i++)

#define LANES 8
typedef float vec __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* What is summed: x, (x - mean)^2, dy w, dy w (x - mean).  w may be NULL: 1. */
enum term { VALUE, SQUARE, SLOPE, PRODUCT };

#define ADD_TERM(name, type, memory) \
	INLINE void name(enum term term, const float *x, const float *dy, const float *w, \
			 const type *mean, type *sum) \
	{ \
		type v; \
\
		if (term == VALUE || term == SQUARE) \
			v = *(const memory *)x; \
		else \
			v = *(const memory *)dy; \
		if (term == SQUARE) \
			v = (v - *mean) * (v - *mean); \
		else if (term != VALUE && w) \
			v *= *(const memory *)w; \
		if (term == PRODUCT) \
			v *= *(const memory *)x - *mean; \
		*sum += v; \
	}
ADD_TERM(add_vector, vec, loose)
ADD_TERM(add_one, float, float)
#undef ADD_TERM

INLINE float sum_of_lanes(const vec *v)
{
	float lane[LANES];

	memcpy(lane, v, sizeof lane);
	return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
	       ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

INLINE float sum_of_part(enum term term, int64_t n, const float *x, const float *dy, const float *w,
			 float mean)
{
	vec sum[4] = { { 0 } }, center = mean - (vec){ 0 };
	float rest = 0;
	int64_t i = 0;

	for (; i + 4 * LANES <= n; i += 4 * LANES)
		UNROLLED (k, 4)
			add_vector(term, x + i + k * LANES, dy + i + k * LANES,
				   w ? w + i + k * LANES : NULL, &center, &sum[k]);
	for (; i + LANES <= n; i += LANES)
		add_vector(term, x + i, dy + i, w ? w + i : NULL, &center, &sum[0]);
	for (; i < n; i++)
		add_one(term, x + i, dy + i, w ? w + i : NULL, &mean, &rest);
	sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
	return sum_of_lanes(&sum[0]) + rest;
}

/* Of n numbers in a row. */
INLINE double row_sum(enum term term, int64_t n, const float *x, const float *dy, const float *w,
		      float mean)
{
	const int64_t part = 16384;
	double sum = 0;

	for (int64_t i = 0; i < n; i += part)
		sum += (double)sum_of_part(term, n - i < part ? n - i : part, x + i, dy + i,
					   w ? w + i : NULL, mean);
	return sum;
}

#define STRIP 64 /* columns that kernels take at once at most */

/* to[j]: the sum of column j.  A row of x and dy is m numbers; mean has one for each column.  So
 * many vectors of columns, or one column where they are 0. */
INLINE void add_columns(enum term term, int vectors, int64_t rows, int64_t m, const float *x,
			const float *dy, const float *mean, double *to)
{
	vec sum[4][2] = { { { 0 } } }, center[2] = { { 0 } };
	float one[4] = { 0 }, lane[LANES];

	UNROLLED (k, vectors)
		center[k] = *(const loose *)(mean + k * LANES);
	for (int64_t i = 0; i + 4 <= rows; i += 4)
		UNROLLED (r, 4) {
			const float *xr = x + (i + r) * m, *dyr = dy + (i + r) * m;

			UNROLLED (k, vectors)
				add_vector(term, xr + k * LANES, dyr + k * LANES, NULL, &center[k],
					   &sum[r][k]);
			if (vectors == 0)
				add_one(term, xr, dyr, NULL, mean, &one[r]);
		}
	for (int64_t i = rows / 4 * 4; i < rows; i++) {
		UNROLLED (k, vectors)
			add_vector(term, x + i * m + k * LANES, dy + i * m + k * LANES, NULL,
				   &center[k], &sum[0][k]);
		if (vectors == 0)
			add_one(term, x + i * m, dy + i * m, NULL, mean, &one[0]);
	}
	if (vectors == 0)
		to[0] += (double)((one[0] + one[1]) + (one[2] + one[3]));
	UNROLLED (k, vectors) {
		sum[0][k] = (sum[0][k] + sum[1][k]) + (sum[2][k] + sum[3][k]);
		memcpy(lane, &sum[0][k], sizeof lane);
		for (int l = 0; l < LANES; l++)
			to[k * LANES + l] += (double)lane[l];
	}
}

/* Of so many columns, at most STRIP. */
INLINE void column_sums(enum term term, int64_t rows, int64_t m, int64_t columns, const float *x,
			const float *dy, const float *mean, double *to)
{
	const int64_t part = 1024;

	for (int64_t j = 0; j < columns; j++)
		to[j] = 0;
	for (int64_t i = 0; i < rows; i += part) {
		int64_t some = rows - i < part ? rows - i : part, at = i * m, j = 0;

		for (; j + 2 * LANES <= columns; j += 2 * LANES)
			add_columns(term, 2, some, m, x + at + j, dy + at + j, mean + j, to + j);
		for (; j + LANES <= columns; j += LANES)
			add_columns(term, 1, some, m, x + at + j, dy + at + j, mean + j, to + j);
		for (; j < columns; j++)
			add_columns(term, 0, some, m, x + at + j, dy + at + j, mean + j, to + j);
	}
}

/* -- groups -------------------------------------------------------------------------------------
 */

/* Groups from g on that are taken at once: of one pixel a group is a row; of more they are as many
 * as have STRIP channels together, or one, which may have more. */
INLINE int64_t groups_at_once(const struct plait__sample_norm *s, int64_t g)
{
	int64_t most = s->pixels > 1 && s->width < STRIP ? STRIP / s->width : 1;

	return most < s->groups - g ? most : s->groups - g;
}

/* Columns from column j of these on that are taken at once. */
INLINE int64_t strip_columns(const struct plait__sample_norm *s, int64_t groups, int64_t j)
{
	int64_t left = groups * s->width - j;

	return left < STRIP ? left : STRIP;
}

/* A parameter from channel j on, where there is one. */
INLINE const float *from(const float *parameter, int64_t j)
{
	return parameter ? parameter + j : NULL;
}

/* to[j] = what the group of column j has: its first group of[0], the next of[step] and so on. */
INLINE void spread(const struct plait__sample_norm *s, int64_t columns, int64_t step,
		   const float *of, float *to)
{
	int64_t width = s->width < columns ? s->width : columns;

	for (int64_t i = 0; i * width < columns; i++)
		for (int64_t j = i * width; j < (i + 1) * width; j++)
			to[j] = of[i * step];
}

#endif
