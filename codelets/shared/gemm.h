/* SPDX-License-Identifier: MIT
 * Single-precision matrix product on the CPU, by oneDNN. */
#ifndef PLAIT__GEMM_H
#define PLAIT__GEMM_H

#include <stdint.h>

/* C = op(A) op(B), row-major without gaps; ta, tb: 'N' or 'T'.  C: [m,n], op(A): [m,k],
 * op(B): [k,n].  Any size may be 0.  Runs in the calling thread and in those that
 * OpenMP adds. */
void plait__gemm(char ta, char tb, int64_t m, int64_t n, int64_t k, const float *a, const float *b,
		 float *c);

/* Makes oneDNN generate its kernels, which takes about 60 ms once in a process. */
void plait__gemm_warm_up(void);

#endif
