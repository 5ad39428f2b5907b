/* SPDX-License-Identifier: MIT
 * What the tests of data sets share. */
#ifndef PLAIT_TESTS_DATASET_H
#define PLAIT_TESTS_DATASET_H

#include "tests/files.h"
#include "tests/tap.h"

#include <plait/dataset.h>

/* Opens spec and reads every sample; faults that reading shows end the test program.
 * Usable as files_attempt_fn. */
static inline int try_dataset(const void *spec)
{
	struct plait_dataset *dataset = NULL;
	const struct plait_dataset_info *info;
	size_t bytes;
	int status = plait_dataset_open(&dataset, spec);
	char *x;
	float *target;

	if (status < 0) {
		if (dataset)
			tap_bail_out("a failed open gave a data set");
		return status;
	}
	info = plait_dataset_info(dataset);
	bytes = (size_t)plait_shape_elements(info->ndim, info->dim) * plait_dtype_size(info->dtype);
	x = malloc(bytes);
	target = malloc(((size_t)info->targets + 1) * sizeof *target);
	for (int64_t i = 0; i < info->samples; i++) {
		int32_t label = 0;

		if (plait_dataset_read(dataset, i, 0, x, &label, target) != 0)
			tap_bail_out("sample %lld of an open data set: %s", (long long)i,
				     plait_error_message());
		if (label < 0 || (info->classes > 0 && label >= info->classes))
			tap_bail_out("label %d of %lld classes", label, (long long)info->classes);
	}
	free(x);
	free(target);
	plait_dataset_destroy(dataset);
	return 0;
}

/* Expects that opening spec fails with this status and a message that contains both parts. */
static inline void refuses(const char *spec, int status, const char *part, const char *part2)
{
	struct plait_dataset *dataset = NULL;
	int got = plait_dataset_open(&dataset, spec);
	const char *message = plait_error_message();
	bool right = got == status && !dataset && strstr(message, part) && strstr(message, part2);

	ok(right, "refuses: %s", part2);
	if (!right)
		printf("# %s: status %d, expected %d: %s\n", spec, got, status, message);
	plait_dataset_destroy(dataset);
}

/* Opens spec or ends the program. */
static inline struct plait_dataset *open_or_bail(const char *spec)
{
	struct plait_dataset *dataset = NULL;

	if (plait_dataset_open(&dataset, spec) < 0)
		tap_bail_out("%s: %s", spec, plait_error_message());
	return dataset;
}

/* The shape of one sample as text. */
static inline const char *sample_shape(const struct plait_dataset *dataset)
{
	static char text[128];
	const struct plait_dataset_info *info = plait_dataset_info(dataset);

	return plait_shape_text(info->ndim, info->dim, text, sizeof text);
}

#endif
