/* SPDX-License-Identifier: MIT
 * A matrix [rows,m] by its columns: sums of each, in a fixed order, a number that is added to all
 * of each, and other values that depend on their column. Where a block has columns, these are
 * neighbours in memory, and its rows of threads take turns at the rows. */
#ifndef PLAIT__CUDA_COLUMNS_H
#define PLAIT__CUDA_COLUMNS_H

#include "codelets/cuda/reduce.h"

#include <limits.h>

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void plait__add_to_rows_kernel(index n, index m, const float *row, float *y)
{
	PLAIT_FOR (index, i, n)
		y[i] += row[i % m];
}

/* Adds row [m] to each row of y [rows,m], of which there is one.  Returns what an op's cuda does.
 */
static inline int plait__add_to_rows(const struct plait_call *call, int64_t rows, int64_t m,
				     const float *row, float *y)
{
	int64_t n = rows * m;

	if (n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(plait__add_to_rows_kernel<uint32_t>, plait__blocks(n), PLAIT_THREADS,
			     call->stream, (uint32_t)n, (uint32_t)m, row, y);
	else
		PLAIT_LAUNCH(plait__add_to_rows_kernel<int64_t>, plait__blocks(n), PLAIT_THREADS,
			     call->stream, n, m, row, y);
	return cudaGetLastError();
}

#define PLAIT_TILE_COLUMNS 32 /* of a block at most */
#define PLAIT_COLUMN_TERMS 16 /* that a thread adds at least, where blocks share a column */

/* This thread's column; beyond the last one there is nothing to do. */
static __device__ __forceinline__ int64_t plait__column(void)
{
	return (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

/* What is summed of a row may be anything: term(i, v) sets v[k] for sum k. This one is the value
 * itself of a column that begins at x. */
struct plait__value {
	const float *x;
	int64_t m;

	__device__ void operator()(int64_t i, float (&v)[1]) const
	{
		v[0] = x[i * m];
	}
};

template <int n, typename type>
static __device__ __forceinline__ void plait__add_term(const type &term, int64_t i, float (&sum)[n])
{
	float v[n];

	term(i, v);
	for (int k = 0; k < n; k++)
		sum[k] += v[k];
}

/* The sums of a block's columns over rows begin to end - 1, in its first row of threads. */
template <int n, typename type>
static __device__ void plait__block_column_sums(int64_t begin, int64_t end, const type &term,
						float (&sum)[n])
{
	__shared__ float lane[n][PLAIT_THREADS];
	unsigned at = threadIdx.y * blockDim.x + threadIdx.x;
	int64_t i = begin + threadIdx.y, step = blockDim.y;
	float part[4][n] = {}; /* their loads do not wait for each other */

	for (; i + 3 * step < end; i += 4 * step)
		for (int p = 0; p < 4; p++)
			plait__add_term(term, i + p * step, part[p]);
	for (; i < end; i += step)
		plait__add_term(term, i, part[0]);
	for (int k = 0; k < n; k++)
		lane[k][at] = (part[0][k] + part[1][k]) + (part[2][k] + part[3][k]);
	for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
		__syncthreads();
		for (int k = 0; k < n && threadIdx.y < half; k++)
			lane[k][at] += lane[k][at + half * blockDim.x];
	}
	for (int k = 0; k < n; k++)
		sum[k] = lane[k][at];
}

/* The parts of a column's sums, that blocks have left in the workspace. */
template <int n>
struct plait__column_parts {
	float *first; /* of this thread's column */

	__device__ float *at(int64_t part, int k) const
	{
		return first + (part * n + k) * blockDim.x;
	}
	__device__ void operator()(int64_t i, float (&v)[n]) const
	{
		for (int k = 0; k < n; k++)
			v[k] = *at(i, k);
	}
};

/* Makes sum[k] that of term's v[k] over all rows of this thread's column. True in one thread for
 * each column, which alone has these sums. Every thread must call it, once in a kernel, on a grid
 * of plait__column_sum_grid(rows, m, n): block (x,y) sums its columns in part y of the rows, and
 * the last block of these columns sums the parts. */
template <int n, typename type>
static __device__ bool plait__column_sums(int64_t rows, int64_t m, int64_t part_rows,
					  const type &term, float (&sum)[n],
					  struct plait__workspace *workspace)
{
	int64_t begin = blockIdx.y * part_rows, end = begin + part_rows;
	bool inside = plait__column() < m;

	end = !inside ? begin : end < rows ? end : rows;
	plait__block_column_sums(begin, end, term, sum);
	if (gridDim.y > 1) {
		plait__column_parts<n> parts = { workspace->part.column +
						 blockIdx.x * gridDim.y * blockDim.x * n +
						 threadIdx.x };

		for (int k = 0; k < n && threadIdx.y == 0; k++)
			*parts.at(blockIdx.y, k) = sum[k];
		if (!plait__is_last(workspace, blockIdx.x, gridDim.y))
			return false;
		plait__block_column_sums(0, gridDim.y, parts, sum);
	}
	return threadIdx.y == 0 && inside;
}

struct plait__column_grid {
	dim3 blocks, threads;
	int64_t part_rows; /* of a block */
};

/* The grid for so many sums of each column. Blocks take all rows of their columns, unless threads
 * would add more than 4 PLAIT_COLUMN_TERMS and the workspace has room for several parts. */
static inline struct plait__column_grid plait__column_sum_grid(int64_t rows, int64_t m, int sums)
{
	unsigned columns = 1, parts = 1;
	int64_t tiles, room, most, least, part_rows = rows;

	while (columns < PLAIT_TILE_COLUMNS && columns < m)
		columns *= 2;
	tiles = (m + columns - 1) / columns;
	room = PLAIT_COLUMN_PARTS / sums / columns / tiles;
	most = PLAIT_PARTS / tiles < room ? PLAIT_PARTS / tiles : room;
	least = (int64_t)PLAIT_COLUMN_TERMS * (PLAIT_THREADS / columns);
	if (rows > 4 * least && most >= 2) {
		part_rows = rows / most >= least ? (rows + most - 1) / most : least;
		parts = (unsigned)((rows + part_rows - 1) / part_rows);
	}
	return { dim3((unsigned)tiles, parts), dim3(columns, PLAIT_THREADS / columns), part_rows };
}

static __global__ void plait__sum_columns_kernel(int64_t rows, int64_t m, int64_t part_rows,
						 const float *x, float *to,
						 struct plait__workspace *workspace)
{
	int64_t column = plait__column();
	float sum[1];

	if (plait__column_sums(rows, m, part_rows, plait__value{ x + column, m }, sum, workspace))
		to[column] = sum[0];
}

/* sums [m]: those of the columns of x [rows,m], in an order that the sizes decide.  Takes the
 * call's workspace.  Returns what an op's cuda does. */
static inline int plait__sum_columns(const struct plait_call *call, int64_t rows, int64_t m,
				     const float *x, float *sums)
{
	struct plait__column_grid grid = plait__column_sum_grid(rows, m, 1);

	PLAIT_LAUNCH(plait__sum_columns_kernel, grid.blocks, grid.threads, call->stream, rows, m,
		     grid.part_rows, x, sums, plait__workspace_of(call));
	return cudaGetLastError();
}

/* i runs over this thread's rows of its column, which is inside. */
#define PLAIT_FOR_ROWS(i, rows) \
	for (int64_t i = (int64_t)blockIdx.y * blockDim.y + threadIdx.y; i < (rows); \
	     i += (int64_t)gridDim.y * blockDim.y)

/* The grid for that: 4096 blocks fill any GPU of today, and a thread takes at least 4 rows for what
 * it finds out about its column. */
static inline struct plait__column_grid plait__column_grid_of(int64_t rows, int64_t m)
{
	struct plait__column_grid grid = plait__column_sum_grid(0, m, 1);
	int64_t most = 4096 / grid.blocks.x, blocks = rows / (4 * grid.threads.y);

	blocks = blocks < most ? blocks : most;
	grid.blocks.y = blocks > 1 ? (unsigned)blocks : 1;
	return grid;
}

#endif
