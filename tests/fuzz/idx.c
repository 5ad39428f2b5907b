/* SPDX-License-Identifier: MIT
 * Two IDX files in one input: its first byte says where the second begins.  An empty
 * second one is left out, as that of data without labels. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char spec[160];
	size_t first;

	if (size == 0)
		return 0;
	first = bytes[0] < size ? bytes[0] : size - 1;
	if (first == size - 1)
		snprintf(spec, sizeof spec, "idx:%s", fuzz_file(0, bytes + 1, first));
	else
		snprintf(spec, sizeof spec, "idx:%s,%s", fuzz_file(0, bytes + 1, first),
			 fuzz_file(1, bytes + 1 + first, size - 1 - first));
	fuzz_dataset(spec);
	return 0;
}
