/* SPDX-License-Identifier: MIT
 * Single-precision matrix product on the CPU: small ones by kernels of our own (gemm_small.h), the
 * others by oneDNN. */
#ifndef PLAIT__GEMM_H
#define PLAIT__GEMM_H

#include <plait/tensor.h>
#include <stdint.h>

/* C = op(A) op(B) + bias, row-major without gaps; ta, tb: 'N' or 'T'.  C: [m,n], op(A): [m,k],
 * op(B): [k,n], bias: [n], added to each row, or NULL.  Any size may be 0.  precision says how A
 * and B are rounded first, the bias never is.  Runs in the calling thread and in those that OpenMP
 * adds. */
void plait__gemm(enum plait_precision precision, char ta, char tb, int64_t m, int64_t n, int64_t k,
		 const float *a, const float *b, const float *bias, float *c);

/* Makes oneDNN generate its kernels, which takes 20 to 60 ms once in a process; does nothing where
 * a product of these sizes is not oneDNN's. */
void plait__gemm_warm_up(enum plait_precision precision, char ta, char tb, int64_t m, int64_t n,
			 int64_t k);

#endif
