/* SPDX-License-Identifier: MIT
 * Small products with AVX2. */
#ifdef __x86_64__

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define MOST_ROWS 6
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "codelets/shared/gemm_kernels.h"

TARGET void plait__gemm_8(const struct plait__product *product)
{
	small_product(*product);
}

#endif
