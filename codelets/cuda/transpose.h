/* SPDX-License-Identifier: MIT
 * Matrices transposed, each of several that follow one another: what conversions of layouts are. */
#ifndef PLAIT__CUDA_TRANSPOSE_H
#define PLAIT__CUDA_TRANSPOSE_H

#include "codelets/cuda/launch.h"

#define PLAIT_PIECE 32      /* rows and columns that a block transposes at once */
#define PLAIT_PIECE_LINES 8 /* of a piece, that its threads take at once */

/* A piece goes through shared memory, one column wider than it is, so that neighbours read and
 * write neighbours. */
static __global__ void plait__transpose_kernel(int64_t pieces, int64_t m, int64_t n, const float *x,
					       float *y)
{
	__shared__ float piece[PLAIT_PIECE][PLAIT_PIECE + 1];
	int64_t down = (m + PLAIT_PIECE - 1) / PLAIT_PIECE;
	int64_t across = (n + PLAIT_PIECE - 1) / PLAIT_PIECE;

	for (int64_t p = blockIdx.x; p < pieces; p += gridDim.x) {
		int64_t matrix = p / (down * across) * (m * n);
		int64_t row = p / across % down * PLAIT_PIECE, column = p % across * PLAIT_PIECE;
		int64_t j = column + threadIdx.x, i = row + threadIdx.x;

		for (int line = (int)threadIdx.y; line < PLAIT_PIECE; line += PLAIT_PIECE_LINES)
			if (row + line < m && j < n)
				piece[line][threadIdx.x] = x[matrix + (row + line) * n + j];
		__syncthreads();
		for (int line = (int)threadIdx.y; line < PLAIT_PIECE; line += PLAIT_PIECE_LINES)
			if (column + line < n && i < m)
				y[matrix + (column + line) * m + i] = piece[threadIdx.x][line];
		__syncthreads();
	}
}

/* y [matrices,n,m] has the transposed matrices of x [matrices,m,n]; there may be none.  Returns
 * what an op's cuda does. */
static inline int plait__transpose_matrices(const struct plait_call *call, int64_t matrices,
					    int64_t m, int64_t n, const float *x, float *y)
{
	int64_t pieces = matrices * ((m + PLAIT_PIECE - 1) / PLAIT_PIECE) *
			 ((n + PLAIT_PIECE - 1) / PLAIT_PIECE);
	int64_t most = 65536;

	if (pieces > 0)
		PLAIT_LAUNCH(plait__transpose_kernel, (unsigned)(pieces < most ? pieces : most),
			     dim3(PLAIT_PIECE, PLAIT_PIECE_LINES), call->stream, pieces, m, n, x,
			     y);
	return cudaGetLastError();
}

#endif
