/* SPDX-License-Identifier: MIT
 * Safetensors: every tensor is found by its name, and its values can be read. */
#include "src/checkpoint/saved.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static volatile unsigned sum; /* so that what is read is used */

/* What the metadata say of the network. */
static void read_saved(const struct plait_checkpoint *c)
{
	const char *model = plait_checkpoint_metadata(c, PLAIT__KEY_MODEL);
	const char *classes = plait_checkpoint_metadata(c, PLAIT__KEY_CLASSES);
	int64_t dim[PLAIT_MAX_DIMS];
	struct plait__names names = { 0 };
	int ndim = plait__saved_input(c, dim);

	for (int i = 0; i < ndim; i++)
		if (dim[i] < 0)
			abort();
	sum = sum + (unsigned)(model ? strlen(model) : 0) + !plait__saved_loss(c);
	if (classes && plait__names_read(&names, classes) == 0)
		for (int64_t i = 0; i < names.count; i++)
			sum = sum + (unsigned)strlen(names.name[i]);
	plait__names_free(&names);
}

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
	read_saved(c);
	plait_checkpoint_destroy(c);
	return 0;
}
