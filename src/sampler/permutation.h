/* SPDX-License-Identifier: MIT
 * A seeded permutation of [0,n).  The value of a position is computed, so nothing is stored. */
#ifndef PLAIT__PERMUTATION_H
#define PLAIT__PERMUTATION_H

#include "src/base/assert.h"
#include "src/base/random.h"

#define PLAIT__PERMUTATION_ROUNDS 6

struct plait__permutation {
	uint64_t n;     /* positions */
	uint64_t mask;  /* the range that is permuted is [0, mask] */
	unsigned shift; /* half the bits of mask, rounded up */
	uint64_t add[PLAIT__PERMUTATION_ROUNDS], multiply[PLAIT__PERMUTATION_ROUNDS];
};

/* The permutation of key; n >= 1. */
static inline struct plait__permutation plait__permutation_make(uint64_t n, uint64_t key)
{
	struct plait__permutation p = { .n = n };
	unsigned bits = 1;

	while (bits < 64 && (UINT64_C(1) << bits) < n)
		bits++;
	p.mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	p.shift = (bits + 1) / 2;
	for (unsigned i = 0; i < PLAIT__PERMUTATION_ROUNDS; i++) {
		p.add[i] = plait__random(key, 2 * i);
		p.multiply[i] = plait__random(key, 2 * i + 1) | 1;
	}
	PLAIT__ASSERT(n >= 1 && p.mask >= n - 1 && p.mask / 2 < n,
		      "the range that is permuted covers [0,n) and is at most twice as large");
	PLAIT__ASSERT(p.shift >= 1, "xor with a shifted value can be undone");
	for (unsigned i = 0; i < PLAIT__PERMUTATION_ROUNDS; i++)
		PLAIT__ASSERT(p.multiply[i] % 2 == 1,
			      "multiplying by an odd number is a bijection");
	return p;
}

/* The value of position i.  Adding, multiplying by an odd number and xor with the upper half are
 * bijections of [0,2^bits), and so is their composition.  It is applied again to a value outside of
 * [0,n), which makes fewer than two applications on average.  A. Kensler, "Correlated
 * multi-jittered sampling", Pixar 2013; cycle walking: J. Black and P. Rogaway, "Ciphers
 * with arbitrary finite domains", CT-RSA 2002. */
static inline uint64_t plait__permute(const struct plait__permutation *p, uint64_t i)
{
	do {
		for (unsigned r = 0; r < PLAIT__PERMUTATION_ROUNDS; r++) {
			i = ((i + p->add[r]) * p->multiply[r]) & p->mask;
			i ^= i >> p->shift;
		}
	} while (i >= p->n);
	return i;
}

#endif
