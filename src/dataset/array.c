/* SPDX-License-Identifier: MIT
 * Arrays of numbers in files, as idx and npy have them, become samples, labels, targets. */
#include "config.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Entries of an array that grows, at first. */
#define FIRST_CAPACITY 64

void plait__dataset_free_arrays(struct plait_dataset *dataset)
{
	free((void *)dataset->x);
	free((void *)dataset->labels);
	free((void *)dataset->targets);
}

int plait__dataset_grow(void *array_p, int64_t *capacity, int64_t needed, size_t size,
			const char *spec)
{
	int64_t larger = *capacity > 0 ? *capacity : FIRST_CAPACITY;
	void *array;

	if (needed <= *capacity)
		return 0;
	while (larger < needed && !__builtin_mul_overflow(larger, (int64_t)2, &larger))
		;
	larger = larger < needed ? needed : larger;
	/* The caller's pointer has a type of its own: copying its bytes is allowed for any type. */
	memcpy(&array, array_p, sizeof array);
	PLAIT__ASSERT(!array == (*capacity == 0), "an array has room if it is there");
	array = plait__data_allocate(array, larger, size, spec);
	if (!array)
		return PLAIT_ENOMEM;
	memcpy(array_p, &array, sizeof array);
	*capacity = larger;
	return 0;
}

int plait__dataset_split(const char *rest, const char *usage, char **first_p, char **second_p)
{
	const char *comma = strchr(rest, ',');
	char *first;

	if (!comma || comma == rest || !comma[1] || strchr(comma + 1, ','))
		return plait__error(PLAIT_EINVAL,
				    "expected %s, found \"%s\": two files and one comma, which no "
				    "name may have",
				    usage, rest);
	first = plait__strdup(rest);
	if (!first)
		return PLAIT_ENOMEM;
	first[comma - rest] = '\0';
	*second_p = plait__strdup(comma + 1);
	if (!*second_p) {
		free(first);
		return PLAIT_ENOMEM;
	}
	*first_p = first;
	return 0;
}

/* Counts the numbers of an array.  PLAIT_EFORMAT if the file is too small for them. */
static int count_numbers(const struct plait__array *array, int64_t *count_p)
{
	char shape[128], what[160];

	PLAIT__ASSERT(array->ndim >= 1 && array->ndim <= PLAIT_MAX_DIMS,
		      "a header that was read has 1 to PLAIT_MAX_DIMS dimensions");
	plait_shape_text(array->ndim, array->dim, shape, sizeof shape);
	snprintf(what, sizeof what, "data %s", shape);
	*count_p = plait_shape_elements(array->ndim, array->dim);
	if (*count_p == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: expected at least one sample, found shape %s",
				    plait__file_path(array->file), shape);
	return plait__file_check_room(array->file, *count_p, (size_t)array->type.bytes, what);
}

/* Reads the array as floats, in small parts, so that memory has no second copy of the file. */
static int read_floats(const struct plait__array *array, int64_t count, float *to)
{
	char buffer[1 << 14];
	size_t size = (size_t)array->type.bytes;
	int status = 0;

	if (plait__number_is_native_float(array->type)) {
		status = plait__file_read_all(array->file, to, (size_t)count * size, "data");
		count = 0;
	}
	while (status == 0 && count > 0) {
		int64_t part = (int64_t)(sizeof buffer / size);

		part = part < count ? part : count;
		status = plait__file_read_all(array->file, buffer, (size_t)part * size, "data");
		if (status == 0)
			plait__number_to_float(array->type, buffer, part, to);
		to += part;
		count -= part;
	}
	return status < 0 ? status : plait__file_expect_end(array->file);
}

int plait__array_read_x(const struct plait__array *array, struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	bool bytes = array->type.kind == PLAIT__UNSIGNED && array->type.bytes == 1;
	int64_t count;
	void *x;
	int status = count_numbers(array, &count);

	if (status < 0)
		return status;
	info->dtype = bytes ? PLAIT_U8 : PLAIT_F32;
	info->samples = array->dim[0];
	info->ndim = array->ndim > 1 ? array->ndim - 1 : 1; /* a number is a vector of one */
	info->dim[0] = 1;
	memcpy(info->dim, array->dim + 1, (size_t)(array->ndim - 1) * sizeof *info->dim);
	dataset->x = x = plait__data_allocate(NULL, count, plait_dtype_size(info->dtype),
					      plait__file_path(array->file));
	if (!x)
		return PLAIT_ENOMEM;
	if (!bytes)
		return read_floats(array, count, x);
	status = plait__file_read_all(array->file, x, (size_t)count, "data");
	return status < 0 ? status : plait__file_expect_end(array->file);
}

static int check_samples(const struct plait__array *array, const struct plait_dataset *dataset)
{
	PLAIT__ASSERT(dataset->x, "x is read before labels and targets");
	if (array->dim[0] == dataset->info.samples)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: expected %" PRId64 " samples as in x, found %" PRId64 " (%s)",
			    plait__file_path(array->file), dataset->info.samples, array->dim[0],
			    dataset->info.spec);
}

int plait__array_read_labels(const struct plait__array *array, struct plait_dataset *dataset)
{
	size_t size = (size_t)array->type.bytes;
	const char *path = plait__file_path(array->file);
	unsigned char *raw = NULL;
	int32_t *labels;
	int64_t count;
	int status = check_samples(array, dataset);

	if (status == 0)
		status = count_numbers(array, &count);
	if (status < 0)
		return status;
	PLAIT__ASSERT(count == dataset->info.samples && plait__number_is_integer(array->type),
		      "a sample has one label, a whole number");
	dataset->labels = labels = plait__data_allocate(NULL, count, sizeof *labels, path);
	raw = plait__data_allocate(NULL, count, size, path);
	status = labels && raw ? 0 : PLAIT_ENOMEM;
	if (status == 0)
		status = plait__file_read_all(array->file, raw, (size_t)count * size, "labels");
	if (status == 0)
		status = plait__file_expect_end(array->file);
	for (int64_t i = 0; status == 0 && i < count; i++) {
		int64_t label = plait__number_to_integer(array->type, raw + (size_t)i * size);

		if (label < 0 || label > PLAIT__MAX_LABEL)
			status = plait__error(PLAIT_ELABEL,
					      "%s: label %" PRId64 " is %" PRId64
					      ", must be 0 to %d",
					      path, i, label, PLAIT__MAX_LABEL);
		labels[i] = (int32_t)label;
	}
	free(raw);
	return status;
}

int plait__array_read_targets(const struct plait__array *array, struct plait_dataset *dataset)
{
	float *targets;
	int64_t count;
	int status = check_samples(array, dataset);

	if (status == 0)
		status = count_numbers(array, &count);
	if (status < 0)
		return status;
	dataset->targets = targets =
		plait__data_allocate(NULL, count, sizeof *targets, plait__file_path(array->file));
	if (!targets)
		return PLAIT_ENOMEM;
	PLAIT__ASSERT(count % array->dim[0] == 0, "every sample has as many targets");
	dataset->info.targets = count / array->dim[0];
	return read_floats(array, count, targets);
}
