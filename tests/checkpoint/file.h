/* SPDX-License-Identifier: MIT
 * A safetensors file made by hand, and a use of all that one holds. */
#ifndef PLAIT_TESTS_CHECKPOINT_FILE_H
#define PLAIT_TESTS_CHECKPOINT_FILE_H

#include "tests/files.h"
#include "tests/tap.h"

#include <plait/checkpoint.h>

#define NAME "w.safetensors"

struct checkpoint_file {
	char byte[4096];
	size_t size;
};

/* Header length, header, data. */
static inline struct checkpoint_file checkpoint_make(const char *header, const void *data,
						     size_t size)
{
	struct checkpoint_file f = { .size = 0 };
	uint64_t length = strlen(header);

	memcpy(f.byte, &length, 8);
	memcpy(f.byte + 8, header, length);
	memcpy(f.byte + 8 + length, data, size);
	f.size = 8 + length + size;
	return f;
}

static inline void checkpoint_put(const struct checkpoint_file *f)
{
	files_write(NAME, f->byte, f->size);
}

static inline int try_checkpoint(const void *user)
{
	struct plait_checkpoint *c = NULL;
	int status = plait_checkpoint_open(&c, files_path(user));
	volatile float sum = 0;

	if (status < 0) {
		if (c)
			tap_bail_out("a failed open gave a checkpoint");
		return status;
	}
	for (int i = 0; i < plait_checkpoint_count(c); i++) {
		const struct plait_tensor *t = plait_checkpoint_tensor(c, i);
		int64_t n = plait_shape_elements(t->ndim, t->dim);

		if (plait_checkpoint_find(c, t->name) != t || n < 0)
			tap_bail_out("tensor %d is not found by its name", i);
		for (int64_t k = 0; t->data && k < n; k++)
			sum = sum + ((float *)t->data)[k];
	}
	plait_checkpoint_destroy(c);
	return 0;
}

#endif
