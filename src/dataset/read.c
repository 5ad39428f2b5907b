/* SPDX-License-Identifier: MIT
 * Reading one sample: from memory, as it is stored, or by a function. */
#include "config.h"
#include "src/dataset/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int read_callback(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
			 int32_t *label, float *target)
{
	const struct plait_dataset_info *info = &dataset->info;
	float *spare = NULL;
	int32_t spare_label;
	int result;

	/* The callback always gets room for a label and for its targets. */
	if (info->targets > 0 && !target) {
		target = spare = plait__calloc((size_t)info->targets, sizeof *spare,
					       "a target that nobody wants");
		if (!spare)
			return PLAIT_ENOMEM;
	}
	PLAIT__ASSERT(info->targets == 0 || target, "a callback gets room for its targets");
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
	int status = 0;

	if (index < 0 || index >= info->samples)
		return plait__error(PLAIT_EINVAL,
				    "%s: no sample %" PRId64 ", there are %" PRId64 " (from 0)",
				    info->spec, index, info->samples);
	if (!dataset->x && !dataset->fetch)
		return read_callback(dataset, index, key, x, label, target);
	if (dataset->x)
		status = plait__dataset_bring(dataset, index, &(struct plait__stored){ 0 });
	if (dataset->x && status == 0)
		memcpy(x, (const char *)dataset->x + (size_t)index * bytes, bytes);
	if (!dataset->x)
		status = plait__dataset_read_stored(dataset, index, x, label);
	if (status < 0)
		return status;
	if (dataset->x && label && dataset->labels)
		*label = dataset->labels[index];
	if (target && dataset->targets)
		memcpy(target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *target);
	return 0;
}

int plait_dataset_read(const struct plait_dataset *dataset, int64_t index, uint64_t key, void *x,
		       int32_t *label, float *target)
{
	const struct plait_dataset_info *info;
	size_t bytes, used;
	int status;

	if (!dataset || !x)
		return plait__error(PLAIT_EINVAL, "plait_dataset_read: the %s is NULL",
				    dataset ? "memory for x" : "data set");
	info = &dataset->info;
	status = plait__dataset_read(dataset, index, key, x, label, target);
	if (status < 0 || !info->lengths)
		return status;
	bytes = plait__dataset_sample_bytes(dataset);
	used = bytes / (size_t)info->dim[0] * (size_t)info->lengths[index];
	PLAIT__ASSERT(used <= bytes, "a sample is not longer than the longest");
	memset((char *)x + used, 0, bytes - used);
	return 0;
}
