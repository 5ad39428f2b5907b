/* SPDX-License-Identifier: MIT
 * Small products for one width of vectors: by tiles or by dots. */
#ifndef PLAIT__GEMM_KERNELS_H
#define PLAIT__GEMM_KERNELS_H

#include "codelets/shared/gemm_dots.h"
#include "codelets/shared/gemm_tiles.h"

/* Whether adding lanes costs less than turning B, which serves all rows of A. It does from a k on
 * that grows with the smaller side of C (measured at 1 to 784 and with 8 and 16 lanes). */
INLINE bool dots_are_better(const struct plait__product *p)
{
	int64_t few = p->m < p->n ? p->m : p->n;

	return p->transposed && p->k >= LANES &&
	       (p->k >= (few < 5 || p->m < 16 ? 16 : 24) * few || p->k >= PLAIT__TURNED_K);
}

INLINE void small_product(struct plait__product p)
{
	PLAIT__ASSERT(p.m > 0 && p.n > 0 && p.k > 0, "a small product has elements");
	if (p.n == 1 && !p.bias) /* a column is a row: c = b' A' */
		p = (struct plait__product){ .m = 1,
					     .n = p.m,
					     .k = p.k,
					     .a = p.b,
					     .a_step = 1,
					     .b = p.a,
					     .transposed = p.a_step == 1,
					     .c = p.c };
	if (p.k == 1) /* [n,1] is [1,n] */
		p.transposed = false;
	if (dots_are_better(&p))
		by_dots(&p);
	else
		by_tiles(&p);
}

#endif
