/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

#define PIECE 32 /* rows and columns that a block transposes at once */
#define LINES 8  /* of a piece, that its threads take at once */

/* y [n,m] of each sample is the transposed of x [m,n].  A piece goes through shared memory, one
 * column wider than it is, so that neighbours read and write neighbours. */
static __global__ void transpose(int64_t pieces, int64_t m, int64_t n, const float *x, float *y)
{
	__shared__ float piece[PIECE][PIECE + 1];
	int64_t down = (m + PIECE - 1) / PIECE, across = (n + PIECE - 1) / PIECE;

	for (int64_t p = blockIdx.x; p < pieces; p += gridDim.x) {
		int64_t sample = p / (down * across) * (m * n);
		int64_t row = p / across % down * PIECE, column = p % across * PIECE;
		int64_t j = column + threadIdx.x, i = row + threadIdx.x;

		for (int line = (int)threadIdx.y; line < PIECE; line += LINES)
			if (row + line < m && j < n)
				piece[line][threadIdx.x] = x[sample + (row + line) * n + j];
		__syncthreads();
		for (int line = (int)threadIdx.y; line < PIECE; line += LINES)
			if (column + line < n && i < m)
				y[sample + (column + line) * m + i] = piece[threadIdx.x][line];
		__syncthreads();
	}
}

static int launch(const struct plait_call *call, int64_t m, int64_t n)
{
	int64_t pieces = call->rows * ((m + PIECE - 1) / PIECE) * ((n + PIECE - 1) / PIECE);
	int64_t most = 65536;

	if (pieces > 0)
		PLAIT_LAUNCH(transpose, (unsigned)(pieces < most ? pieces : most),
			     dim3(PIECE, LINES), call->stream, pieces, m, n,
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}

int plait__channels_last_cuda(const struct plait_call *call)
{
	const int64_t *dim = call->node->dim;

	return launch(call, dim[0], dim[1] * dim[2]);
}

int plait__contiguous_cuda(const struct plait_call *call)
{
	const int64_t *dim = call->node->dim;

	return launch(call, dim[1] * dim[2], dim[0]);
}
