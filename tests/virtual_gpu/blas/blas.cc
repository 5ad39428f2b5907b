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

extern "C" cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t ta,
				       cublasOperation_t tb, int m, int n, int k, const void *alpha,
				       const void *a, cudaDataType_t a_type, int lda, const void *b,
				       cudaDataType_t b_type, int ldb, const void *beta, void *c,
				       cudaDataType_t c_type, int ldc, cublasComputeType_t compute,
				       cublasGemmAlgo_t algorithm)
{
	const struct cublasContext *h = vgpu_handle(handle, "cublasGemmEx");
	int cut = vgpu_cut(compute, "cublasGemmEx");
	struct vgpu_matrix A = { ta != CUBLAS_OP_N, cut, (const float *)a, lda, m, k };
	struct vgpu_matrix B = { tb != CUBLAS_OP_N, cut, (const float *)b, ldb, k, n };
	struct vgpu_matrix C = { false, 0, (const float *)c, ldc, m, n };
	float al = *(const float *)alpha, be = *(const float *)beta;
	int device = vgpu_stream_device(h->stream);

	if (a_type != CUDA_R_32F || b_type != CUDA_R_32F || c_type != CUDA_R_32F ||
	    algorithm != CUBLAS_GEMM_DEFAULT)
		vgpu_die("cublasGemmEx: other types than float32, and algorithms, are not played");
	if (m < 0 || n < 0 || k < 0 || lda < 1 || lda < (A.transposed ? k : m) || ldb < 1 ||
	    ldb < (B.transposed ? n : k) || ldc < 1 || ldc < m)
		return CUBLAS_STATUS_INVALID_VALUE;
	vgpu_handle_on(h, device, "cublasGemmEx");
	return vgpu_put(h->stream, "cublasGemmEx", &vgpu_counts::gemms,
			[=] {
				struct vgpu_matrix x = A, y = B;
				float *to =
					vgpu_operand(C.x, C.extent(), "cublasGemmEx: C", device);

				x.x = vgpu_operand(A.x, A.extent(), "cublasGemmEx: A", device);
				y.x = vgpu_operand(B.x, B.extent(), "cublasGemmEx: B", device);
				return [=] { vgpu_product(x, y, al, be, to, ldc, to, ldc); };
			})
		       ? CUBLAS_STATUS_EXECUTION_FAILED
		       : CUBLAS_STATUS_SUCCESS;
}
