/* SPDX-License-Identifier: MIT
 * What the tests of the virtual GPU have in common: its memory, and deaths. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_SELF_H
#define PLAIT_TESTS_VIRTUAL_GPU_SELF_H

#include "cublas_v2.h"
#include "cuda_runtime.h"
#include "tests/tap.h"

#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#define LAUNCH(kernel, blocks, threads, ...) \
	vgpu_launch(#kernel, blocks, threads, NULL, kernel, __VA_ARGS__)

template <typename type>
static type *device(size_t n)
{
	void *p = NULL;

	cudaMalloc(&p, n * sizeof(type));
	return (type *)p;
}

template <typename type>
static std::vector<type> host(const type *p, size_t n)
{
	std::vector<type> values(n);

	cudaMemcpy(values.data(), p, n * sizeof(type), cudaMemcpyDeviceToHost);
	return values;
}

/* C = A op(B), float32. */
static inline cublasStatus_t gemm(cublasHandle_t handle, cublasOperation_t tb, int m, int n, int k,
				  const float *a, int lda, const float *b, int ldb, float *c,
				  int ldc, cublasComputeType_t compute = CUBLAS_COMPUTE_32F)
{
	const float one = 1, zero = 0;

	return cublasGemmEx(handle, CUBLAS_OP_N, tb, m, n, k, &one, a, CUDA_R_32F, lda, b,
			    CUDA_R_32F, ldb, &zero, c, CUDA_R_32F, ldc, compute,
			    CUBLAS_GEMM_DEFAULT);
}

/* What a child that calls act says on stderr before it dies; "" if it lives. */
static inline const char *last_words(void (*act)(void))
{
	static char text[4096];
	int to[2], status = 0;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	text[0] = '\0';
	if (pipe(to) != 0 || (child = fork()) < 0)
		return "no child";
	if (child == 0) {
		dup2(to[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	close(to[1]);
	while ((got = read(to[0], text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	close(to[0]);
	text[n] = '\0';
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : text;
}

#endif
