/* SPDX-License-Identifier: MIT
 * Single-precision matrix product on the CPU, by oneDNN. */
#ifndef PLAIT__GEMM_H
#define PLAIT__GEMM_H

#include <stddef.h>
#include <stdint.h>

/* C = op(A) op(B), row-major without gaps; ta, tb: 'N' or 'T'.  C: [m,n], op(A): [m,k],
 * op(B): [k,n].  Any size may be 0.  Runs in the calling thread and in those that
 * OpenMP adds. */
void plait__gemm(char ta, char tb, int64_t m, int64_t n, int64_t k, const float *a, const float *b,
		 float *c);

/* Makes oneDNN generate its kernels, which takes about 60 ms once in a process. */
void plait__gemm_warm_up(void);

/* Bytes of a GPU's memory that a product of m x n elements may use besides: eight parts of it,
 * which are then added, but no more than cuBLAS itself takes.  So it depends on this product alone.
 */
static inline size_t plait__product_workspace(int64_t m, int64_t n)
{
	double bytes = 8.0 * (double)m * (double)n * sizeof(float);

	return bytes < 32 << 20 ? (size_t)bytes : (size_t)32 << 20;
}

#endif
