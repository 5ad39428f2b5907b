/* SPDX-License-Identifier: MIT
 * float32 rounded to bfloat16, which is its upper 16 bits: to the nearest, of two to the even one,
 * and what is too large for that to an infinity.  NaN and infinities stay what they are. */
#ifndef PLAIT__BF16_H
#define PLAIT__BF16_H

#include <stdint.h>
#include <string.h>

/* The bits of a float rounded; the lower 16 are 0.  A NaN is made quiet, as its upper bits alone
 * may be those of an infinity. */
static inline uint32_t plait__bf16_bits(uint32_t bits)
{
	uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);

	return ((bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : nearest) & 0xffff0000;
}

/* One float rounded. */
static inline float plait__bf16(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	bits = plait__bf16_bits(bits);
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* y = x rounded, n of them, as float32 or as the 16 bits. */
void plait__bf16_round(int64_t n, const float *x, float *y);
void plait__bf16_pack(int64_t n, const float *x, uint16_t *y);

#endif
