/* SPDX-License-Identifier: MIT
 * Products of small matrices on the CPU: the same kernels (gemm_kernels.h) compiled for each width
 * of vectors, and the choice among them. For vectors of 16 and 8 the compiler needs no option: the
 * functions have an attribute. */
#ifndef PLAIT__GEMM_SMALL_H
#define PLAIT__GEMM_SMALL_H

#include <stdbool.h>
#include <stdint.h>

/* C = A op(B) + bias.  C: [m,n] and B row-major without gaps, all sizes at least 1. A[i,l] is
 * a[i a_row + l a_step]. B is [n,k] if transposed, else [k,n]. bias: [n] or NULL. */
struct plait__product {
	int64_t m, n, k;
	const float *a;
	int64_t a_row, a_step;
	const float *b;
	bool transposed;
	const float *bias;
	float *c;
};

/* Elements of B that a kernel can copy. It copies B where n < 16, and where it is transposed and
 * k < PLAIT__TURNED_K, 32 columns at a time. (A column C, n = 1, is computed as a row: there
 * it is A.) */
#define PLAIT__SMALL_B 8192
#define PLAIT__TURNED_K 208

/* Whether these kernels are faster than oneDNN. A function of the shape, so that a product is the
 * same wherever it is computed. */
bool plait__gemm_is_small(const struct plait__product *product);

/* By the widest vectors that the CPU has. */
void plait__gemm_small(const struct plait__product *product);

/* By vectors of one width: of 4, which every CPU has, of 8, of 16. */
void plait__gemm_4(const struct plait__product *product);
#ifdef __x86_64__
void plait__gemm_8(const struct plait__product *product);
void plait__gemm_16(const struct plait__product *product);
#endif
bool plait__gemm_has_8(void);
bool plait__gemm_has_16(void);

#endif
