/* SPDX-License-Identifier: MIT
 * cuBLASLt of the virtual GPU: values, rounding, and which algorithms are found. */
#include "tests/virtual_gpu/self_lt.h"

/* -- values --------------------------------------------------------------------------------- */

static const std::vector<float> AB = { 22, 28, 49, 64, 76, 100, 103, 136 };

static void test_epilogues(void)
{
	struct product p = prepare(CUBLASLT_EPILOGUE_DEFAULT);
	long before = vgpu_counts[0].gemms;

	is_int(multiply(p), CUBLAS_STATUS_SUCCESS, "a product is made");
	is_int(vgpu_counts[0].gemms - before, 1, "and counted");
	is_matrix(p.D, AB, "A B");
	multiply(p, 1);
	is_matrix(p.D, { 44, 56, 98, 128, 152, 200, 206, 272 }, "A B + C in C's place");
	p = prepare(CUBLASLT_EPILOGUE_BIAS);
	multiply(p);
	is_matrix(p.D, { 23, 30, 50, 66, 77, 102, 104, 138 }, "each column with the bias");
	p = prepare(CUBLASLT_EPILOGUE_RELU);
	multiply(p, 0, 0, -1);
	is_matrix(p.D, { 0, 0, 0, 0, 0, 0, 0, 0 }, "nothing below 0");
	p = prepare(CUBLASLT_EPILOGUE_RELU_BIAS);
	multiply(p, 0, 0, -1.f / 32);
	is_matrix(p.D, { 0.3125, 1.125, 0, 0, 0, 0, 0, 0 }, "the bias comes before that");
	p = prepare(CUBLASLT_EPILOGUE_BGRADA);
	multiply(p);
	is_matrix(p.D, AB, "A B with sums of A");
	is_matrix(p.bias, { 9, 12, 3, 4 }, "as many as it has rows");
	p = prepare(CUBLASLT_EPILOGUE_BGRADB);
	multiply(p);
	is_matrix(p.D, AB, "A B with sums of B");
	is_matrix(p.bias, { 6, 15, 24, 33 }, "as many as it has columns");
}

