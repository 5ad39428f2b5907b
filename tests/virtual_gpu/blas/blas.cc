/* SPDX-License-Identifier: MIT
 * cuBLAS: the calls that Plait and StarPU make. Scalars are the host's and are read at the call, as
 * in cuBLAS's host pointer mode. */
#include "tests/virtual_gpu/blas/product.h"
#include "tests/virtual_gpu/virtual_gpu.h"

extern "C" cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
	*handle = vgpu_handle_create();
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasDestroy_v2(cublasHandle_t handle)
{
	vgpu_handle_destroy(handle, "cublasDestroy");
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream)
{
	vgpu_handle(handle, "cublasSetStream")->stream = stream;
	return CUBLAS_STATUS_SUCCESS;
}

/* Only these two tell Sgemm anything that Plait may want. */
extern "C" cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode)
{
	if (mode != CUBLAS_DEFAULT_MATH && mode != CUBLAS_TF32_TENSOR_OP_MATH)
		vgpu_die("cublasSetMathMode: mode %d is not played", (int)mode);
	vgpu_handle(handle, "cublasSetMathMode")->math = mode;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t *mode)
{
	*mode = vgpu_handle(handle, "cublasGetMathMode")->math;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t ta,
					 cublasOperation_t tb, int m, int n, int k,
					 const float *alpha, const float *a, int lda,
					 const float *b, int ldb, const float *beta, float *c,
					 int ldc)
{
	const struct cublasContext *h = vgpu_handle(handle, "cublasSgemm");
	bool tf32 = h->math == CUBLAS_TF32_TENSOR_OP_MATH;
	struct vgpu_matrix A = { ta != CUBLAS_OP_N, tf32, a, lda, m, k };
	struct vgpu_matrix B = { tb != CUBLAS_OP_N, tf32, b, ldb, k, n };
	struct vgpu_matrix C = { false, false, c, ldc, m, n };
	float al = *alpha, be = *beta;
	int device = vgpu_stream_device(h->stream);

	if (m < 0 || n < 0 || k < 0 || lda < 1 || lda < (A.transposed ? k : m) || ldb < 1 ||
	    ldb < (B.transposed ? n : k) || ldc < 1 || ldc < m)
		return CUBLAS_STATUS_INVALID_VALUE;
	vgpu_handle_on(h, device, "cublasSgemm");
	return vgpu_put(h->stream, "cublasSgemm", &vgpu_counts::gemms,
			[=] {
				struct vgpu_matrix x = A, y = B;
				float *to = vgpu_operand(c, C.extent(), "cublasSgemm: C", device);

				x.x = vgpu_operand(a, A.extent(), "cublasSgemm: A", device);
				y.x = vgpu_operand(b, B.extent(), "cublasSgemm: B", device);
				return [=] { vgpu_product(x, y, al, be, to, ldc, to, ldc); };
			})
		       ? CUBLAS_STATUS_EXECUTION_FAILED
		       : CUBLAS_STATUS_SUCCESS;
}
