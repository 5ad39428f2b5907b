/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/shared/bf16.h"
#include "src/base/base.h"

/* The same memory as bits, which the compiler may not take for other memory. */
typedef uint32_t __attribute__((may_alias)) word;

PLAIT__CLONES static void round_all(int64_t n, const float *x, float *y)
{
	const word *restrict from = (const word *)x;
	word *restrict to = (word *)y;

	for (int64_t i = 0; i < n; i++)
		to[i] = plait__bf16_bits(from[i]);
}

PLAIT__CLONES static void pack_all(int64_t n, const float *x, uint16_t *y)
{
	const word *restrict from = (const word *)x;
	uint16_t *restrict to = y;

	for (int64_t i = 0; i < n; i++)
		to[i] = (uint16_t)(plait__bf16_bits(from[i]) >> 16);
}

/* The choice among clones is exported where they are not static. */
void plait__bf16_round(int64_t n, const float *x, float *y)
{
	round_all(n, x, y);
}

void plait__bf16_pack(int64_t n, const float *x, uint16_t *y)
{
	pack_all(n, x, y);
}
