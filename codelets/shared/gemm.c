/* SPDX-License-Identifier: MIT
 * The choice between our kernels and oneDNN's, and what neither computes: empty sums. */
#include "config.h"
#include "codelets/shared/gemm.h"
#include "codelets/dnnl/gemm_bf16.h"
#include "codelets/shared/gemm_large.h"
#include "codelets/shared/gemm_small.h"
#include "src/base/base.h"

#include <omp.h>
#include <string.h>

PLAIT__CLONES static void add_bias(int64_t m, int64_t n, const float *restrict bias,
				   float *restrict c)
{
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++)
			c[i * n + j] += bias[j];
}

/* A CPU has no TF32. */
static bool rounds(enum plait_precision precision)
{
	return precision == PLAIT_PRECISION_BF16;
}

/* oneDNN could start from the bias (beta = 1), but that costs as much as a second pass. */
static void large(bool bf16, char ta, char tb, const struct plait__product *p)
{
	if (bf16)
		plait__gemm_bf16_large(ta, tb, p);
	else
		plait__gemm_large(ta, tb, p);
	if (p->bias)
		add_bias(p->m, p->n, p->bias, p->c);
}

/* The sizes alone. */
static struct plait__product product_of(char ta, char tb, int64_t m, int64_t n, int64_t k)
{
	return (struct plait__product){ .m = m,
					.n = n,
					.k = k,
					.a_row = ta == 'N' ? k : 1,
					.a_step = ta == 'N' ? 1 : m,
					.transposed = tb == 'T' };
}

void plait__gemm(enum plait_precision precision, char ta, char tb, int64_t m, int64_t n, int64_t k,
		 const float *a, const float *b, const float *bias, float *c)
{
	struct plait__product product = product_of(ta, tb, m, n, k);

	product.a = a;
	product.b = b;
	product.bias = bias;
	product.c = c;
	PLAIT__ASSERT(m >= 0 && n >= 0 && k >= 0, "the sizes of a matrix are not negative");
	PLAIT__ASSERT(c != a && c != b, "a matrix product is not computed in place");
	if (m == 0 || n == 0)
		return;
	if (k == 0) {
		memset(c, 0, (size_t)(m * n) * sizeof *c);
		if (bias)
			add_bias(m, n, bias, c);
	} else if (!plait__gemm_is_small(&product)) {
		large(rounds(precision), ta, tb, &product);
	} else if (rounds(precision)) {
		plait__gemm_bf16_small(&product);
	} else {
		plait__gemm_small(&product);
	}
}

static void generate(void)
{
	static const char kind[][2] = { { 'N', 'T' }, { 'N', 'N' }, { 'T', 'N' } };
	/* So large that oneDNN takes its packed kernels, and not those for small matrices. */
	enum { N = 64 };
	static const float a[N * N], b[N * N];
	float c[N * N];
	const struct plait__product sizes[] = {
		{ .m = 2, .n = 2, .k = 2, .a = a, .b = b, .c = c },
		{ .m = N, .n = N, .k = N, .a = a, .b = b, .c = c }
	};

	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
		for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
			large(false, kind[i][0], kind[i][1], &sizes[j]);
}

void plait__gemm_warm_up(enum plait_precision precision, char ta, char tb, int64_t m, int64_t n,
			 int64_t k)
{
	static bool warm; /* atomic; two threads may both generate, which is harmless */
	struct plait__product product = product_of(ta, tb, m, n, k);
	int threads = omp_get_max_threads();

	if (m <= 0 || n <= 0 || k <= 0 || plait__gemm_is_small(&product))
		return;
	/* As in workers. OpenMP's own threads would have stacks as small as ulimit -s says. */
	omp_set_num_threads(1);
	if (!(rounds(precision) && plait__gemm_bf16_warm_up(ta, tb, &product)) &&
	    !__atomic_exchange_n(&warm, true, __ATOMIC_ACQ_REL))
		generate();
	omp_set_num_threads(threads);
}
