/* SPDX-License-Identifier: MIT
 * The only file that uses oneDNN. dnnl_sgemm is the same in its versions 2 and 3, and a call of
 * it costs less than a matmul primitive where matrices are small. */
#include "config.h"
#include "codelets/shared/gemm.h"
#include "src/base/assert.h"

#include <omp.h>
#include <dnnl.h>
#include <stdbool.h>
#include <string.h>

void plait__gemm(char ta, char tb, int64_t m, int64_t n, int64_t k, const float *a, const float *b,
		 float *c)
{
	dnnl_status_t status;

	PLAIT__ASSERT(m >= 0 && n >= 0 && k >= 0, "the sizes of a matrix are not negative");
	PLAIT__ASSERT(c != a && c != b, "a matrix product is not computed in place");
	if (m == 0 || n == 0)
		return;
	if (k == 0) {
		memset(c, 0, (size_t)(m * n) * sizeof *c);
		return;
	}
	status = dnnl_sgemm(ta, tb, m, n, k, 1.0f, a, ta == 'N' ? k : m, b, tb == 'N' ? n : k, 0.0f,
			    c, n);
	/* It refuses only a wrong letter or leading dimension. */
	PLAIT__ASSERT(status == dnnl_success,
		      "oneDNN takes the letters and leading dimensions above");
	(void)status;
}

void plait__gemm_warm_up(void)
{
	static bool warm; /* atomic; two threads may both generate, which is harmless */
	static const char kind[][2] = { { 'N', 'T' }, { 'N', 'N' }, { 'T', 'N' } };
	/* So large that oneDNN takes its packed kernels, and not those for small matrices. */
	enum { N = 64 };
	static const float a[N * N], b[N * N];
	float c[N * N];
	int threads;

	if (__atomic_exchange_n(&warm, true, __ATOMIC_ACQ_REL))
		return;
	/* As in workers. OpenMP's own threads would have stacks as small as ulimit -s says. */
	threads = omp_get_max_threads();
	omp_set_num_threads(1);
	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
		plait__gemm(kind[i][0], kind[i][1], 2, 2, 2, a, b, c);
		plait__gemm(kind[i][0], kind[i][1], N, N, N, a, b, c);
	}
	omp_set_num_threads(threads);
}
