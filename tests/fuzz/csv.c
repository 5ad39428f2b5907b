/* SPDX-License-Identifier: MIT
 * CSV; labels are in the last column or in that of a name. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char spec[160];

	snprintf(spec, sizeof spec, "csv:%s%s", fuzz_file(0, bytes, size),
		 size % 2 ? ",label=b" : "");
	fuzz_dataset(spec);
	return 0;
}
