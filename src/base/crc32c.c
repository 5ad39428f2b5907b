/* SPDX-License-Identifier: MIT
 * The instruction takes 8 bytes but has a latency of 3 cycles, so long pieces go through it
 * as three strands at once, whose checksums a table then joins. */
#include "config.h"
#include "src/base/crc32c.h"
#include "src/base/assert.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* bit-reversed */

/* Bytes of one strand: long against the joining, and three fit into a sample of MNIST. */
#define STRAND 256

/* table[k][b]: what byte b becomes when k more bytes follow.  skip[k][b]: what byte k of a
 * checksum becomes when a strand of zeros follows. */
static uint32_t table[8][256], skip[4][256];

static uint32_t by_bytes(uint32_t crc, const unsigned char *p, size_t size)
{
	while (size-- > 0)
		crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
	return crc;
}

/* When the library is loaded: a table made on first use would need a lock at every use. */
__attribute__((constructor)) static void make_tables(void)
{
	static const unsigned char zeros[STRAND];

	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		table[0][b] = crc;
	}
	for (uint32_t b = 0; b < 256; b++)
		for (int k = 1; k < 8; k++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
	/* It is linear: the checksum of each bit tells that of all bytes. */
	for (int k = 0; k < 4; k++)
		for (int bit = 0; bit < 8; bit++) {
			uint32_t crc = by_bytes(UINT32_C(1) << (8 * k + bit), zeros, STRAND);

			for (uint32_t b = 0; b < 256; b++)
				skip[k][b] ^= b >> bit & 1 ? crc : 0;
		}
}

uint32_t plait__crc32c_plain(uint32_t crc, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	PLAIT__ASSERT(table[0][1] != 0, "the tables are made before the first checksum");
	crc = ~crc;
	for (; size >= 8; size -= 8, p += 8) {
		uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
				      (uint32_t)p[3] << 24);

		crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^
		      table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
		      table[0][p[7]];
	}
	return ~by_bytes(crc, p, size);
}

#ifdef __x86_64__

static inline uint64_t word(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

static uint64_t join(uint64_t crc, uint64_t next)
{
	return skip[0][crc & 255] ^ skip[1][crc >> 8 & 255] ^ skip[2][crc >> 16 & 255] ^
	       skip[3][crc >> 24 & 255] ^ next;
}

__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t start, const unsigned char *p, size_t size)
{
	uint64_t crc = (uint32_t)~start;

	for (; size >= 3 * STRAND; size -= 3 * STRAND, p += 3 * STRAND) {
		uint64_t b = 0, c = 0;

		for (const unsigned char *q = p; q < p + STRAND; q += 8) {
			crc = __builtin_ia32_crc32di(crc, word(q));
			b = __builtin_ia32_crc32di(b, word(q + STRAND));
			c = __builtin_ia32_crc32di(c, word(q + 2 * STRAND));
		}
		crc = join(join(crc, b), c);
	}
	for (; size >= 8; size -= 8, p += 8)
		crc = __builtin_ia32_crc32di(crc, word(p));
	for (; size > 0; size--)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, *p++);
	return ~(uint32_t)crc;
}

uint32_t plait__crc32c(uint32_t crc, const void *bytes, size_t size)
{
	return __builtin_cpu_supports("sse4.2") ? by_instruction(crc, bytes, size)
						: plait__crc32c_plain(crc, bytes, size);
}

#else

uint32_t plait__crc32c(uint32_t crc, const void *bytes, size_t size)
{
	return plait__crc32c_plain(crc, bytes, size);
}

#endif
