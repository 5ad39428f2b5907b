/* SPDX-License-Identifier: MIT
 * Products of matrices by oneDNN's matmul, in the calling thread.  It takes bfloat16, which
 * dnnl_sgemm does not. */
#ifndef PLAIT__MATMUL_H
#define PLAIT__MATMUL_H

#include <stddef.h>
#include <stdint.h>

/* C = A B.  A: [m,k] and B: [k,n], both of one dtype; an element's neighbour in the next row or
 * column is so many elements further on.  C: [m,n] of float32, whose rows are without gaps but
 * c_row apart.  dtype: dnnl_bf16 or dnnl_f32. */
struct plait__matmul {
	int64_t m, n, k;
	int64_t a_row, a_column, b_row, b_column, c_row;
	int64_t dtype;
};

struct plait__matmul_kernel;

/* The kernel of these sizes, which the calling thread keeps; never NULL.  The first call for some
 * sizes generates code. */
const struct plait__matmul_kernel *plait__matmul_find(const struct plait__matmul *sizes);

/* Bytes that it needs besides. */
size_t plait__matmul_scratch(const struct plait__matmul_kernel *kernel);

/* Computes each element in an order that the sizes alone decide.  scratch: that many bytes, aligned
 * to PLAIT__ALIGN. */
void plait__matmul_run(const struct plait__matmul_kernel *kernel, const void *a, const void *b,
		       float *c, void *scratch);

#endif
