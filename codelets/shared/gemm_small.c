/* SPDX-License-Identifier: MIT
 * Which products are small, and small products with vectors of 4, which every CPU has. */
#define TARGET
#define LANES 4
#define MOST_ROWS 6
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "codelets/shared/gemm_kernels.h"

void plait__gemm_4(const struct plait__product *product)
{
	small_product(*product);
}

#ifdef __x86_64__
bool plait__gemm_has_8(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool plait__gemm_has_16(void)
{
	return plait__gemm_has_8() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512bw");
}
#else
bool plait__gemm_has_8(void)
{
	return false;
}

bool plait__gemm_has_16(void)
{
	return false;
}
#endif

static void (*widest)(const struct plait__product *product) = plait__gemm_4;

/* Once, when the library is loaded: the kernel is the same for all workers. */
static __attribute__((constructor)) void find_widest(void)
{
#ifdef __x86_64__
	widest = plait__gemm_has_16()  ? plait__gemm_16
		 : plait__gemm_has_8() ? plait__gemm_8
				       : plait__gemm_4;
#endif
}

void plait__gemm_small(const struct plait__product *product)
{
	widest(product);
}

/* Measured beside dnnl_sgemm of oneDNN 2.6 on an Intel Xeon of family 6, model 207 (4th
 * generation), at the 2,250 small sizes of a grid, by `tests/bench/products all`: with vectors of
 * 16 these kernels take 0.36 of oneDNN's time in the mean; with both limited to AVX2 0.40, to SSE
 * 0.45. With vectors of 16 and 8 no size was slower by 6 % or more in each of several runs. */
bool plait__gemm_is_small(const struct plait__product *p)
{
	int64_t m = p->m, n = p->n, k = p->k, few = m < n ? m : n;
	int64_t narrow = n == 1 ? m : n, work;

	/* The first line is so that the products below do not overflow. */
	if (m > 65536 || n > 65536 || k > 65536 || (p->transposed && p->a_step != 1 && m > 1) ||
	    (narrow < 16 && narrow * k > PLAIT__SMALL_B))
		return false;
	work = m * n * k;
	if (k <= 2) /* writing C is all */
		return m * n <= 3072 && !(p->transposed && n > 128);
	if (p->transposed && m > 1 && m <= 4)
		return n * k <= 1200;
	if (p->transposed && m > 4 && m <= 8)
		return work <= 12000;
	if (!p->transposed && m <= 4 && n < 16 && k > 200)
		return false;
	if (!p->transposed && few == 1)
		return work <= 10240;
	return work <= (few >= 10 && k >= 10 && !(p->transposed && m <= 16) ? 65536 : 20480);
}
