/* SPDX-License-Identifier: MIT
 * WebDataset shards, plain and compressed. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char spec[160];

	snprintf(spec, sizeof spec, "tar:%s", fuzz_file(0, bytes, size));
	fuzz_dataset(spec);
	return 0;
}
