/* SPDX-License-Identifier: MIT
 * Reductions of a row and exponentials of a block of rows, for softmax and the ops that
 * contain it. A sum uses 16 lanes, or 4 for a row shorter than 16, and runs from left to right
 * for a row shorter than 4. So the order of additions depends on the length alone. */
#ifndef PLAIT__ROWS_H
#define PLAIT__ROWS_H

#include "codelets/shared/formula.h"
#include "src/base/assert.h"

#include <stddef.h>

#define PLAIT__LANES 16

/* Each reduction is written once for any number of lanes and used with two constants,
 * so that compilers make vectors of them. */
PLAIT_FORMULA float plait__lanes_max(int lanes, int64_t c, const float *x)
{
	float lane[PLAIT__LANES], max;
	int64_t j;

	for (int l = 0; l < lanes; l++)
		lane[l] = x[l];
	for (j = lanes; j + lanes <= c; j += lanes)
		for (int l = 0; l < lanes; l++)
			lane[l] = plait__at_least(lane[l], x[j + l]);
	max = lane[0];
	for (int l = 1; l < lanes; l++)
		max = plait__at_least(max, lane[l]);
	for (; j < c; j++)
		max = plait__at_least(max, x[j]);
	return max;
}

/* The sum of x, or of x y where y is not NULL. */
PLAIT_FORMULA float plait__lanes_sum(int lanes, int64_t c, const float *x, const float *y)
{
	float lane[PLAIT__LANES], sum;
	int64_t j;

	for (int l = 0; l < lanes; l++)
		lane[l] = y ? x[l] * y[l] : x[l];
	for (j = lanes; j + lanes <= c; j += lanes)
		for (int l = 0; l < lanes; l++)
			lane[l] += y ? x[j + l] * y[j + l] : x[j + l];
	for (int step = lanes / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			lane[l] += lane[l + step];
	sum = lane[0];
	for (; j < c; j++)
		sum += y ? x[j] * y[j] : x[j];
	return sum;
}

/* The largest element. A NaN may be passed over: the exponential of that element is NaN too,
 * so the result still shows it. */
PLAIT_FORMULA float plait__row_max(int64_t c, const float *x)
{
	return c >= PLAIT__LANES ? plait__lanes_max(PLAIT__LANES, c, x)
	       : c >= 4          ? plait__lanes_max(4, c, x)
				 : plait__lanes_max(1, c, x);
}

PLAIT_FORMULA float plait__row_sum(int64_t c, const float *x)
{
	return c >= PLAIT__LANES ? plait__lanes_sum(PLAIT__LANES, c, x, NULL)
	       : c >= 4          ? plait__lanes_sum(4, c, x, NULL)
				 : plait__lanes_sum(1, c, x, NULL);
}

/* The sum of the products. */
PLAIT_FORMULA float plait__row_dot(int64_t c, const float *x, const float *y)
{
	return c >= PLAIT__LANES ? plait__lanes_sum(PLAIT__LANES, c, x, y)
	       : c >= 4          ? plait__lanes_sum(4, c, x, y)
				 : plait__lanes_sum(1, c, x, y);
}

/* The sum of squares in double, where none is too large or too small. Lane l has elements l, l + 16
 * and so on. */
PLAIT_FORMULA double plait__square_sum(int64_t n, const float *x)
{
	double lane[PLAIT__LANES] = { 0.0 };
	int64_t i = 0;

	for (; i + PLAIT__LANES <= n; i += PLAIT__LANES)
		for (int l = 0; l < PLAIT__LANES; l++)
			lane[l] += (double)x[i + l] * (double)x[i + l];
	for (; i < n; i++)
		lane[i % PLAIT__LANES] += (double)x[i] * (double)x[i];
	for (int step = PLAIT__LANES / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			lane[l] += lane[l + step];
	return lane[0];
}

/* Rows are taken in blocks of about this many elements. Exponentials then run over full
 * vectors even where a row is short, and a block stays in the first cache. */
#define PLAIT__BLOCK 1024

PLAIT_FORMULA int64_t plait__block_rows(int64_t c)
{
	return c < PLAIT__BLOCK ? PLAIT__BLOCK / c : 1;
}

/* e = exp(x - the row's maximum), for each row. */
PLAIT_FORMULA void plait__rows_exp(int64_t rows, int64_t c, const float *x, float *e)
{
	for (int64_t i = 0; i < rows * c; i += c) {
		float max = plait__row_max(c, x + i);

		for (int64_t j = i; j < i + c; j++)
			e[j] = x[j] - max;
	}
	for (int64_t j = 0; j < rows * c; j++)
		e[j] = plait__exp(e[j]);
}

/* max[i] and s[i] = sum of exp(x - max[i]) for the rows of one block. Either the whole block fits
 * in e, rows c <= PLAIT__BLOCK, or it is one long row, which is taken in pieces. */
static inline __attribute__((always_inline, unused)) void
plait__rows_exp_sums(int64_t rows, int64_t c, const float *x, float *max, float *s)
{
	float e[PLAIT__BLOCK];

	PLAIT__ASSERT(rows * c <= PLAIT__BLOCK || rows == 1, "a block of rows fits in its buffer");
	for (int64_t i = 0; i < rows; i++) {
		max[i] = plait__row_max(c, x + i * c);
		s[i] = 0.0f;
	}
	for (int64_t begin = 0; begin < c; begin += PLAIT__BLOCK) {
		int64_t width = c - begin < PLAIT__BLOCK ? c - begin : PLAIT__BLOCK;

		for (int64_t i = 0; i < rows; i++)
			for (int64_t j = 0; j < width; j++)
				e[i * width + j] = x[i * c + begin + j] - max[i];
		for (int64_t j = 0; j < rows * width; j++)
			e[j] = plait__exp(e[j]);
		for (int64_t i = 0; i < rows; i++)
			s[i] += plait__row_sum(width, e + i * width);
	}
}

/* -log p of the label, x being log p of all classes; NaN for a label outside, so that it shows. */
PLAIT_FORMULA float plait__row_nll(int64_t c, const float *x, int64_t label)
{
	return label >= 0 && label < c ? -x[label] : NAN;
}

/* Whether v, which stands before own in a row (or after it, or is own itself), keeps own from
 * being the row's first maximum. NaN is larger than all numbers, as in torch.argmax. */
PLAIT_FORMULA int plait__beats_before(float v, float own)
{
	return v >= own || v != v;
}

PLAIT_FORMULA int plait__beats_after(float v, float own)
{
	return own == own && (v > own || v != v);
}

/* 1 if x[label] is the first of the largest, else 0; 0 for a label outside.  Comparing
 * every element with x[label] lets the compiler use vectors; a running maximum would not. */
PLAIT_FORMULA int plait__row_first_max(int64_t c, const float *x, int64_t label)
{
	int beaten = 0;

	if (label < 0 || label >= c)
		return 0;
	for (int64_t j = 0; j < label; j++)
		beaten |= plait__beats_before(x[j], x[label]);
	for (int64_t j = label; j < c; j++)
		beaten |= plait__beats_after(x[j], x[label]);
	return !beaten;
}

/* How many elements stand before x[label] in the order from the largest, in which equal ones stand
 * by their number; c for a label outside. */
PLAIT_FORMULA int64_t plait__row_rank(int64_t c, const float *x, int64_t label)
{
	int64_t rank = 0;

	if (label < 0 || label >= c)
		return c;
	for (int64_t j = 0; j < label; j++)
		rank += plait__beats_before(x[j], x[label]);
	for (int64_t j = label; j < c; j++)
		rank += plait__beats_after(x[j], x[label]);
	return rank;
}

#endif
