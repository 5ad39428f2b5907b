/* SPDX-License-Identifier: MIT
 * Data sets of the caller's arrays, or of a function. */
#include "config.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int plait__dataset_check_x(const struct plait_tensor *x)
{
	char shape[128];

	if (!x || !x->data)
		return plait__error(PLAIT_EINVAL, "data from memory: x or its data is NULL");
	if (x->dtype != PLAIT_F32 && x->dtype != PLAIT_U8)
		return plait__error(PLAIT_EINVAL,
				    "data from memory: x is %s, must be float32 or uint8",
				    plait_dtype_name(x->dtype));
	if (x->ndim < 1 || x->ndim > PLAIT_MAX_DIMS)
		return plait__error(PLAIT_ESHAPE,
				    "data from memory: x has %d dimensions, must have 1 "
				    "to %d, samples first",
				    x->ndim, PLAIT_MAX_DIMS);
	if (plait_shape_elements(x->ndim, x->dim) < 1)
		return plait__error(PLAIT_ESHAPE,
				    "data from memory: x %s has no elements, or too many",
				    plait_shape_text(x->ndim, x->dim, shape, sizeof shape));
	return 0;
}

static void take_x(struct plait_dataset *dataset, const struct plait_tensor *x)
{
	struct plait_dataset_info *info = &dataset->info;

	info->samples = x->dim[0];
	info->dtype = x->dtype;
	info->ndim = x->ndim > 1 ? x->ndim - 1 : 1; /* a number is a vector of one */
	info->dim[0] = 1;
	memcpy(info->dim, x->dim + 1, (size_t)(x->ndim - 1) * sizeof *info->dim);
	dataset->x = x->data;
}

int plait__dataset_take_y(struct plait_dataset *dataset, const struct plait_tensor *y,
			  int64_t classes)
{
	struct plait_dataset_info *info = &dataset->info;
	bool labels = y && y->dtype == PLAIT_I32;
	char shape[128];

	if (classes != 0 && (!labels || classes < 0 || classes > (int64_t)PLAIT__MAX_LABEL + 1))
		return plait__error(PLAIT_EINVAL,
				    "data from memory: %" PRId64
				    " classes, must be 0 without int32 labels, else 0 to %" PRId64,
				    classes, (int64_t)PLAIT__MAX_LABEL + 1);
	if (!y)
		return 0;
	if (!y->data || (!labels && y->dtype != PLAIT_F32))
		return plait__error(PLAIT_EINVAL,
				    "data from memory: y is %s, must be int32 labels or "
				    "float32 targets",
				    y->data ? plait_dtype_name(y->dtype) : "without data");
	if (y->ndim < 1 || y->ndim > (labels ? 1 : 2) || y->dim[0] != info->samples ||
	    plait_shape_elements(y->ndim, y->dim) < 1)
		return plait__error(PLAIT_ESHAPE,
				    "data from memory: y is %s, must be [%" PRId64 "%s] as x is",
				    y->ndim <= PLAIT_MAX_DIMS
					    ? plait_shape_text(y->ndim, y->dim, shape, sizeof shape)
					    : "of too many dimensions",
				    info->samples, labels ? "" : ",M");
	if (labels) {
		dataset->labels = y->data;
		info->classes = classes;
		return plait__dataset_check_labels(info->spec, info->samples, dataset->labels,
						   &info->classes);
	}
	dataset->targets = y->data;
	info->targets = y->ndim == 2 ? y->dim[1] : 1;
	return 0;
}

int plait_dataset_from_memory(struct plait_dataset **dataset_p, const struct plait_tensor *x,
			      const struct plait_tensor *y, int64_t classes)
{
	struct plait_dataset *dataset;
	int status = plait__dataset_check_x(x);

	if (status == 0 && !dataset_p)
		status = plait__error(PLAIT_EINVAL, "plait_dataset_from_memory: dataset_p is NULL");
	if (status < 0)
		return status;
	dataset = plait__calloc(1, sizeof *dataset, "a data set");
	if (!dataset)
		return PLAIT_ENOMEM;
	dataset->info.spec = plait__strdup("memory");
	status = dataset->info.spec ? 0 : PLAIT_ENOMEM;
	if (status == 0) {
		take_x(dataset, x);
		status = plait__dataset_take_y(dataset, y, classes);
	}
	if (status < 0) {
		plait_dataset_destroy(dataset);
		return status;
	}
	*dataset_p = dataset;
	return 0;
}

