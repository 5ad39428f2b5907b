/* SPDX-License-Identifier: MIT
 * What every data set has in common; the formats are in dataset_<format>.c. */
#include "config.h"
#include "src/dataset/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A format is one line here and its file. */
static const struct {
	const char *name;
	int (*open)(struct plait_dataset *dataset, const char *rest);
} formats[] = {
	{ "fashion-mnist", plait__dataset_open_fashion_mnist },
	{ "idx", plait__dataset_open_idx },
	{ "npy", plait__dataset_open_npy },
	{ "csv", plait__dataset_open_csv },
	{ "images", plait__dataset_open_images },
	{ "cifar10", plait__dataset_open_cifar10 },
	{ "tar", plait__dataset_open_tar },
	{ "packed", plait__dataset_open_packed },
	{ "synthetic", plait__dataset_open_synthetic },
};

#define FORMATS (sizeof formats / sizeof *formats)

static int unknown_format(const char *spec, const char *name)
{
	const char *list[FORMATS + 1] = { NULL }, *nearest;
	char valid[128] = "";

	for (size_t i = 0; i < FORMATS; i++) {
		list[i] = formats[i].name;
		strcat(strcat(valid, i ? ", " : ""), list[i]);
	}
	nearest = plait__nearest(name, list);
	return plait__error(PLAIT_EINVAL,
			    "no data set format \"%s\" in \"%s\"%s%s%s; the formats are %s", name,
			    spec, nearest ? " (did you mean " : "", nearest ? nearest : "",
			    nearest ? "?)" : "", valid);
}

static int open_format(struct plait_dataset *dataset, const char *spec)
{
	const char *colon = strchr(spec, ':');
	size_t length = colon ? (size_t)(colon - spec) : strlen(spec);
	char *name = plait__strdup(spec);
	int status = PLAIT_ENOMEM;
	size_t i;

	if (!name)
		return status;
	name[length] = '\0';
	for (i = 0; i < FORMATS && strcmp(formats[i].name, name) != 0; i++)
		;
	status = i < FORMATS ? formats[i].open(dataset, colon ? colon + 1 : "")
			     : unknown_format(spec, name);
	free(name);
	return status;
}

int plait_dataset_open(struct plait_dataset **dataset_p, const char *spec)
{
	struct plait_dataset *dataset;
	int status = PLAIT_ENOMEM;

	if (!dataset_p || !spec)
		return plait__error(PLAIT_EINVAL, "plait_dataset_open: dataset_p or spec is NULL");
	dataset = plait__calloc(1, sizeof *dataset, spec);
	if (!dataset)
		return status;
	dataset->info.spec = plait__strdup(spec);
	if (dataset->info.spec)
		status = open_format(dataset, spec);
	if (status < 0) {
		plait_dataset_destroy(dataset);
		return status;
	}
	*dataset_p = dataset;
	return 0;
}

void plait_dataset_destroy(struct plait_dataset *dataset)
{
	if (!dataset)
		return;
	if (dataset->destroy)
		dataset->destroy(dataset);
	free((char *)dataset->info.spec);
	free((void *)dataset->info.class_names);
	free((void *)dataset->info.lengths);
	free(dataset);
}

const struct plait_dataset_info *plait_dataset_info(const struct plait_dataset *dataset)
{
	return &dataset->info;
}

const char *plait__dataset_path(const struct plait_dataset *dataset, int64_t index)
{
	return dataset->path ? dataset->path(dataset, index) : NULL;
}

size_t plait__dataset_sample_bytes(const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = &dataset->info;

	return (size_t)plait_shape_elements(info->ndim, info->dim) * plait_dtype_size(info->dtype);
}

static int read_callback(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
			 int32_t *label, float *target)
{
	const struct plait_dataset_info *info = &dataset->info;
	float *spare = NULL;
	int32_t spare_label;
	int result;

	/* The callback may count on both pointers. */
	if (info->targets > 0 && !target) {
		target = spare = plait__calloc((size_t)info->targets, sizeof *spare,
					       "a target that nobody wants");
		if (!spare)
			return PLAIT_ENOMEM;
	}
	result = dataset->read(dataset->user, index, key, x, label ? label : &spare_label, target);
	free(spare);
	if (result != 0)
		return plait__error(PLAIT_EDATA,
				    "%s: sample %" PRId64
				    " could not be read: the callback returned %d",
				    info->spec, index, result);
	return 0;
}

int plait__dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
			int32_t *label, float *target)
{
	const struct plait_dataset_info *info = &dataset->info;
	size_t bytes = plait__dataset_sample_bytes(dataset), targets = (size_t)info->targets;

	if (index < 0 || index >= info->samples)
		return plait__error(PLAIT_EINVAL,
				    "%s: no sample %" PRId64 ", there are %" PRId64 " (from 0)",
				    info->spec, index, info->samples);
	if (!dataset->x && dataset->fetch)
		return plait__dataset_read_stored(dataset, index, x, label);
	if (!dataset->x)
		return read_callback(dataset, index, key, x, label, target);
	memcpy(x, (const char *)dataset->x + (size_t)index * bytes, bytes);
	if (label && dataset->labels)
		*label = dataset->labels[index];
	if (target && dataset->targets)
		memcpy(target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *target);
	return 0;
}

int plait_dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
		       int32_t *label, float *target)
{
	const struct plait_dataset_info *info = &dataset->info;
	int status = plait__dataset_read(dataset, index, key, x, label, target);
	size_t bytes, used;

	if (status < 0 || !info->lengths)
		return status;
	bytes = plait__dataset_sample_bytes(dataset);
	used = bytes / (size_t)info->dim[0] * (size_t)info->lengths[index];
	memset((char *)x + used, 0, bytes - used);
	return 0;
}
