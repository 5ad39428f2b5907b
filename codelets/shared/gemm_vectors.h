/* SPDX-License-Identifier: MIT
 * Vectors of one width, for the kernels of small products. The .c file that includes this, one for
 * each width, defines
 *   TARGET               the attribute of functions that may use these vectors
 *   LANES                floats in a vector: 16, 8 or 4
 *   MOST_ROWS            of a tile that is two vectors wide: what the registers hold, at most 8
 *   MULTIPLY_ADD(a,b,c)  a b + c, in one instruction where there is one
 * The types are those of GCC and clang, which make instructions of them whatever -O is. */
#ifndef PLAIT__GEMM_VECTORS_H
#define PLAIT__GEMM_VECTORS_H

#include "codelets/shared/gemm_small.h"

#include <string.h>

#define KERNEL TARGET static __attribute__((noinline)) void
#define INLINE TARGET static inline __attribute__((always_inline))
/* A loop that must be unrolled: only then are the vectors in it registers. */
#define UNROLLED(i, n) _Pragma("GCC unroll 8") for (int i = 0; i < (n); i++)

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(4 * LANES)));
typedef float four __attribute__((vector_size(16)));
typedef float loose_four __attribute__((vector_size(16), aligned(4), may_alias));

INLINE vec load(const float *p)
{
	return *(const loose *)p;
}

INLINE void store(float *p, vec v)
{
	*(loose *)p = v;
}

INLINE vec all(float x)
{
	return x - (vec){ 0 };
}

INLINE four load_four(const float *p)
{
	return *(const loose_four *)p;
}

INLINE void store_four(float *p, four v)
{
	*(loose_four *)p = v;
}

/* Elements a, b, c and d of each four of x and y; LANES + i is element i of y. */
#define OF_FOUR(i, a, b, c, d) (i) + (a), (i) + (b), (i) + (c), (i) + (d)
#if LANES == 16
#define SHUFFLE(x, y, ...) \
	__builtin_shufflevector(x, y, OF_FOUR(0, __VA_ARGS__), OF_FOUR(4, __VA_ARGS__), \
				OF_FOUR(8, __VA_ARGS__), OF_FOUR(12, __VA_ARGS__))
#elif LANES == 8
#define SHUFFLE(x, y, ...) \
	__builtin_shufflevector(x, y, OF_FOUR(0, __VA_ARGS__), OF_FOUR(4, __VA_ARGS__))
#else
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#endif
#define FOUR_AT(v, i) __builtin_shufflevector(v, v, i, (i) + 1, (i) + 2, (i) + 3)

/* The sum of the lanes of each of four vectors. */
INLINE four lane_sums(const vec *v)
{
	vec x = SHUFFLE(v[0], v[1], 0, LANES, 1, LANES + 1) +
		SHUFFLE(v[0], v[1], 2, LANES + 2, 3, LANES + 3);
	vec y = SHUFFLE(v[2], v[3], 0, LANES, 1, LANES + 1) +
		SHUFFLE(v[2], v[3], 2, LANES + 2, 3, LANES + 3);
	vec s = SHUFFLE(x, y, 0, 1, LANES, LANES + 1) + SHUFFLE(x, y, 2, 3, LANES + 2, LANES + 3);

#if LANES == 16
	return (FOUR_AT(s, 0) + FOUR_AT(s, 8)) + (FOUR_AT(s, 4) + FOUR_AT(s, 12));
#elif LANES == 8
	return FOUR_AT(s, 0) + FOUR_AT(s, 4);
#else
	return s;
#endif
}

#endif
