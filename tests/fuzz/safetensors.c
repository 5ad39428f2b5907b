/* SPDX-License-Identifier: MIT
 * Safetensors: every tensor is found by its name, and its values can be read. */
#include "tests/fuzz/fuzz.h"

#include <plait/checkpoint.h>

static volatile unsigned sum; /* so that what is read is used */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct plait_checkpoint *c = NULL;

	if (plait_checkpoint_open(&c, fuzz_file(0, bytes, size)) != 0)
		return 0;
	for (int i = 0; i < plait_checkpoint_count(c); i++) {
		const struct plait_tensor *t = plait_checkpoint_tensor(c, i);
		int64_t values = plait_shape_elements(t->ndim, t->dim);

		if (plait_checkpoint_find(c, t->name) != t)
			abort();
		for (int64_t k = 0; t->data && k < 4 * values; k++)
			sum = sum + ((const unsigned char *)t->data)[k];
	}
	plait_checkpoint_destroy(c);
	return 0;
}