/* The same operands stored the other way. */
static void test_transposed(void)
{
	struct product p = prepare(CUBLASLT_EPILOGUE_BGRADA);

	set(p, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
	set(p, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_T);
	is_int(search(p), CUBLAS_STATUS_INVALID_VALUE, "2 x 4 is no product of 3 x 2 and 4 x 3");
	is_int(multiply(p), CUBLAS_STATUS_INVALID_VALUE, "and is not made");
	cublasLtMatrixLayoutInit(p.a, CUDA_R_32F, 3, 2, 3);
	cublasLtMatrixLayoutInit(p.b, CUDA_R_32F, 4, 3, 4);
	is_int(search(p), CUBLAS_STATUS_SUCCESS, "but of the transposed ones");
	multiply(p);
	is_matrix(p.D, { 38, 83, 44, 98, 50, 113, 56, 128 }, "A' B'");
	is_matrix(p.bias, { 6, 15, 3, 4 }, "sums of A'");
	cublasLtMatrixLayoutInit(p.b, CUDA_R_32F, 4, 3, 3);
	is_int(search(p), CUBLAS_STATUS_INVALID_VALUE, "a column shorter than its matrix");
}

/* Of numbers from 1 to 2, those that are left are 2 half apart.  1 + half lies between two and goes
 * to the even one, 1; 1 + 3 half to 1 + 4 half; what is a little more than 1 + half to 1 + 2 half.
 */
static void check_rounded(cublasComputeType_t compute, float half, const char *name)
{
	const float x[] = { 1 + half, 1 + 3 * half, 1 + half + half / 64, 0, -INFINITY, NAN },
		    one = 1;
	const float near[] = { 1, 1 + 4 * half, 1 + 2 * half };
	float *a = device<float>(6), *i = device<float>(1), *y = device<float>(6);
	std::vector<float> special;
	cublasHandle_t handle;
	struct product p;

	cudaMemcpy(a, x, sizeof x, cudaMemcpyHostToDevice);
	cudaMemcpy(i, &one, sizeof one, cudaMemcpyHostToDevice);
	cublasCreate(&handle);
	gemm(handle, CUBLAS_OP_N, 3, 1, 1, a, 3, i, 1, y, 3);
	is_matrix(y, { x[0], x[1], x[2] }, "nothing is rounded");
	gemm(handle, CUBLAS_OP_N, 3, 1, 1, a, 3, i, 1, y, 3, compute);
	is_matrix(y, { near[0], near[1], near[2] }, name);
	gemm(handle, CUBLAS_OP_N, 6, 1, 1, a, 6, i, 1, y, 6, compute);
	special = host(y, 6);
	ok(special[3] == 0 && special[4] == -INFINITY && isnan(special[5]),
	   "0, infinity and NaN stay");
	for (cublasComputeType_t c : { CUBLAS_COMPUTE_32F, compute }) {
		const float *v = c == compute ? near : x;

		p = prepare(CUBLASLT_EPILOGUE_DEFAULT, c);
		cublasLtMatrixLayoutInit(p.b, CUDA_R_32F, 3, 1, 3);
		cublasLtMatrixLayoutInit(p.d, CUDA_R_32F, 2, 1, 2);
		search(p);
		cudaMemcpy(p.B, x, 3 * sizeof *x, cudaMemcpyHostToDevice);
		multiply(p);
		is_near(host(p.D, 1)[0], 1 * v[0] + 3 * v[1] + 5 * v[2], 1e-6,
			"and not in cuBLASLt, unless it was asked for"); /* roundings near 9 */
	}
	cublasDestroy(handle);
}

static void test_rounded(void)
{
	check_rounded(CUBLAS_COMPUTE_32F_FAST_TF32, 0x1p-11f,
		      "TF32 rounds to 10 bits, halves to even");
	check_rounded(CUBLAS_COMPUTE_32F_FAST_16BF, 0x1p-8f, "bfloat16 to 7");
}

/* -- the algorithm -------------------------------------------------------------------------- */

static void test_workspace(void)
{
	struct product p = prepare(CUBLASLT_EPILOGUE_DEFAULT);
	uint64_t bytes = 1 << 20;
	uint32_t none = CUBLASLT_REDUCTION_SCHEME_NONE;

	is_int(p.found.workspaceSize, 0, "no workspace is wanted that was not offered");
	cublasLtMatmulPreferenceSetAttribute(p.preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
					     &bytes, sizeof bytes);
	is_int(search(p), CUBLAS_STATUS_SUCCESS, "with one");
	is_int(p.found.workspaceSize, 32, "there are partial sums of D");
	is_int(multiply(p), CUBLAS_STATUS_INVALID_VALUE, "which have no room");
	p.workspace = filled(8);
	is_int(multiply(p, 0, 32), CUBLAS_STATUS_SUCCESS, "and then have");
	is_matrix(p.D, AB, "A B");
	ok(host((float *)p.workspace, 8)[7] != 8, "what the workspace held is gone");
	cublasLtMatmulPreferenceSetAttribute(
		p.preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &none, sizeof none);
	search(p);
	is_int(p.found.workspaceSize, 0, "no partial sums where none are allowed");
	is_int(cublasLtMatmulPreferenceSetAttribute(
		       p.preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &none, sizeof none),
	       CUBLAS_STATUS_INVALID_VALUE, "a size in 4 bytes is refused");
	is_int(cublasLtMatmulDescSetAttribute(p.desc, CUBLASLT_MATMUL_DESC_TRANSA, &bytes,
					      sizeof bytes),
	       CUBLAS_STATUS_INVALID_VALUE, "an operation in 8 too");
}

static void test_no_algorithm(void)
{
	struct product p = prepare(CUBLASLT_EPILOGUE_DEFAULT);
	const float one = 1, zero = 0;
	int n = -1;

	setenv("VGPU_LT", "0", 1);
	is_int(cublasLtMatmulAlgoGetHeuristic(p.handle, p.desc, p.a, p.b, p.d, p.d, p.preference, 1,
					      &p.found, &n),
	       CUBLAS_STATUS_NOT_SUPPORTED, "no algorithm is found where there shall be none");
	is_int(n, 0, "and none told");
	is_int(cublasLtMatmul(p.handle, p.desc, &one, p.A, p.a, p.B, p.b, &zero, p.D, p.d, p.D, p.d,
			      NULL, NULL, 0, NULL),
	       CUBLAS_STATUS_NOT_SUPPORTED, "nor by the product itself");
	unsetenv("VGPU_LT");
	is_int(cublasLtMatmul(p.handle, p.desc, &one, p.A, p.a, p.B, p.b, &zero, p.D, p.d, p.D, p.d,
			      NULL, NULL, 0, NULL),
	       CUBLAS_STATUS_SUCCESS, "which looks for one else");
	is_matrix(p.D, AB, "A B");
}

static void test_handle(void)
{
	struct product p = prepare(CUBLASLT_EPILOGUE_DEFAULT);
	const cublasLtHandle_t own = p.handle;
	cublasHandle_t handle;

	cublasCreate(&handle);
	p.handle = (cublasLtHandle_t)handle;
	is_int(search(p), CUBLAS_STATUS_SUCCESS, "cuBLAS's handle is one of cuBLASLt");
	is_int(multiply(p), CUBLAS_STATUS_SUCCESS, "for products too");
	is_matrix(p.D, AB, "A B");
	cublasDestroy(handle);
	p.handle = own;
}

int main(void)
{
	test_epilogues();
	test_transposed();
	test_rounded();
	test_workspace();
	test_no_algorithm();
	test_handle();
	return tap_done();
}
