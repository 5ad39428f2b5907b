/* SPDX-License-Identifier: MIT
 * A matrix by its columns: the sum of each, and a number that is added to all of each. */
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

#define PLAIT_TILE_COLUMNS 32 /* of a block at most: neighbours in memory */
#define PLAIT_COLUMN_TERMS \
	16 /* that a thread adds at least, where several blocks share a column \
	    */

/* The sums of a block's columns, in its first row of threads. x: this thread's column, of so many
 * rows, m apart. Thread rows take turns at the rows. */
static __device__ float plait__column_sum(int64_t rows, int64_t m, const float *x)
{
	__shared__ float lane[PLAIT_THREADS];
	unsigned at = threadIdx.y * blockDim.x + threadIdx.x;
	int64_t i = threadIdx.y, step = blockDim.y;
	float sum[4] = { 0.0f, 0.0f, 0.0f, 0.0f }; /* their loads do not wait for each other */

	for (; i + 3 * step < rows; i += 4 * step)
		for (int k = 0; k < 4; k++)
			sum[k] += x[(i + k * step) * m];
	for (; i < rows; i += step)
		sum[0] += x[i * m];
	lane[at] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
	for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
		__syncthreads();
		if (threadIdx.y < half)
			lane[at] += lane[at + half * blockDim.x];
	}
	return lane[at];
}

/* Block (x,y) sums its columns in part y of the rows. The last block of these columns sums the
 * parts. */
static __global__ void plait__sum_columns_kernel(int64_t rows, int64_t m, int64_t part_rows,
						 const float *x, float *to,
						 struct plait__workspace *workspace)
{
	int64_t column = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
	int64_t begin = blockIdx.y * part_rows, left = rows - begin;
	float sum = plait__column_sum(column >= m        ? 0
				      : left < part_rows ? left
							 : part_rows,
				      m, x + begin * m + column);

	if (gridDim.y > 1) {
		float *part =
			workspace->part.column + blockIdx.x * gridDim.y * blockDim.x + threadIdx.x;

		if (threadIdx.y == 0)
			part[blockIdx.y * blockDim.x] = sum;
		if (!plait__is_last(workspace, blockIdx.x, gridDim.y))
			return;
		sum = plait__column_sum(gridDim.y, blockDim.x, part);
	}
	if (threadIdx.y == 0 && column < m)
		to[column] = sum;
}

/* Rows of a part: all, unless threads would add more than 4 PLAIT_COLUMN_TERMS and the workspace
 * has room for several parts. */
static int64_t plait__part_rows(int64_t rows, int64_t tiles, unsigned columns)
{
	int64_t room = PLAIT_COLUMN_PARTS / columns / tiles;
	int64_t most = PLAIT_PARTS / tiles < room ? PLAIT_PARTS / tiles : room;
	int64_t least = (int64_t)PLAIT_COLUMN_TERMS * (PLAIT_THREADS / columns);

	if (rows <= 4 * least || most < 2)
		return rows;
	return rows / most >= least ? (rows + most - 1) / most : least;
}

/* sums [m]: those of the columns of x [rows,m], in an order that the sizes decide.  Takes the
 * call's workspace.  Returns what an op's cuda does. */
static inline int plait__sum_columns(const struct plait_call *call, int64_t rows, int64_t m,
				     const float *x, float *sums)
{
	int64_t tiles, part_rows;
	unsigned columns = 1;

	while (columns < PLAIT_TILE_COLUMNS && columns < m)
		columns *= 2;
	tiles = (m + columns - 1) / columns;
	part_rows = plait__part_rows(rows, tiles, columns);
	PLAIT_LAUNCH(plait__sum_columns_kernel,
		     dim3((unsigned)tiles,
			  rows == part_rows ? 1 : (unsigned)((rows + part_rows - 1) / part_rows)),
		     dim3(columns, PLAIT_THREADS / columns), call->stream, rows, m, part_rows, x,
		     sums, plait__workspace_of(call));
	return cudaGetLastError();
}

#endif
