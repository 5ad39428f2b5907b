/* SPDX-License-Identifier: MIT
 * Products of matrices by cublasLt, which can do a bit more in the same launch.
 *
 * cuBLAS is column-major: to it a row-major [r,c] matrix is its transpose, c x r with leading
 * dimension c. So y = x W^T is computed as y^T = W x^T, and the others likewise.
 *
 * It gets no workspace, so it takes no algorithm that divides the middle dimension among blocks,
 * unless the product brings one: then partial sums meet there, to be added in a fixed order.
 * Which algorithm cublasLt takes follows from the sizes alone, so that a product has the same bits
 * wherever its matrices stand. A bias's address counts too, so it is always a multiple of 256. */
#ifndef PLAIT__PRODUCT_H
#define PLAIT__PRODUCT_H

#include "codelets/cuda/launch.h"

#include <cublasLt.h>
#include <cublas_v2.h>
#include <limits.h>
#include <mutex>
#include <string.h>

/* C = op(A) op(B), where op(A) is m x k and op(B) k x n. All are column-major. */
struct plait__product {
	cublasOperation_t ta, tb;
	int64_t m, n, k;
	const float *a, *b;
	float *c;
	/* Leading dimensions; 0: dense. */
	int64_t lda = 0, ldb = 0, ldc = 0;
	/* Matrices begin whole columns behind a place of 256 bytes, and multiples of so many
	 * elements; 0: no more than that. */
	int64_t unit = 0;
	bool adds = false; /* to what C is; without an epilogue */
	void *workspace = NULL;
	size_t workspace_bytes = 0;
};

static inline int64_t plait__product_lda(const struct plait__product *p)
{
	return p->lda ? p->lda : p->ta == CUBLAS_OP_N ? p->m : p->k;
}

static inline int64_t plait__product_ldb(const struct plait__product *p)
{
	return p->ldb ? p->ldb : p->tb == CUBLAS_OP_N ? p->k : p->n;
}

static inline int64_t plait__product_ldc(const struct plait__product *p)
{
	return p->ldc ? p->ldc : p->m;
}

/* What a product's algorithm depends on. Padding is zero: keys are compared as bytes. */
struct plait__product_key {
	int64_t device, m, n, k, lda, ldb, ldc, unit, workspace;
	cublasOperation_t ta, tb;
	cublasLtEpilogue_t epilogue;
	cublasComputeType_t compute;
};

struct plait__product_algorithm {
	struct plait__product_key key;
	cublasLtMatmulAlgo_t algorithm;
	bool found;
};

/* What cublasLt wants described. Freed at the end of its life. */
struct plait__product_description {
	cublasLtMatmulDesc_t product = NULL;
	cublasLtMatrixLayout_t a = NULL, b = NULL, c = NULL;
	cublasLtMatmulPreference_t preference = NULL;

	~plait__product_description()
	{
		if (preference)
			cublasLtMatmulPreferenceDestroy(preference);
		if (c)
			cublasLtMatrixLayoutDestroy(c);
		if (b)
			cublasLtMatrixLayoutDestroy(b);
		if (a)
			cublasLtMatrixLayoutDestroy(a);
		if (product)
			cublasLtMatmulDescDestroy(product);
	}
};

/* The layout of a matrix as it stands in memory, before any transposition. */
static bool plait__layout(cublasLtMatrixLayout_t *layout, int64_t rows, int64_t columns, int64_t ld)
{
	return cublasLtMatrixLayoutCreate(layout, CUDA_R_32F, (uint64_t)rows, (uint64_t)columns,
					  ld) == CUBLAS_STATUS_SUCCESS;
}

template <typename value>
static bool plait__set(cublasLtMatmulDesc_t product, cublasLtMatmulDescAttributes_t attribute,
		       value v)
{
	return cublasLtMatmulDescSetAttribute(product, attribute, &v, sizeof v) ==
	       CUBLAS_STATUS_SUCCESS;
}

