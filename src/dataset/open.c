/* SPDX-License-Identifier: MIT
 * Opening a data set by its specification, and freeing it. */
#include "config.h"
#include "src/base/suggest.h"
#include "src/dataset/format.h"
#include "src/dataset/notes.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int (*open)(struct plait_dataset *dataset, const char *rest);
} formats[] = {
#define PLAIT__FORMAT(name, function) { name, plait__dataset_open_##function },
#include "src/dataset/formats.def"
#undef PLAIT__FORMAT
};

#define FORMATS (sizeof formats / sizeof *formats)

static int unknown_format(const char *spec, const char *name)
{
	const char *list[FORMATS + 1] = { NULL };
	char nearest[PLAIT__SUGGEST_SIZE], valid[32 * FORMATS];

	for (size_t i = 0; i < FORMATS; i++)
		list[i] = formats[i].name;
	return plait__error(PLAIT_EINVAL,
			    "no data set format \"%s\" in \"%s\"%s; the formats are %s", name, spec,
			    plait__suggest(nearest, PLAIT__SUGGEST_PARENTHESES, name, list),
			    plait__join(valid, sizeof valid, list, ", "));
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

/* A format that succeeds must have filled in these fields. */
static void check_opened(const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = &dataset->info;

	PLAIT__ASSERT(info->samples > 0, "a data set that is open has samples");
	PLAIT__ASSERT(info->ndim > 0 && plait_shape_elements(info->ndim, info->dim) > 0,
		      "a sample has a shape");
	PLAIT__ASSERT(dataset->x || dataset->fetch || dataset->read,
		      "samples are in memory, stored, or made by a function");
	PLAIT__ASSERT(info->classes >= 0 && info->classes <= (int64_t)PLAIT__MAX_LABEL + 1,
		      "the largest label is an int32");
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
	if (status == 0)
		status = plait__dataset_note_twins(dataset);
	if (status == 0)
		status = plait__notes_finish(dataset);
	if (status < 0) {
		plait_dataset_destroy(dataset);
		return status;
	}
	check_opened(dataset);
	*dataset_p = dataset;
	return 0;
}

void plait_dataset_destroy(struct plait_dataset *dataset)
{
	if (!dataset)
		return;
	if (dataset->renumbered)
		dataset->labels = dataset->format_labels;
	free(dataset->renumbered);
	if (dataset->destroy)
		dataset->destroy(dataset);
	plait__notes_free(dataset);
	free((char *)dataset->info.spec);
	free((void *)dataset->info.class_names);
	free((void *)dataset->info.feature_names);
	free((void *)dataset->info.lengths);
	free(dataset);
}

const struct plait_dataset_info *plait_dataset_info(const struct plait_dataset *dataset)
{
	return dataset ? &dataset->info : NULL;
}

const int32_t *plait_dataset_labels(const struct plait_dataset *dataset)
{
	return dataset && dataset->info.classes > 0 ? dataset->labels : NULL;
}
