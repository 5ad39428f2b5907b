/* SPDX-License-Identifier: MIT
 * Memory, errors and cuBLAS: device memory is the heap, streams are always up to date. */
#include "cublas_v2.h"
#include "cudahost.h"

#include <stdlib.h>
#include <string.h>

static cudaError_t last_error;

void cudahost_fail(cudaError_t error)
{
	last_error = error;
}

cudaError_t cudaGetLastError(void)
{
	cudaError_t error = last_error;

	last_error = cudaSuccess;
	return error;
}

const char *cudaGetErrorString(cudaError_t error)
{
	switch (error) {
	case cudaSuccess:
		return "no error";
	case cudaErrorInvalidValue:
		return "invalid argument";
	case cudaErrorMemoryAllocation:
		return "out of memory";
	case cudaErrorInvalidConfiguration:
		return "invalid configuration argument";
	case cudaErrorLaunchFailure:
		return cudahost_message();
	}
	return "unknown error";
}

cudaError_t cudaGetDeviceCount(int *count)
{
	*count = 1;
	return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
	return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
	*stream = NULL;
	return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t)
{
	return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
	*memory = malloc(bytes);
	return *memory || bytes == 0 ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaFree(void *memory)
{
	free(memory);
	return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind)
{
	if (bytes > 0)
		memcpy(to, from, bytes);
	return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int byte, size_t bytes, cudaStream_t)
{
	memset(memory, byte, bytes);
	return cudaSuccess;
}

cublasStatus_t cublasCreate(cublasHandle_t *handle)
{
	*handle = NULL;
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t)
{
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t)
{
	return CUBLAS_STATUS_SUCCESS;
}

/* Element (row, column) of op(X), whose leading dimension is ld. */
static float element(cublasOperation_t op, const float *x, int ld, int row, int column)
{
	return op == CUBLAS_OP_N ? x[row + (int64_t)column * ld] : x[column + (int64_t)row * ld];
}

cublasStatus_t cublasSgemm(cublasHandle_t, cublasOperation_t ta, cublasOperation_t tb, int m, int n,
			   int k, const float *alpha, const float *a, int lda, const float *b,
			   int ldb, const float *beta, float *c, int ldc)
{
	int a_rows = ta == CUBLAS_OP_N ? m : k, b_rows = tb == CUBLAS_OP_N ? k : n;

	if (m < 0 || n < 0 || k < 0 || lda < 1 || lda < a_rows || ldb < 1 || ldb < b_rows ||
	    ldc < 1 || ldc < m)
		return CUBLAS_STATUS_INVALID_VALUE;
	for (int j = 0; j < n; j++) {
		for (int i = 0; i < m; i++) {
			float *to = &c[i + (int64_t)j * ldc], sum = 0.0f;

			for (int l = 0; l < k; l++)
				sum += element(ta, a, lda, i, l) * element(tb, b, ldb, l, j);
			/* With beta = 0, C is not read: it may hold NaN. */
			*to = *beta == 0.0f ? *alpha * sum : *alpha * sum + *beta * *to;
		}
	}
	return CUBLAS_STATUS_SUCCESS;
}
