/* SPDX-License-Identifier: MIT
 * cuBLAS is column-major: to it a row-major [r,c] matrix is its transpose, c x r with
 * leading dimension c. So y = x W^T is computed as y^T = W x^T, and the others likewise. */
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

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void add_bias(index n, index m, const float *bias, float *y)
{
	PLAIT_FOR (index, i, n)
		y[i] += bias[i % m];
}

int plait__linear_cuda(const struct plait__call *call)
{
	const struct plait_node *node = call->node;
	int64_t rows = plait__call_rows(call, node), m = plait__columns(node), n = rows * m;
	int64_t k = plait__columns(node->input[0]);
	float *y = plait__call_out(call);
	int status;

	if (n == 0)
		return cudaSuccess;
	status = gemm(call->cublas, CUBLAS_OP_T, CUBLAS_OP_N, m, rows, k,
		      plait__call_floats(call, 1), k, plait__call_floats(call, 0), k, y);
	if (status != 0 || node->ninputs < 3)
		return status;
	if (n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(add_bias<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, (uint32_t)m, plait__call_floats(call, 2), y);
	else
		PLAIT_LAUNCH(add_bias<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, m,
			     plait__call_floats(call, 2), y);
	return cudaGetLastError();
}

int plait__linear_bwd_dx_cuda(const struct plait__call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t rows = plait__call_rows(call, dy);
	int64_t m = plait__columns(dy), k = plait__columns(call->node);

	if (rows == 0)
		return cudaSuccess;
	return gemm(call->cublas, CUBLAS_OP_N, CUBLAS_OP_N, k, rows, m, plait__call_floats(call, 1),
		    k, plait__call_floats(call, 0), m, plait__call_out(call));
}

int plait__linear_bwd_dw_cuda(const struct plait__call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t rows = plait__call_rows(call, dy);
	int64_t m = plait__columns(dy), k = plait__columns(call->node);
	float *dw = plait__call_out(call);

	if (rows == 0)
		return cudaMemsetAsync(dw, 0, (size_t)(m * k) * sizeof *dw,
				       (cudaStream_t)call->stream);
	return gemm(call->cublas, CUBLAS_OP_N, CUBLAS_OP_T, k, m, rows, plait__call_floats(call, 1),
		    k, plait__call_floats(call, 0), m, dw);
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

int plait__linear_bwd_db_cuda(const struct plait__call *call)
{
	const struct plait_node *dy = call->node->input[0];
	int64_t m = plait__columns(dy);

	PLAIT_LAUNCH(sum_columns, (unsigned)((m + COLUMNS - 1) / COLUMNS), dim3(COLUMNS, LANES),
		     call->stream, plait__call_rows(call, dy), m, plait__call_floats(call, 0),
		     plait__call_out(call));
	return cudaGetLastError();
}
