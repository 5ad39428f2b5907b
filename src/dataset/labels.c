/* SPDX-License-Identifier: MIT
 * Class labels: their range, their names, their values as targets. */
#include "config.h"
#include "src/dataset/compose.h"
#include "src/dataset/format.h"
#include "src/dataset/notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int plait__dataset_check_labels(const char *spec, int64_t samples, const int32_t *labels,
				int64_t *classes)
{
	int64_t most = *classes ? *classes : (int64_t)PLAIT__MAX_LABEL + 1;
	int32_t largest = 0;

	for (int64_t i = 0; i < samples; i++) {
		if (labels[i] < 0 || labels[i] >= most)
			return plait__error(PLAIT_ELABEL,
					    "%s: label %" PRId64 " is %" PRId32
					    ", must be 0 to %" PRId64 " (%" PRId64 " classes)",
					    spec, i, labels[i], most - 1, most);
		largest = labels[i] > largest ? labels[i] : largest;
	}
	PLAIT__ASSERT(largest < most, "every label is below the number of classes");
	if (*classes == 0)
		*classes = (int64_t)largest + 1;
	return 0;
}

int plait__dataset_add_targets(struct plait_dataset *dataset)
{
	float *targets = plait__data_allocate(NULL, dataset->info.samples, sizeof *targets,
					      dataset->info.spec);

	if (!targets)
		return PLAIT_ENOMEM;
	PLAIT__ASSERT(dataset->labels && !dataset->targets, "targets are made of labels, once");
	for (int64_t i = 0; i < dataset->info.samples; i++)
		targets[i] = (float)dataset->labels[i];
	dataset->targets = targets;
	dataset->info.targets = 1;
	return 0;
}

int plait__dataset_add_labels(struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	const float *targets = dataset->targets;
	int32_t *labels;

	for (int64_t i = 0; i < info->samples; i++)
		if (info->targets != 1 || !(targets[i] >= 0) ||
		    (double)targets[i] > (double)PLAIT__MAX_LABEL ||
		    targets[i] != floorf(targets[i]))
			return 0;
	dataset->labels = labels =
		plait__data_allocate(NULL, info->samples, sizeof *labels, info->spec);
	if (!labels)
		return PLAIT_ENOMEM;
	for (int64_t i = 0; i < info->samples; i++)
		labels[i] = (int32_t)targets[i];
	return plait__dataset_check_labels(info->spec, info->samples, labels, &info->classes);
}

/* Copies the names of count things; the pointers and the texts are one allocation. */
static int copy_names(const char *spec, const char *thing, int64_t count, const char *const *names,
		      const char *const **copy_p)
{
	size_t bytes = (size_t)count * sizeof *names;
	const char **copy;
	char *text;

	for (int64_t i = 0; i < count; i++) {
		if (!names[i])
			return plait__error(PLAIT_EINVAL, "%s: the name of %s %" PRId64 " is NULL",
					    spec, thing, i);
		bytes += strlen(names[i]) + 1;
	}
	copy = plait__calloc(1, bytes, "names");
	if (!copy)
		return PLAIT_ENOMEM;
	text = (char *)(copy + count);
	for (int64_t i = 0; i < count; i++) {
		copy[i] = strcpy(text, names[i]);
		text += strlen(text) + 1;
	}
	PLAIT__ASSERT(text == (char *)copy + bytes, "names and pointers fill their allocation");
	*copy_p = copy;
	return 0;
}

int plait__dataset_set_names(struct plait_dataset *dataset, int64_t count, const char *const *names)
{
	struct plait_dataset_info *info = &dataset->info;

	if (count > (int64_t)PLAIT__MAX_LABEL + 1)
		return plait__error(PLAIT_ELABEL,
				    "%s: %" PRId64 " classes, must be at most %" PRId64
				    ": a label is an int32",
				    info->spec, count, (int64_t)PLAIT__MAX_LABEL + 1);
	PLAIT__ASSERT(!info->class_names, "names of classes are set once");
	return copy_names(info->spec, "class", count, names, &info->class_names);
}

static int compare_composed(const void *a, const void *b)
{
	return plait__compose_compare(*(const char *const *)a, *(const char *const *)b);
}

int plait__dataset_note_twins(struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = &dataset->info;
	int64_t count = info->class_names ? info->classes : 0, i = 1;
	const char **name;
	int status = 0;

	if (count < 2)
		return 0;
	name = plait__calloc((size_t)count, sizeof *name, "names of classes");
	if (!name)
		return PLAIT_ENOMEM;
	memcpy(name, info->class_names, (size_t)count * sizeof *name);
	qsort(name, (size_t)count, sizeof *name, compare_composed);
	while (i < count &&
	       (compare_composed(&name[i - 1], &name[i]) != 0 || strcmp(name[i - 1], name[i]) == 0))
		i++;
	if (i < count)
		status = plait__dataset_note(dataset, PLAIT_NOTE_LOSS,
					     "two classes are named %s, one as macOS writes "
					     "accents (Unicode's NFD), one as others do (NFC): "
					     "rename one, and they are one class",
					     name[i]);
	free(name);
	return status;
}

int plait__dataset_set_features(struct plait_dataset *dataset, const char *const *names)
{
	struct plait_dataset_info *info = &dataset->info;

	PLAIT__ASSERT(info->ndim == 1 && !info->feature_names,
		      "features of a vector are named, once");
	return copy_names(info->spec, "feature", info->dim[0], names, &info->feature_names);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts count names and returns how many differ; they come first. */
static int64_t sort_names(const char **name, int64_t count)
{
	int64_t different = 1;

	qsort(name, (size_t)count, sizeof *name, compare_names);
	for (int64_t i = 1; i < count; i++)
		if (strcmp(name[i], name[different - 1]) != 0)
			name[different++] = name[i];
	return different;
}

int plait__dataset_name_labels(struct plait_dataset *dataset, const char *texts)
{
	struct plait_dataset_info *info = &dataset->info;
	const char *text = texts;
	const char **name = plait__data_allocate(NULL, info->samples, sizeof *name, info->spec);
	int32_t *labels = plait__data_allocate(NULL, info->samples, sizeof *labels, info->spec);
	int status = PLAIT_ENOMEM;

	dataset->labels = labels;
	if (name && labels) {
		for (int64_t i = 0; i < info->samples; i++, text += strlen(text) + 1)
			name[i] = text;
		info->classes = sort_names(name, info->samples);
		/* Fails where there are more names than labels can tell apart. */
		status = plait__dataset_set_names(dataset, info->classes, name);
		text = texts;
		for (int64_t i = 0; status == 0 && i < info->samples;
		     i++, text += strlen(text) + 1) {
			const char **found = bsearch(&text, name, (size_t)info->classes,
						     sizeof *name, compare_names);

			PLAIT__ASSERT(found, "the name of a sample is among the sorted ones");
			labels[i] = (int32_t)(found - name);
		}
	}
	free(name);
	return status;
}
