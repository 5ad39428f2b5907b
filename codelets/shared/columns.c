/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/shared/columns.h"
#include "src/base/base.h"
#include "codelets/shared/gemm_small.h"

/* Four sums for each column: rows 0, 4, 8, ..., rows 1, 5, 9, ... and so on. The additions of one
 * sum do not wait for those of another, and a long sum loses fewer digits. */
#define LANES 16
static inline __attribute__((always_inline)) void
add_columns(int64_t rows, int64_t m, int64_t width, const float *x, float *to)
{
	float sum[4][LANES] = { { 0 } };
	int64_t i = 0;

	for (; i + 4 <= rows; i += 4)
		for (int r = 0; r < 4; r++)
			for (int64_t j = 0; j < width; j++)
				sum[r][j] += x[(i + r) * m + j];
	for (; i < rows; i++)
		for (int64_t j = 0; j < width; j++)
			sum[i % 4][j] += x[i * m + j];
	for (int64_t j = 0; j < width; j++)
		to[j] += (sum[0][j] + sum[1][j]) + (sum[2][j] + sum[3][j]);
}

/* Sums of so many rows are added up, as the pixels of a batch are many. */
#define MOST_ROWS 4096
PLAIT__CLONES static void values(int64_t rows, int64_t m, const float *x, float *sum)
{
	for (int64_t i = 0; i < rows; i += MOST_ROWS) {
		int64_t block = rows - i < MOST_ROWS ? rows - i : MOST_ROWS, j = 0;

		for (; j + LANES <= m; j += LANES)
			add_columns(block, m, LANES, x + i * m + j, sum + j);
		if (j < m)
			add_columns(block, m, m - j, x + i * m + j, sum + j);
	}
}

static void clear(int64_t m, float *to)
{
	for (int64_t j = 0; j < m; j++)
		to[j] = 0;
}

/* The same sums in half the time: with four rows read as one, [1,...,1] x by the kernels of small
 * products has them all. */
#define MOST_COLUMNS 512
PLAIT__CLONES static void add_sums(int64_t left, int64_t m, const float *restrict rest,
				   float *restrict sum, float *restrict to)
{
	for (int64_t i = 0; i < left * m; i++)
		sum[i] += rest[i];
	for (int64_t j = 0; j < m; j++)
		to[j] += (sum[j] + sum[m + j]) + (sum[2 * m + j] + sum[3 * m + j]);
}

void plait__column_sums(int64_t rows, int64_t m, const float *x, bool adds, float *sum)
{
	static const float one = 1.0f;
	const int64_t fours = rows / 4, least = 20, most = 1024;
	float four[4 * MOST_COLUMNS];

	if (!adds)
		clear(m, sum);
	if (rows < least || rows > most || m > MOST_COLUMNS) {
		values(rows, m, x, sum);
		return;
	}
	plait__gemm_small(&(struct plait__product){
		.m = 1, .n = 4 * m, .k = fours, .a = &one, .b = x, .c = four });
	add_sums(rows - 4 * fours, m, x + 4 * fours * m, four, sum);
}
