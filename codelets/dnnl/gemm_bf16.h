/* SPDX-License-Identifier: MIT
 * Matrix products of factors rounded to bfloat16, added in float32. */
#ifndef PLAIT__GEMM_BF16_H
#define PLAIT__GEMM_BF16_H

#include "codelets/shared/gemm_small.h"

/* As plait__gemm_small and plait__gemm_large, which compute what these round.  Where the CPU has
 * instructions for bfloat16, oneDNN's matmul takes the place of the latter.  The copies are in the
 * thread's memory (codelets/dnnl/thread.h): A, and some columns of B at a time, 4 MiB of them or
 * 64. */
void plait__gemm_bf16_small(const struct plait__product *product);
void plait__gemm_bf16_large(char ta, char tb, const struct plait__product *product);

/* The latter by oneDNN's matmul: of bfloat16, or of floats that have been rounded, as every CPU
 * can.  The first is for CPUs that have plait_cpu_has_bf16(). */
void plait__gemm_bf16_matmul(char ta, char tb, const struct plait__product *product, bool packed);

/* Makes oneDNN generate what a large product of these sizes needs, where its matmul computes it;
 * the product's matrices are not read.  False: it does not. */
bool plait__gemm_bf16_warm_up(char ta, char tb, const struct plait__product *product);

#endif
