/* SPDX-License-Identifier: MIT
 * Small products by tiles: a vector holds neighbours in a row of C, and each sum runs from the
 * first of k to the last, whatever tile it is in. A transposed B is turned first, some columns at
 * a time. */
#ifndef PLAIT__GEMM_TILES_H
#define PLAIT__GEMM_TILES_H

#include "codelets/shared/gemm_vectors.h"
#include "src/base/assert.h"

/* Neighbouring columns of B and C, at most so many as a tile is wide. Its last vector ends with
 * them and may repeat a part of the one before: no tile reaches over an edge. */
struct panel {
	int64_t column; /* the first one */
	int64_t last;   /* from there to the last vector */
	const float *b; /* the first column; its rows are `stride` apart */
	int64_t stride;
	const float *bias; /* of the first column, or NULL */
};

/* From the panel's first column to the first of a tile's vector w. */
INLINE int64_t at(int w, int wide, int64_t last)
{
	return w == wide - 1 ? last : w * LANES;
}

/* Where a C that is narrower than a vector ends before the vectors of its last rows. */
INLINE void store_part(float *c, int64_t n, vec v)
{
	float part[LANES];

	store(part, v);
	for (int64_t j = 0; j < n && j < LANES; j++)
		c[j] = part[j];
}

/* C's rows from i on, in the panel. rows and wide are constants where this is called. */
INLINE void tile(int rows, int wide, const struct plait__product *p, const struct panel *panel,
		 int64_t i)
{
	const int64_t n = p->n, row = p->a_row, step = p->a_step, stride = panel->stride;
	const int64_t last = panel->last;
	const float *a = p->a + i * row, *b = panel->b;
	float *c = p->c + i * n + panel->column;
	vec sum[8][8] = { { { 0 } } }, factor[8];

	for (int64_t l = 0; l < p->k; l++, a += step, b += stride) {
		UNROLLED (w, wide)
			factor[w] = load(b + at(w, wide, last));
		UNROLLED (r, rows)
			UNROLLED (w, wide)
				sum[r][w] = MULTIPLY_ADD(all(a[r * row]), factor[w], sum[r][w]);
	}
	if (panel->bias)
		UNROLLED (r, rows)
			UNROLLED (w, wide)
				sum[r][w] += load(panel->bias + at(w, wide, last));
	if (c + (rows - 1) * n + last + LANES <= p->c + p->m * n)
		UNROLLED (r, rows)
			UNROLLED (w, wide)
				store(c + r * n + at(w, wide, last), sum[r][w]);
	else
		UNROLLED (r, rows)
			store_part(c + r * n, n, sum[r][0]);
}

/* The panel's tiles have `most` rows or somewhat less, evenly. */
INLINE void tiles(int most, int wide, const struct plait__product *p, const struct panel *panel)
{
	unsigned left = (unsigned)p->m, count = (left + (unsigned)most - 1) / (unsigned)most;
	unsigned rows = left / count, longer = left % count;
	int64_t i = 0;

	for (unsigned t = 0; t < count; t++) {
		unsigned now = rows + (t < longer);

		switch (now) {
		case 1:
			tile(1, wide, p, panel, i);
			break;
		case 2:
			tile(2, wide, p, panel, i);
			break;
		case 3:
			tile(3, wide, p, panel, i);
			break;
		case 4:
			tile(4, wide, p, panel, i);
			break;
		case 5:
			tile(5, wide, p, panel, i);
			break;
		case 6:
			tile(6, wide, p, panel, i);
			break;
		case 7:
			if (most > 6)
				tile(7, wide, p, panel, i);
			break;
		case 8:
			if (most > 6)
				tile(8, wide, p, panel, i);
			break;
		}
		i += now;
	}
}

/* With one or two rows, tiles are wide: else an addition would wait for the one before. */
KERNEL one_row(int wide, const struct plait__product *p, const struct panel *panel)
{
	switch (wide) {
	case 1:
		tile(1, 1, p, panel, 0);
		break;
	case 2:
		tile(1, 2, p, panel, 0);
		break;
	case 3:
		tile(1, 3, p, panel, 0);
		break;
	case 4:
		tile(1, 4, p, panel, 0);
		break;
	case 5:
		tile(1, 5, p, panel, 0);
		break;
	case 6:
		tile(1, 6, p, panel, 0);
		break;
	case 7:
		tile(1, 7, p, panel, 0);
		break;
	case 8:
		tile(1, 8, p, panel, 0);
		break;
	}
}

