/* SPDX-License-Identifier: MIT
 * cuBLAS: the calls that Plait and StarPU make. Scalars are the host's and are read at the call, as
 * in cuBLAS's host pointer mode. A product is a sum of doubles: a serial sum of floats is worse
 * than any BLAS's, and Adam makes a relative difference of 2e-4 of it. */
#include "tests/virtual_gpu/virtual_gpu.h"

#include <cublas_v2.h>
#include <vector>

struct cublasContext {
	int device;
	cudaStream_t stream;
};

extern "C" cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
	*handle = new cublasContext{ vgpu_current, NULL };
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasDestroy_v2(cublasHandle_t handle)
{
	delete handle;
	return CUBLAS_STATUS_SUCCESS;
}

extern "C" cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream)
{
	handle->stream = stream;
	return CUBLAS_STATUS_SUCCESS;
}

/* -- products -------------------------------------------------------------------------------- */

/* An operand op(X) of rows x columns. */
struct matrix {
	bool transposed;
	const float *x;
	int ld, rows, columns;

	float at(int i, int j) const
	{
		return transposed ? x[(size_t)i * ld + j] : x[(size_t)j * ld + i];
	}

	/* Elements from the first to the last one that is read. */
	size_t extent(void) const
	{
		int r = transposed ? columns : rows, c = transposed ? rows : columns;

		return r == 0 || c == 0 ? 0 : (size_t)ld * (c - 1) + r;
	}
};

static std::vector<float> dense(const struct matrix &m)
{
	std::vector<float> y((size_t)m.rows * (size_t)m.columns);

	for (int j = 0; j < m.columns; j++)
		for (int i = 0; i < m.rows; i++)
			y[(size_t)j * m.rows + i] = m.at(i, j);
	return y;
}

static void product(const struct matrix &a, const struct matrix &b, float alpha, float beta,
		    float *c, int ldc)
{
	std::vector<float> A = dense(a);
	int m = a.rows;

	for (int j = 0; j < b.columns; j++) {
		std::vector<double> sum((size_t)m, 0);
		double *s = sum.data();
		float *to = c + (size_t)j * ldc;

		for (int l = 0; l < a.columns; l++) {
			float f = b.at(l, j);
			const float *al = &A[(size_t)l * m];

			for (int i = 0; i < m; i++)
				s[i] += al[i] * f;
		}
		/* With beta 0, C is not read: it may hold NaN. */
		for (int i = 0; i < m; i++)
			to[i] = beta == 0.0f ? alpha * (float)s[i]
					     : alpha * (float)s[i] + beta * to[i];
	}
}

/* The host's address of an operand of a product on device. */
static float *operand(const float *p, size_t elements, const char *what, int device)
{
	int where = -1;
	char *behind =
		elements == 0 ? (char *)p : vgpu_behind(p, elements * sizeof *p, what, &where);

	if (elements > 0 && (!behind || where != device))
		vgpu_die("%s: %p is no memory of device %d", what, (const void *)p, device);
	return (float *)behind;
}

extern "C" cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t ta,
					 cublasOperation_t tb, int m, int n, int k,
					 const float *alpha, const float *a, int lda,
					 const float *b, int ldb, const float *beta, float *c,
					 int ldc)
{
	struct matrix A = { ta != CUBLAS_OP_N, a, lda, m, k };
	struct matrix B = { tb != CUBLAS_OP_N, b, ldb, k, n };
	struct matrix C = { false, c, ldc, m, n };
	float al = *alpha, be = *beta, *to;
	int device = vgpu_stream_device(handle->stream);

	if (m < 0 || n < 0 || k < 0 || lda < 1 || lda < (A.transposed ? k : m) || ldb < 1 ||
	    ldb < (B.transposed ? n : k) || ldc < 1 || ldc < m)
		return CUBLAS_STATUS_INVALID_VALUE;
	if (handle->device != device || device != vgpu_current)
		vgpu_die("cublasSgemm: handle of device %d, stream of device %d, current %d",
			 handle->device, device, vgpu_current);
	VGPU_COUNT(device, gemms, 1);
	A.x = operand(a, A.extent(), "cublasSgemm: A", device);
	B.x = operand(b, B.extent(), "cublasSgemm: B", device);
	to = operand(c, C.extent(), "cublasSgemm: C", device);
	vgpu_enqueue(handle->stream, "cublasSgemm", [=] { product(A, B, al, be, to, ldc); });
	return CUBLAS_STATUS_SUCCESS;
}