/* Floats of one sample.  The bytes of so many are an int64_t. */
#define MOST_ELEMENTS (INT64_MAX / (int64_t)sizeof(float))

static int check_info(const struct plait_dataset_info *info, const char *spec)
{
	char shape[128];

	if (info->samples < 1)
		return plait__error(PLAIT_EINVAL, "%s: %" PRId64 " samples, must be at least 1",
				    spec, info->samples);
	if (info->dtype != PLAIT_F32 && info->dtype != PLAIT_U8)
		return plait__error(PLAIT_EINVAL, "%s: dtype %s, must be float32 or uint8", spec,
				    plait_dtype_name(info->dtype));
	if (info->ndim < 1 || info->ndim > PLAIT_MAX_DIMS)
		return plait__error(PLAIT_ESHAPE,
				    "%s: a sample of %d dimensions, must have 1 to %d", spec,
				    info->ndim, PLAIT_MAX_DIMS);
	if (plait_shape_elements(info->ndim, info->dim) < 1 ||
	    plait_shape_elements(info->ndim, info->dim) > MOST_ELEMENTS)
		return plait__error(PLAIT_ESHAPE,
				    "%s: a sample of shape %s has no elements, or too many", spec,
				    plait_shape_text(info->ndim, info->dim, shape, sizeof shape));
	if (info->classes < 0 || info->classes > (int64_t)PLAIT__MAX_LABEL + 1 || info->targets < 0)
		return plait__error(PLAIT_EINVAL,
				    "%s: %" PRId64 " classes and %" PRId64
				    " targets, must not be negative",
				    spec, info->classes, info->targets);
	if (info->targets > MOST_ELEMENTS)
		return plait__error(PLAIT_EINVAL, "%s: %" PRId64 " targets, must be 0 to %" PRId64,
				    spec, info->targets, MOST_ELEMENTS);
	return 0;
}

static int take_lengths(struct plait_dataset *dataset, const int32_t *lengths)
{
	const struct plait_dataset_info *info = &dataset->info;
	int32_t *copy = plait__data_allocate(NULL, info->samples, sizeof *copy, info->spec);

	dataset->info.lengths = copy;
	if (!copy)
		return PLAIT_ENOMEM;
	memcpy(copy, lengths, (size_t)info->samples * sizeof *copy);
	for (int64_t i = 0; i < info->samples; i++)
		if (copy[i] < 1 || copy[i] > info->dim[0])
			return plait__error(PLAIT_EINVAL,
					    "%s: the length of sample %" PRId64 " is %" PRId32
					    ", must be 1 to %" PRId64,
					    info->spec, i, copy[i], info->dim[0]);
	return 0;
}

int plait_dataset_from_callback(struct plait_dataset **dataset_p,
				const struct plait_dataset_info *info, plait_dataset_read_fn read,
				void *user)
{
	struct plait_dataset *dataset;
	const char *spec = info && info->spec ? info->spec : "callback";
	int status;

	if (!dataset_p || !info || !read)
		return plait__error(PLAIT_EINVAL,
				    "plait_dataset_from_callback: dataset_p, info or read is NULL");
	status = check_info(info, spec);
	if (status < 0)
		return status;
	dataset = plait__calloc(1, sizeof *dataset, spec);
	if (!dataset)
		return PLAIT_ENOMEM;
	dataset->info = *info;
	dataset->info.class_names = NULL;
	dataset->info.feature_names = NULL;
	dataset->info.lengths = NULL;
	dataset->info.spec = plait__strdup(spec);
	dataset->read = read;
	dataset->user = user;
	status = dataset->info.spec ? 0 : PLAIT_ENOMEM;
	if (status == 0 && info->class_names)
		status = plait__dataset_set_names(dataset, info->classes, info->class_names);
	if (status == 0 && info->feature_names && info->ndim == 1)
		status = plait__dataset_set_features(dataset, info->feature_names);
	if (status == 0 && info->lengths)
		status = take_lengths(dataset, info->lengths);
	if (status < 0) {
		plait_dataset_destroy(dataset);
		return status;
	}
	*dataset_p = dataset;
	return 0;
}
