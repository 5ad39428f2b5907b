/* SPDX-License-Identifier: MIT
 * Reductions of a row and exponentials of a block of rows, for softmax and what contains
 * it.  A short row is summed from left to right, a longer one in 16 lanes: the order
 * depends on the length alone. */
#ifndef PLAIT__ROWS_H
#define PLAIT__ROWS_H

#include "codelets/formula.h"

#define PLAIT__LANES 16

/* The largest element; a NaN may be passed over, its exponential shows it. */
PLAIT_FORMULA float plait__row_max(int64_t c, const float *x)
{
	float lane[PLAIT__LANES], max = x[0];
	int64_t j = 0;

	if (c >= PLAIT__LANES) {
		for (int l = 0; l < PLAIT__LANES; l++)
			lane[l] = x[l];
		for (j = PLAIT__LANES; j + PLAIT__LANES <= c; j += PLAIT__LANES)
			for (int l = 0; l < PLAIT__LANES; l++)
				lane[l] = plait__at_least(lane[l], x[j + l]);
		for (int l = 0; l < PLAIT__LANES; l++)
			max = plait__at_least(max, lane[l]);
	}
	for (; j < c; j++)
		max = plait__at_least(max, x[j]);
	return max;
}

/* The lanes' sum, always in the same order. */
PLAIT_FORMULA float plait__lanes_sum(float *lane)
{
	for (int step = PLAIT__LANES / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			lane[l] += lane[l + step];
	return lane[0];
}

/* The sum of the elements. */
PLAIT_FORMULA float plait__row_sum(int64_t c, const float *x)
{
	float lane[PLAIT__LANES], sum = 0.0f;
	int64_t j = 0;

	if (c >= PLAIT__LANES) {
		for (int l = 0; l < PLAIT__LANES; l++)
			lane[l] = x[l];
		for (j = PLAIT__LANES; j + PLAIT__LANES <= c; j += PLAIT__LANES)
			for (int l = 0; l < PLAIT__LANES; l++)
				lane[l] += x[j + l];
		sum = plait__lanes_sum(lane);
	}
	for (; j < c; j++)
		sum += x[j];
	return sum;
}

/* The sum of the products. */
PLAIT_FORMULA float plait__row_dot(int64_t c, const float *x, const float *y)
{
	float lane[PLAIT__LANES], sum = 0.0f;
	int64_t j = 0;

	if (c >= PLAIT__LANES) {
		for (int l = 0; l < PLAIT__LANES; l++)
			lane[l] = x[l] * y[l];
		for (j = PLAIT__LANES; j + PLAIT__LANES <= c; j += PLAIT__LANES)
			for (int l = 0; l < PLAIT__LANES; l++)
				lane[l] += x[j + l] * y[j + l];
		sum = plait__lanes_sum(lane);
	}
	for (; j < c; j++)
		sum += x[j] * y[j];
	return sum;
}

/* Rows are taken in blocks of about this many elements: exponentials then run over full
 * vectors however short a row is, and a block stays in the first cache. */
#define PLAIT__BLOCK 1024

PLAIT_FORMULA int64_t plait__block_rows(int64_t c)
{
	return c < PLAIT__BLOCK ? PLAIT__BLOCK / c : 1;
}

/* e = exp(x - the row's maximum). */
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

/* 1 if x[label] is the first of the largest, NaN being larger than all, else 0; 0 for a
 * label outside.  Comparing everything with x[label] has no order to wait for. */
PLAIT_FORMULA int plait__row_first_max(int64_t c, const float *x, int64_t label)
{
	int beaten = 0;
	float own;

	if (label < 0 || label >= c)
		return 0;
	own = x[label];
	if (own != own) {
		for (int64_t j = 0; j < label; j++)
			beaten |= x[j] != x[j];
		return !beaten;
	}
	for (int64_t j = 0; j < label; j++)
		beaten |= !(x[j] < own);
	for (int64_t j = label; j < c; j++)
		beaten |= !(x[j] <= own);
	return !beaten;
}

#endif
