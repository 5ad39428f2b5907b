/* SPDX-License-Identifier: MIT
 * Counter-based randomness: a value is a function of its key, so that there is no state to
 * share and no order to depend on. */
#ifndef PLAIT__RANDOM_H
#define PLAIT__RANDOM_H

#include "src/base/scalar.h"

/* The finalizer of SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014, with Stafford's variant 13 constants. */
PLAIT_FORMULA uint64_t plait__mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* The i-th value of stream key: SplitMix64 at position i. */
PLAIT_FORMULA uint64_t plait__random(uint64_t key, uint64_t i)
{
	return plait__mix(key + (i + 1) * 0x9e3779b97f4a7c15u);
}

/* A key for something inside something: (seed, epoch), (seed, parameter) ... */
PLAIT_FORMULA uint64_t plait__key(uint64_t key, uint64_t part)
{
	return plait__mix(plait__mix(key) ^ (part * 0x9e3779b97f4a7c15u + 0x632be59bd9b4e019u));
}

/* Number i of a stream, in 32 bits, for kernels that draw one for each element: it has no product
 * of 64 bits, so compilers make vectors of it.  The mixing is lowbias32 of C. Wellons's
 * hash-prospector; half of the key is in front of it and half within, so that streams do not
 * overlap. */
PLAIT_FORMULA uint32_t plait__random_32(uint64_t key, uint32_t i)
{
	uint32_t z = i ^ (uint32_t)key;

	z = (z ^ (z >> 16)) * 0x7feb352du ^ (uint32_t)(key >> 32);
	z = (z ^ (z >> 15)) * 0x846ca68bu;
	return z ^ (z >> 16);
}

/* Uniform in [0,1), 24 bits: every value is a float. */
PLAIT_FORMULA float plait__uniform(uint64_t random)
{
	return (float)(random >> 40) * 0x1p-24f;
}

#endif
