/* SPDX-License-Identifier: MIT
 * Matrix products by oneDNN. */
#ifndef PLAIT__GEMM_LARGE_H
#define PLAIT__GEMM_LARGE_H

#include "codelets/shared/gemm_small.h"

/* C = op(A) op(B), without the bias.  ta, tb: as for plait__gemm; a_row, a_step and transposed say
 * the same once more.  Keeps up to 4 MiB for each thread that calls it, until the thread ends. */
void plait__gemm_large(char ta, char tb, const struct plait__product *product);

#endif