static bool plait__describe(struct plait__product_description *d, const struct plait__product *p,
			    const struct plait__product_key *key, const float *bias)
{
	int64_t a = p->ta == CUBLAS_OP_N ? p->m : p->k, b = p->tb == CUBLAS_OP_N ? p->k : p->n;

	return cublasLtMatmulDescCreate(&d->product, key->compute, CUDA_R_32F) ==
		       CUBLAS_STATUS_SUCCESS &&
	       plait__set(d->product, CUBLASLT_MATMUL_DESC_TRANSA, p->ta) &&
	       plait__set(d->product, CUBLASLT_MATMUL_DESC_TRANSB, p->tb) &&
	       plait__set(d->product, CUBLASLT_MATMUL_DESC_EPILOGUE, key->epilogue) &&
	       (!bias || plait__set(d->product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias)) &&
	       plait__layout(&d->a, a, p->m + p->k - a, key->lda) &&
	       plait__layout(&d->b, b, p->k + p->n - b, key->ldb) &&
	       plait__layout(&d->c, p->m, p->n, key->ldc);
}

/* The alignment of every column of a matrix. */
static uint32_t plait__product_alignment(int64_t ld, int64_t unit)
{
	uint32_t alignment = 16;

	while (((uint64_t)ld | (uint64_t)unit) * sizeof(float) % alignment != 0)
		alignment /= 2;
	return alignment;
}

template <typename value>
static bool plait__prefer(cublasLtMatmulPreference_t preference,
			  cublasLtMatmulPreferenceAttributes_t attribute, value v)
{
	return cublasLtMatmulPreferenceSetAttribute(preference, attribute, &v, sizeof v) ==
	       CUBLAS_STATUS_SUCCESS;
}

static bool plait__find_algorithm(const struct plait_call *call,
				  struct plait__product_description *d,
				  const struct plait__product_key *key,
				  cublasLtMatmulAlgo_t *algorithm)
{
	cublasLtMatmulHeuristicResult_t result;
	uint32_t c = plait__product_alignment(key->ldc, key->unit);
	int found = 0;

	if (cublasLtMatmulPreferenceCreate(&d->preference) != CUBLAS_STATUS_SUCCESS ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
			   plait__product_alignment(key->lda, key->unit)) ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
			   plait__product_alignment(key->ldb, key->unit)) ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, c) ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, c) ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
			   (uint64_t)key->workspace) ||
	    !plait__prefer(d->preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
			   (uint32_t)CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE) ||
	    cublasLtMatmulAlgoGetHeuristic((cublasLtHandle_t)call->cublas, d->product, d->a, d->b,
					   d->c, d->c, d->preference, 1, &result,
					   &found) != CUBLAS_STATUS_SUCCESS ||
	    found < 1 || result.state != CUBLAS_STATUS_SUCCESS)
		return false;
	*algorithm = result.algo;
	return true;
}

/* The algorithm for p; false if there is none. cublasLt takes tens of microseconds to choose one,
 * so the last ones are kept: more than a network of layers that all differ has. They are not each
 * thread's own, as threads may have small stacks, in which their variables are. */
#define PLAIT_ALGORITHMS 1024
static bool plait__algorithm(const struct plait_call *call, struct plait__product_description *d,
			     const struct plait__product_key *key, cublasLtMatmulAlgo_t *algorithm)
{
	static std::mutex mutex; /* for all below */
	static struct plait__product_algorithm known[PLAIT_ALGORITHMS];
	static unsigned count;
	std::lock_guard<std::mutex> hold(mutex);
	struct plait__product_algorithm *one = NULL;

	for (unsigned i = 0; i < PLAIT_ALGORITHMS && i < count && !one; i++)
		if (memcmp(&known[i].key, key, sizeof *key) == 0)
			one = &known[i];
	if (!one) {
		one = &known[count++ % PLAIT_ALGORITHMS];
		one->key = *key;
		one->found = plait__find_algorithm(call, d, key, &one->algorithm);
	}
	*algorithm = one->algorithm;
	return one->found;
}

