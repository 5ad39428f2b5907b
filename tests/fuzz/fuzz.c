/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "tests/fuzz/fuzz.h"

#include "src/runtime/memory_limit.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* The runtime's own needs StarPU.  Larger packed files than this are read without being kept. */
int64_t plait__memory_default_limit(const char *root)
{
	(void)root;
	return 1 << 10;
}

const char *fuzz_file(int number, const void *bytes, size_t size)
{
	static int fd[FUZZ_FILES] = { -1, -1, -1, -1, -1 };
	static char path[FUZZ_FILES][64];

	if (fd[number] < 0) {
		fd[number] = memfd_create("fuzz", 0);
		snprintf(path[number], sizeof path[number], "/proc/self/fd/%d", fd[number]);
	}
	if (fd[number] < 0 || ftruncate(fd[number], 0) != 0 ||
	    pwrite(fd[number], bytes, size, 0) != (ssize_t)size)
		abort();
	return path[number];
}

/* What a reader says must hold for what it gives: sanitizers watch the rest. */
void fuzz_dataset(const char *spec)
{
	struct plait_dataset *dataset = NULL;
	const struct plait_dataset_info *info;
	size_t bytes;
	float *target;
	void *x;

	if (plait_dataset_open(&dataset, spec) != 0)
		return;
	info = plait_dataset_info(dataset);
	bytes = (size_t)plait_shape_elements(info->ndim, info->dim) * plait_dtype_size(info->dtype);
	x = malloc(bytes);
	target = malloc(((size_t)info->targets + 1) * sizeof *target);
	for (int64_t i = 0; x && target && i < info->samples && i < 16; i++) {
		int32_t label = 0;
		int status = plait_dataset_read(dataset, i, 0, x, &label, target);

		if (status == 0 && info->classes > 0 && (label < 0 || label >= info->classes))
			abort();
	}
	free(x);
	free(target);
	plait_dataset_destroy(dataset);
}
