/* SPDX-License-Identifier: MIT
 * A 64-bit hash of a stream of bytes, as fast as memory is read: it tells whether two runs
 * delivered the same, and withstands chance, not malice.
 *
 * The stream is cut into blocks of 64 bytes, the last one filled up with zeros; word i of a
 * block, little-endian, goes into lane i: lane = rotate(lane ^ word, 29) * PRIME.  Eight lanes
 * keep the multiplier busy.  The rotation carries the upper bits, the signs of floats, to where
 * the product spreads them.  At the end the lanes and the length are mixed into one. */
#ifndef PLAIT__HASH_H
#define PLAIT__HASH_H

#include "src/base/assert.h"
#include "src/base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define PLAIT__HASH_LANES 8
#define PLAIT__HASH_BLOCK (PLAIT__HASH_LANES * sizeof(uint64_t))

struct plait__hash {
	uint64_t lane[PLAIT__HASH_LANES];
	uint64_t length;
	bool ended; /* the rest has been filled up: nothing can follow */
	unsigned char
		rest[PLAIT__HASH_BLOCK]; /* the length % PLAIT__HASH_BLOCK bytes not yet hashed */
};

static inline void plait__hash_start(struct plait__hash *hash)
{
	*hash = (struct plait__hash){ .length = 0 };
	for (uint64_t i = 0; i < PLAIT__HASH_LANES; i++)
		hash->lane[i] = plait__random(0, i);
}

static inline void plait__hash_blocks(struct plait__hash *hash, const unsigned char *bytes,
				      size_t blocks)
{
	uint64_t lane[PLAIT__HASH_LANES], word[PLAIT__HASH_LANES];

	memcpy(lane, hash->lane, sizeof lane);
	for (; blocks > 0; blocks--, bytes += PLAIT__HASH_BLOCK) {
		memcpy(word, bytes, sizeof word);
#pragma GCC unroll 8
		for (int i = 0; i < PLAIT__HASH_LANES; i++) { /* lanes stay in registers */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
			word[i] = __builtin_bswap64(word[i]);
#endif
			word[i] ^= lane[i];
			lane[i] = (word[i] << 29 | word[i] >> 35) * 0x9e3779b97f4a7c15u;
		}
	}
	memcpy(hash->lane, lane, sizeof lane);
}

static inline void plait__hash_add(struct plait__hash *hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t buffered = hash->length % PLAIT__HASH_BLOCK;

	PLAIT__ASSERT(!hash->ended, "nothing is added to a hash that has ended");
	hash->length += size;
	if (buffered > 0) {
		size_t more =
			size < PLAIT__HASH_BLOCK - buffered ? size : PLAIT__HASH_BLOCK - buffered;

		memcpy(hash->rest + buffered, bytes, more);
		bytes += more;
		size -= more;
		if (buffered + more < PLAIT__HASH_BLOCK)
			return;
		plait__hash_blocks(hash, hash->rest, 1);
	}
	plait__hash_blocks(hash, bytes, size / PLAIT__HASH_BLOCK);
	if (size % PLAIT__HASH_BLOCK > 0)
		memcpy(hash->rest, bytes + size - size % PLAIT__HASH_BLOCK,
		       size % PLAIT__HASH_BLOCK);
}

static inline uint64_t plait__hash_end(struct plait__hash *hash)
{
	size_t buffered = hash->length % PLAIT__HASH_BLOCK;
	uint64_t result = 0;

	PLAIT__ASSERT(!hash->ended, "a hash ends once");
	hash->ended = true;
	if (buffered > 0) {
		memset(hash->rest + buffered, 0, PLAIT__HASH_BLOCK - buffered);
		plait__hash_blocks(hash, hash->rest, 1);
	}
	for (int i = 0; i < PLAIT__HASH_LANES; i++)
		result = plait__key(result, hash->lane[i]);
	return plait__key(result, hash->length);
}

#endif
