/* SPDX-License-Identifier: MIT
 * Packed files.  Checksums would end nearly every attempt at the door, so the input's are
 * put right first, and so is the file's size; those of records are left to chance. */
#include "src/base/crc32c.h"
#include "src/dataset/packed/packed.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

static void seal(unsigned char *bytes, size_t size)
{
	struct plait__packed_header h = { 0 };

	memcpy(bytes, "\x89PLK\r\n\x1a\n\1\0\0", 12);
	plait__put_le(bytes + 16, size, 8);
	h.file_bytes = (int64_t)size;
	if (plait__packed_parse("fuzz", (int64_t)size, bytes, &h) != 0)
		return;
	for (int i = 0; i < PLAIT__PACKED_DATA; i++)
		plait__put_le(
			bytes + 120 + 4 * i,
			plait__crc32c(0, bytes + h.section[i].offset, (size_t)h.section[i].bytes),
			4);
	plait__put_le(bytes + h.header_bytes - 4,
		      plait__crc32c(0, bytes, (size_t)h.header_bytes - 4), 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	unsigned char *copy = memcpy(malloc(size + 1), bytes, size);
	char spec[160];

	if (size >= PLAIT__PACKED_FIXED)
		seal(copy, size);
	snprintf(spec, sizeof spec, "packed:%s", fuzz_file(0, copy, size));
	fuzz_dataset(spec);
	free(copy);
	return 0;
}
