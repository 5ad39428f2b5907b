/* SPDX-License-Identifier: MIT
 * Small products with AVX-512. */
#ifdef __x86_64__

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))
#define LANES 16
#define MOST_ROWS 8
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "codelets/shared/gemm_kernels.h"

TARGET void plait__gemm_16(const struct plait__product *product)
{
	small_product(*product);
}

#endif
