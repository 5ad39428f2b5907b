/* SPDX-License-Identifier: MIT
 * Arrays of numbers in files, as idx and npy have them, become samples, labels, targets. */
#include "config.h"
#include "src/dataset/format.h"
#include "src/dataset/notes.h"

#include <inttypes.h>
#include <math.h>
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

/* Whether all floats of an array, in the file's order, are finite.  A number beyond float32 has
 * become infinite. */
static int check_finite(const struct plait__array *array, int64_t count, const float *x)
{
	int64_t at = 0, sample;

	while (at < count && isfinite(x[at]))
		at++;
	if (at == count)
		return 0;
	sample = array->fortran ? at % array->dim[0] : at / (count / array->dim[0]);
	return plait__error(PLAIT_EFORMAT,
			    "%s: sample %" PRId64 ": expected finite numbers, found %s",
			    plait__file_path(array->file), sample,
			    isnan(x[at]) ? "nan" : "inf or one beyond float32");
}

/* Reads the array as floats, in small parts, so that memory has no second copy of the file. */
static int read_floats(const struct plait__array *array, int64_t count, float *to)
{
	char buffer[1 << 14];
	size_t size = (size_t)array->type.bytes;
	int64_t done = 0;
	int status = 0;

	if (plait__number_is_native_float(array->type)) {
		status = plait__file_read_all(array->file, to, (size_t)count * size, "data");
		done = count;
	}
	while (status == 0 && done < count) {
		int64_t part = (int64_t)(sizeof buffer / size);

		part = part < count - done ? part : count - done;
		status = plait__file_read_all(array->file, buffer, (size_t)part * size, "data");
		if (status == 0)
			plait__number_to_float(array->type, buffer, part, to + done);
		done += part;
	}
	if (status == 0)
		status = plait__file_expect_end(array->file);
	return status < 0 ? status : check_finite(array, count, to);
}

/* Reads all numbers in the file's order, as bytes or as floats. */
static int read_numbers(const struct plait__array *array, bool bytes, int64_t count, void *to)
{
	int status;

	if (!bytes)
		return read_floats(array, count, to);
	status = plait__file_read_all(array->file, to, (size_t)count, "data");
	return status < 0 ? status : plait__file_expect_end(array->file);
}

/* Reads an array whose dimensions become those of order, as [dim[order[0]],...]. */
static int read_ordered(const struct plait__array *array, bool bytes, int64_t count,
			const int *order, void *to)
{
	int64_t stride[PLAIT_MAX_DIMS], dim[PLAIT_MAX_DIMS], new_stride[PLAIT_MAX_DIMS], step = 1;
	size_t size = bytes ? 1 : sizeof(float);
	void *from = plait__data_allocate(NULL, count, size, plait__file_path(array->file));
	int status = from ? read_numbers(array, bytes, count, from) : PLAIT_ENOMEM;

	for (int i = 0; i < array->ndim; i++) {
		int d = array->fortran ? i : array->ndim - 1 - i;

		stride[d] = step;
		step *= array->dim[d];
	}
	for (int i = 0; i < array->ndim; i++) {
		dim[i] = array->dim[order[i]];
		new_stride[i] = stride[order[i]];
	}
	if (status == 0)
		plait__rearrange(from, array->ndim, dim, new_stride, size, to);
	free(from);
	return status;
}

/* Whether samples of three dimensions have channels last; what the shape says is noted. */
static int find_layout(const struct plait__array *array, bool bytes, enum plait__layout *layout,
		       struct plait_dataset *dataset)
{
	const int64_t *dim = array->dim + 1;
	bool three = array->ndim == 4, first = three && (dim[0] == 1 || dim[0] == 3);
	char shape[128];

	if (*layout == PLAIT__LAYOUT_HWC && !three)
		return plait__error(PLAIT_EINVAL,
				    "%s: layout=hwc is for samples of three dimensions, found %s",
				    plait__file_path(array->file),
				    plait_shape_text(array->ndim - 1, dim, shape, sizeof shape));
	if (*layout != PLAIT__LAYOUT_BY_SHAPE || !three || first || !bytes ||
	    (dim[2] != 1 && dim[2] != 3))
		return 0;
	*layout = PLAIT__LAYOUT_HWC;
	return plait__dataset_note(dataset, PLAIT_NOTE_CHOICE,
				   "%s: %s is taken as height, width, channels (layout=chw says "
				   "otherwise)",
				   plait__file_path(array->file),
				   plait_shape_text(3, dim, shape, sizeof shape));
}

/* The same pixels may be saved as either, and networks get other inputs then. */
static int note_scale(const struct plait__array *array, bool bytes, struct plait_dataset *dataset)
{
	static const char *const kind[] = { [PLAIT__UNSIGNED] = "uint",
					    [PLAIT__SIGNED] = "int",
					    [PLAIT__FLOAT] = "float",
					    [PLAIT__BFLOAT] = "bfloat",
					    [PLAIT__BOOL] = "bool" };
	const char *path = plait__file_path(array->file);

	if (bytes)
		return plait__dataset_note(dataset, PLAIT_NOTE_CHOICE,
					   "%s: uint8 becomes 0 to 1, divided by 255", path);
	return plait__dataset_note(dataset, PLAIT_NOTE_CHOICE,
				   "%s: %s%d is taken as it is (only uint8 is divided by 255)",
				   path, kind[array->type.kind], 8 * array->type.bytes);
}

int plait__array_read_x(const struct plait__array *array, enum plait__layout layout,
			struct plait_dataset *dataset)
{
	static const int as_it_is[PLAIT_MAX_DIMS] = { 0, 1, 2, 3, 4, 5 };
	static const int channels_first[PLAIT_MAX_DIMS] = { 0, 3, 1, 2 };
	struct plait_dataset_info *info = &dataset->info;
	bool bytes = array->type.kind == PLAIT__UNSIGNED && array->type.bytes == 1;
	const int *order = as_it_is;
	int64_t count;
	void *x;
	int status = count_numbers(array, &count);

	if (status == 0)
		status = find_layout(array, bytes, &layout, dataset);
	if (status == 0)
		status = note_scale(array, bytes, dataset);
	if (status < 0)
		return status;
	if (layout == PLAIT__LAYOUT_HWC)
		order = channels_first;
	info->dtype = bytes ? PLAIT_U8 : PLAIT_F32;
	info->samples = array->dim[0];
	info->ndim = array->ndim > 1 ? array->ndim - 1 : 1; /* a number is a vector of one */
	info->dim[0] = 1;
	for (int i = 1; i < array->ndim; i++)
		info->dim[i - 1] = array->dim[order[i]];
	dataset->x = x = plait__data_allocate(NULL, count, plait_dtype_size(info->dtype),
					      plait__file_path(array->file));
	if (!x)
		return PLAIT_ENOMEM;
	if (order == as_it_is && (!array->fortran || array->ndim == 1))
		return read_numbers(array, bytes, count, x);
	return read_ordered(array, bytes, count, order, x);
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
					      ", must be 0 to %d, as integers are labels "
					      "(store targets as floating-point numbers)",
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
	if (array->fortran && array->ndim == 2)
		return read_ordered(array, false, count, (const int[]){ 0, 1 }, targets);
	return read_floats(array, count, targets);
}
