/* SPDX-License-Identifier: MIT
 * cuBLAS is column-major: to it a row-major [r,c] matrix is its transpose, c x r with
 * leading dimension c.  So y = x W^T is asked for as y^T = W x^T, and so on. */
#include "codelets/cuda/launch.h"

#include <cublas_v2.h>
#include <limits.h>

/* C (m x n) = op(A) op(B), all column-major; lda and ldb as cuBLAS wants them. */
static int gemm(void *cublas, cublasOperation_t ta, cublasOperation_t tb, int64_t m, int64_t n,
		int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c)
{
	const float one = 1.0f, zero = 0.0f;
	cublasStatus_t status;

	if (m > INT_MAX || n > INT_MAX || k > INT_MAX)
		return -1;
	status = cublasSgemm((cublasHandle_t)cublas, ta, tb, (int)m, (int)n, (int)k, &one, a,
			     (int)lda, b, (int)ldb, &zero, c, (int)m);
	return status == CUBLAS_STATUS_SUCCESS ? 0 : -1;
}

/* A 64-bit remainder costs many times a 32-bit one, which nearly always is enough. */
template <typename index>
static __global__ void add_bias(index n, index m, const float *bias, float *y)
{
	PLAIT_FOR (index, i, n)
		y[i] += bias[i % m];
}

extern "C" int plait__linear_cuda(int64_t rows, int64_t m, int64_t k, const float *x,
				  const float *w, const float *b, float *y, void *cublas,
				  void *stream)
{
	int64_t n = rows * m;
	int status;

	if (n == 0)
		return cudaSuccess;
	status = gemm(cublas, CUBLAS_OP_T, CUBLAS_OP_N, m, rows, k, w, k, x, k, y);
	if (status != 0 || !b)
		return status;
	if (n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(add_bias<uint32_t>, plait__blocks(n), PLAIT_THREADS, stream,
			     (uint32_t)n, (uint32_t)m, b, y);
	else
		PLAIT_LAUNCH(add_bias<int64_t>, plait__blocks(n), PLAIT_THREADS, stream, n, m, b,
			     y);
	return cudaGetLastError();
}

extern "C" int plait__linear_bwd_dx_cuda(int64_t rows, int64_t m, int64_t k, const float *dy,
					 const float *w, float *dx, void *cublas)
{
	if (rows == 0)
		return cudaSuccess;
	return gemm(cublas, CUBLAS_OP_N, CUBLAS_OP_N, k, rows, m, w, k, dy, m, dx);
}

extern "C" int plait__linear_bwd_dw_cuda(int64_t rows, int64_t m, int64_t k, const float *dy,
					 const float *x, float *dw, void *cublas, void *stream)
{
	if (rows == 0)
		return cudaMemsetAsync(dw, 0, (size_t)(m * k) * sizeof *dw, (cudaStream_t)stream);
	return gemm(cublas, CUBLAS_OP_N, CUBLAS_OP_T, k, m, rows, x, k, dy, m, dw);
}

#define COLUMNS 32 /* of a block: neighbours in memory */
#define LANES 8    /* threads that share a column's rows */

static __global__ void sum_columns(int64_t rows, int64_t m, const float *dy, float *db)
{
	__shared__ float part[LANES][COLUMNS];
	int64_t column = (int64_t)blockIdx.x * COLUMNS + threadIdx.x;
	float sum = 0.0f;

	if (column < m)
		for (int64_t i = threadIdx.y; i < rows; i += LANES)
			sum += dy[i * m + column];
	part[threadIdx.y][threadIdx.x] = sum;
	__syncthreads();
	if (threadIdx.y == 0 && column < m) {
		for (int lane = 1; lane < LANES; lane++)
			sum += part[lane][threadIdx.x];
		db[column] = sum;
	}
}

extern "C" int plait__linear_bwd_db_cuda(int64_t rows, int64_t m, const float *dy, float *db,
					 void *stream)
{
	PLAIT_LAUNCH(sum_columns, (unsigned)((m + COLUMNS - 1) / COLUMNS), dim3(COLUMNS, LANES),
		     stream, rows, m, dy, db);
	return cudaGetLastError();
}