/* How cuBLAS multiplies: it rounds the factors itself. */
static cublasComputeType_t plait__product_compute(const struct plait_call *call)
{
	switch (call->precision) {
	case PLAIT_PRECISION_TF32:
		return CUBLAS_COMPUTE_32F_FAST_TF32;
	case PLAIT_PRECISION_BF16:
		return CUBLAS_COMPUTE_32F_FAST_16BF;
	default:
		return CUBLAS_COMPUTE_32F;
	}
}

/* By cublasGemmEx, where cublasLt has no algorithm. */
static cublasStatus_t plait__gemm_ex(const struct plait_call *call, const struct plait__product *p)
{
	const float one = 1.0f, zero = 0.0f;

	if (p->m > INT_MAX || p->n > INT_MAX || p->k > INT_MAX)
		return CUBLAS_STATUS_NOT_SUPPORTED;
	return cublasGemmEx((cublasHandle_t)call->cublas, p->ta, p->tb, (int)p->m, (int)p->n,
			    (int)p->k, &one, p->a, CUDA_R_32F, (int)plait__product_lda(p), p->b,
			    CUDA_R_32F, (int)plait__product_ldb(p), p->adds ? &one : &zero, p->c,
			    CUDA_R_32F, (int)plait__product_ldc(p), plait__product_compute(call),
			    CUBLAS_GEMM_DEFAULT);
}

static struct plait__product_key plait__product_key_of(const struct plait_call *call,
						       const struct plait__product *p,
						       cublasLtEpilogue_t epilogue)
{
	struct plait__product_key key;
	int device = -1;

	memset(&key, 0, sizeof key);
	cudaGetDevice(&device);
	key.device = device;
	key.m = p->m;
	key.n = p->n;
	key.k = p->k;
	key.lda = plait__product_lda(p);
	key.ldb = plait__product_ldb(p);
	key.ldc = plait__product_ldc(p);
	key.unit = p->unit;
	key.workspace = (int64_t)p->workspace_bytes;
	key.ta = p->ta;
	key.tb = p->tb;
	key.epilogue = epilogue;
	key.compute = plait__product_compute(call);
	return key;
}

/* Submits the product, and with it what epilogue says of bias. Where cublasLt has no algorithm
 * for both, *joint is false and only the product is submitted; joint may be NULL for
 * CUBLASLT_EPILOGUE_DEFAULT.  No dimension is 0.  Returns what an op's cuda does. */
static int plait__product(const struct plait_call *call, const struct plait__product *p,
			  cublasLtEpilogue_t epilogue, const float *bias, bool *joint)
{
	const float one = 1.0f, zero = 0.0f;
	struct plait__product_key key = plait__product_key_of(call, p, epilogue);
	struct plait__product_description d;
	cublasLtMatmulAlgo_t algorithm;
	bool found;

	PLAIT__ASSERT((uintptr_t)bias % 256 == 0, "the address of a bias is a multiple of 256");
	if (!plait__describe(&d, p, &key, bias))
		return -(int)CUBLAS_STATUS_INTERNAL_ERROR;
	found = plait__algorithm(call, &d, &key, &algorithm);
	if (joint)
		*joint = found;
	if (found)
		return -(int)cublasLtMatmul((cublasLtHandle_t)call->cublas, d.product, &one, p->a,
					    d.a, p->b, d.b, p->adds ? &one : &zero, p->c, d.c, p->c,
					    d.c, &algorithm, p->workspace, p->workspace_bytes,
					    (cudaStream_t)call->stream);
	if (epilogue != CUBLASLT_EPILOGUE_DEFAULT)
		return plait__product(call, p, CUBLASLT_EPILOGUE_DEFAULT, NULL, NULL);
	return -(int)plait__gemm_ex(call, p);
}

#endif
