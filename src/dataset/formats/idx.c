/* SPDX-License-Identifier: MIT
 * IDX, the format of MNIST: two zero bytes, a type, the number of dimensions, the
 * dimensions (32 bits, big-endian), the numbers (big-endian). */
#include "config.h"
#include "src/dataset/format.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	unsigned char code;
	struct plait__number type;
} types[] = {
	{ 0x08, { PLAIT__UNSIGNED, 1, true } }, { 0x09, { PLAIT__SIGNED, 1, true } },
	{ 0x0b, { PLAIT__SIGNED, 2, true } },   { 0x0c, { PLAIT__SIGNED, 4, true } },
	{ 0x0d, { PLAIT__FLOAT, 4, true } },    { 0x0e, { PLAIT__FLOAT, 8, true } },
};

static int parse_magic(struct plait__array *array, const unsigned char *magic)
{
	const char *path = plait__file_path(array->file);

	if (magic[0] != 0 || magic[1] != 0)
		return plait__error(
			PLAIT_EFORMAT,
			"%s: offset 0: expected the two zero bytes of an IDX file, found %02x %02x",
			path, magic[0], magic[1]);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].code == magic[2])
			array->type = types[i].type;
	if (!array->type.kind)
		return plait__error(
			PLAIT_EFORMAT,
			"%s: offset 2: expected an IDX type (08, 09, 0b, 0c, 0d or 0e), found %02x",
			path, magic[2]);
	if (magic[3] < 1 || magic[3] > PLAIT_MAX_DIMS)
		return plait__error(PLAIT_EFORMAT,
				    "%s: offset 3: expected 1 to %d dimensions, found %d", path,
				    PLAIT_MAX_DIMS, magic[3]);
	array->ndim = magic[3];
	return 0;
}

static int open_array(struct plait__array *array, const char *path)
{
	unsigned char header[4 + 4 * PLAIT_MAX_DIMS];
	int status = plait__file_open(&array->file, path, true);

	if (status == 0)
		status = plait__file_read_all(array->file, header, 4, "an IDX header");
	if (status == 0)
		status = parse_magic(array, header);
	if (status == 0)
		status = plait__file_read_all(array->file, header + 4, 4 * (size_t)array->ndim,
					      "an IDX header's dimensions");
	for (int i = 0; status == 0 && i < array->ndim; i++) {
		const unsigned char *p = header + 4 + 4 * i;

		array->dim[i] = (int64_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		PLAIT__ASSERT(array->dim[i] >= 0 && array->dim[i] <= UINT32_MAX,
			      "a dimension is 32 bits without a sign");
	}
	return status;
}

static int read_images(struct plait_dataset *dataset, const char *path, enum plait__layout layout)
{
	struct plait__array array = { 0 };
	struct plait_dataset_info *info = &dataset->info;
	int status = open_array(&array, path);

	if (status == 0)
		status = plait__array_read_x(&array, layout, dataset);
	if (status == 0 && info->ndim == 2) { /* [H,W]: one channel */
		memmove(info->dim + 1, info->dim, 2 * sizeof *info->dim);
		info->dim[0] = 1;
		info->ndim = 3;
	}
	plait__file_close(array.file);
	return status;
}

static int read_labels(struct plait_dataset *dataset, const char *path)
{
	struct plait__array array = { 0 };
	int status = open_array(&array, path);

	if (status == 0 && array.ndim != 1)
		status = plait__error(PLAIT_EFORMAT,
				      "%s: offset 3: expected labels of 1 dimension, found %d",
				      path, array.ndim);
	if (status == 0 && !plait__number_is_integer(array.type))
		status = plait__error(
			PLAIT_EFORMAT,
			"%s: offset 2: expected labels of an integer type, found floats", path);
	if (status == 0)
		status = plait__array_read_labels(&array, dataset);
	plait__file_close(array.file);
	return status;
}

int plait__dataset_read_idx(struct plait_dataset *dataset, const char *images, const char *labels,
			    enum plait__layout layout)
{
	struct plait_dataset_info *info = &dataset->info;
	int status;

	dataset->destroy = plait__dataset_free_arrays;
	status = read_images(dataset, images, layout);
	if (status == 0 && labels)
		status = read_labels(dataset, labels);
	if (status == 0 && labels)
		status = plait__dataset_check_labels(info->spec, info->samples, dataset->labels,
						     &info->classes);
	return status;
}

int plait__dataset_open_idx(struct plait_dataset *dataset, const char *rest)
{
	char *images, *labels;
	enum plait__layout layout;
	int status = plait__dataset_split(rest, "idx:IMAGES[,LABELS][,layout=chw|hwc]", &images,
					  &labels, &layout);

	if (status < 0)
		return status;
	status = plait__dataset_read_idx(dataset, images, labels, layout);
	free(images);
	free(labels);
	return status;
}
