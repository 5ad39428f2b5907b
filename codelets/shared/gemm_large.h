/* SPDX-License-Identifier: MIT
 * Matrix products by oneDNN. */
#ifndef PLAIT__GEMM_LARGE_H
#define PLAIT__GEMM_LARGE_H

#include "codelets/shared/gemm_small.h"

/* C = op(A) op(B), without the bias.  ta, tb: as for plait__gemm; a_row, a_step and transposed say
 * the same once more.  Takes up to 4 MiB of the thread's memory (codelets/dnnl/thread.h). */
void plait__gemm_large(char ta, char tb, const struct plait__product *product);

/* An operand: where it begins, and floats from row to row as it lies in memory. */
struct plait__operand {
	const float *at;
	int64_t row;
};

/* The same of n columns, to be written to c, of the product's C: b has only these. */
void plait__gemm_columns(char ta, char tb, const struct plait__product *product,
			 struct plait__operand a, struct plait__operand b, int64_t n, float *c);

/* How long the rows of a copy are best, so that they do not meet in the cache. */
int64_t plait__gemm_row(int64_t columns);

#endif
