/* SPDX-License-Identifier: MIT
 * CIFAR-10 in its binary version: a folder of a batch and of names.  The input's first byte says
 * where the batch begins. */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/plait-fuzz-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void remove_folder(void)
{
	unlink(in_folder("test_batch.bin"));
	unlink(in_folder("batches.meta.txt"));
	rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static bool made;
	const char *names, *batch;
	char spec[64];
	size_t first;

	if (size == 0)
		return 0;
	first = bytes[0] < size ? bytes[0] : size - 1;
	names = fuzz_file(0, bytes + 1, first);
	batch = fuzz_file(1, bytes + 1 + first, size - 1 - first);
	if (!made) {
		if (!mkdtemp(folder) || symlink(batch, in_folder("test_batch.bin")) != 0 ||
		    symlink(names, in_folder("batches.meta.txt")) != 0)
			abort();
		made = true;
		atexit(remove_folder);
	}
	snprintf(spec, sizeof spec, "cifar10:%s:test", folder);
	fuzz_dataset(spec);
	return 0;
}
