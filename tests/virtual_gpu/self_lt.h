/* SPDX-License-Identifier: MIT
 * A small product by cuBLASLt, for its tests. They are compiled with the headers of include/, and
 * the library with NVIDIA's where there are any: that they pass shows that numbers are the same. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_SELF_LT_H
#define PLAIT_TESTS_VIRTUAL_GPU_SELF_LT_H

#include "cublasLt.h"
#include "tests/virtual_gpu/self.h"
#include "tests/virtual_gpu/virtual_gpu.h"

#include <stdlib.h>
#include <utility>

/* A product D = op(A) op(B) of small matrices, and all that it takes. */
struct product_parts {
	cublasLtHandle_t handle;
	cublasLtMatmulDesc_t desc;
	cublasLtMatrixLayout_t a, b, d;
	cublasLtMatmulPreference_t preference;
	cublasLtMatmulHeuristicResult_t found;
	float *A, *B, *D, *bias;
	void *workspace;
};

/* Their owner. */
struct product : product_parts {
	product() : product_parts()
	{
	}
	product(product &&other) : product()
	{
		*this = std::move(other);
	}
	product &operator=(product &&other)
	{
		std::swap<product_parts>(*this, other);
		return *this;
	}
	~product()
	{
		if (!handle)
			return;
		cublasLtMatmulPreferenceDestroy(preference);
		for (cublasLtMatrixLayout_t layout : { a, b, d })
			cublasLtMatrixLayoutDestroy(layout);
		cublasLtMatmulDescDestroy(desc);
		cublasLtDestroy(handle);
		for (void *p : { (void *)A, (void *)B, (void *)D, (void *)bias, workspace })
			cudaFree(p);
	}
};

static inline float *filled(size_t n)
{
	std::vector<float> values(n);
	float *p = device<float>(n);

	for (size_t i = 0; i < n; i++)
		values[i] = (float)(i + 1);
	cudaMemcpy(p, values.data(), n * sizeof(float), cudaMemcpyHostToDevice);
	return p;
}

static inline void set(struct product &p, cublasLtMatmulDescAttributes_t attribute, int value)
{
	cublasLtMatmulDescSetAttribute(p.desc, attribute, &value, sizeof value);
}

static inline int search(struct product &p)
{
	int n = -1, status = cublasLtMatmulAlgoGetHeuristic(p.handle, p.desc, p.a, p.b, p.d, p.d,
							    p.preference, 1, &p.found, &n);

	return n == 1 ? status : status == CUBLAS_STATUS_SUCCESS ? -1 : status;
}

/* A: 2 x 3, [1 3 5; 2 4 6]; B: 3 x 4, 1 to 12 column by column; bias 1 to 4. */
static inline struct product prepare(int epilogue, cublasComputeType_t compute = CUBLAS_COMPUTE_32F)
{
	struct product p;

	cublasLtCreate(&p.handle);
	cublasLtMatmulDescCreate(&p.desc, compute, CUDA_R_32F);
	cublasLtMatrixLayoutCreate(&p.a, CUDA_R_32F, 2, 3, 2);
	cublasLtMatrixLayoutCreate(&p.b, CUDA_R_32F, 3, 4, 3);
	cublasLtMatrixLayoutCreate(&p.d, CUDA_R_32F, 2, 4, 2);
	cublasLtMatmulPreferenceCreate(&p.preference);
	p.A = filled(6);
	p.B = filled(12);
	p.bias = filled(4);
	p.D = device<float>(8);
	set(p, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
	cublasLtMatmulDescSetAttribute(p.desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &p.bias,
				       sizeof p.bias);
	search(p);
	return p;
}

static inline int multiply(const struct product &p, float beta = 0, size_t workspace = 0,
			   float alpha = 1)
{
	return cublasLtMatmul(p.handle, p.desc, &alpha, p.A, p.a, p.B, p.b, &beta, p.D, p.d, p.D,
			      p.d, &p.found.algo, p.workspace, workspace, NULL);
}

static inline void is_matrix(const float *p, std::vector<float> expected, const char *what)
{
	std::vector<float> got = host(p, expected.size());
	size_t same = 0;

	for (size_t i = 0; i < expected.size(); i++)
		same += got[i] == expected[i];
	is_int(same, expected.size(), "%s", what);
}

#endif