KERNEL two_rows(int wide, const struct plait__product *p, const struct panel *panel)
{
	switch (wide) {
	case 1:
		tile(2, 1, p, panel, 0);
		break;
	case 2:
		tile(2, 2, p, panel, 0);
		break;
	case 3:
		tile(2, 3, p, panel, 0);
		break;
	case 4:
		tile(2, 4, p, panel, 0);
		break;
	}
}

KERNEL more_rows(int wide, const struct plait__product *p, const struct panel *panel)
{
	if (wide == 1)
		tiles(8, 1, p, panel);
	else
		tiles(MOST_ROWS, 2, p, panel);
}

/* Four rows of four become columns. */
INLINE void turn_four(const float *b, int64_t k, float *to, int64_t width)
{
	four r0 = load_four(b), r1 = load_four(b + k);
	four r2 = load_four(b + 2 * k), r3 = load_four(b + 3 * k);
	four x0 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
	four x1 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
	four y0 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
	four y1 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);

	store_four(to, __builtin_shufflevector(x0, y0, 0, 1, 4, 5));
	store_four(to + width, __builtin_shufflevector(x0, y0, 2, 3, 6, 7));
	store_four(to + 2 * width, __builtin_shufflevector(x1, y1, 0, 1, 4, 5));
	store_four(to + 3 * width, __builtin_shufflevector(x1, y1, 2, 3, 6, 7));
}

/* b: [width,k] becomes to: [k,width]. */
KERNEL turn(const float *b, int64_t k, int64_t width, float *to)
{
	PLAIT__ASSERT(k * width <= PLAIT__SMALL_B, "what is turned fits in its buffer");
	if (k < 4 || width < 4) {
		for (int64_t j = 0; j < width; j++)
			for (int64_t l = 0; l < k; l++)
				to[l * width + j] = b[j * k + l];
		return;
	}
	for (int64_t h = 0; h < width; h += 4) {
		int64_t j = width - h < 4 ? width - 4 : h;

		for (int64_t i = 0; i < k; i += 4) {
			int64_t l = k - i < 4 ? k - 4 : i;

			turn_four(b + j * k + l, k, to + l * width + j, width);
		}
	}
}

/* n < LANES. Rows of B and C are read and written as whole vectors, which reach into the rows that
 * follow: those of C are written later, and B is copied to where there is room behind it. */
INLINE void narrow_tiles(const struct plait__product *p)
{
	float copy[PLAIT__SMALL_B + LANES], bias[LANES] = { 0 };
	const int64_t n = p->n, k = p->k;
	struct panel panel = { .b = copy, .stride = n };

	PLAIT__ASSERT(n * k <= PLAIT__SMALL_B, "a narrow B fits in its buffer");
	if (p->transposed)
		turn(p->b, k, n, copy);
	else
		memcpy(copy, p->b, (size_t)(n * k) * sizeof *copy);
	memset(copy + n * k, 0, LANES * sizeof *copy);
	if (p->bias) {
		memcpy(bias, p->bias, (size_t)n * sizeof *bias);
		panel.bias = bias;
	}
	more_rows(1, p, &panel);
}

/* C's columns from j on, `width` of them, LANES or more. */
INLINE void columns(const struct plait__product *p, int64_t j, int64_t width, float *turned)
{
	int wide = (int)((width + LANES - 1) / LANES);
	struct panel panel = { .column = j,
			       .last = width - LANES,
			       .b = p->b + j,
			       .stride = p->n,
			       .bias = p->bias ? p->bias + j : NULL };

	if (p->transposed) {
		turn(p->b + j * p->k, p->k, width, turned);
		panel.b = turned;
		panel.stride = width;
	}
	if (p->m == 1)
		one_row(wide, p, &panel);
	else if (p->m == 2)
		two_rows(wide, p, &panel);
	else
		more_rows(wide, p, &panel);
}

INLINE void wide_tiles(const struct plait__product *p)
{
	float turned[PLAIT__SMALL_B];
	const int64_t n = p->n;
	int64_t most = p->m == 1 ? 8 : p->m == 2 ? 4 : 2;

	if (p->transposed && p->k * most * LANES > PLAIT__SMALL_B)
		most = 2;
	for (int64_t j = 0; j < n; j += most * LANES) {
		int64_t width = n - j < most * LANES ? n - j : most * LANES;

		if (width < LANES)
			columns(p, n - LANES, LANES, turned);
		else
			columns(p, j, width, turned);
	}
}

KERNEL by_tiles(const struct plait__product *p)
{
	if (p->n < LANES)
		narrow_tiles(p);
	else
		wide_tiles(p);
}

#endif
