/* SPDX-License-Identifier: MIT
 * CSV; labels are in the last column, in that of a name, or in none. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const options[] = { "", ",label=b", ",label=none" };
	char spec[160];

	snprintf(spec, sizeof spec, "csv:%s%s", fuzz_file(0, bytes, size), options[size % 3]);
	fuzz_dataset(spec);
	return 0;
}
