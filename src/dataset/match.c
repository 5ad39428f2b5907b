/* SPDX-License-Identifier: MIT
 * Comparing names with those of others.  Classes are numbered by them: what was trained on cat,
 * dog, fox evaluates data that have cat and fox as 0 and 2.  Features must be the same.  A name
 * that macOS has decomposed is the same name. */
#include "config.h"
#include "src/dataset/compose.h"
#include "src/dataset/format.h"
#include "src/dataset/notes.h"

#include <inttypes.h>
#include <stdlib.h>

struct named {
	const char *name;
	int64_t number;
};

/* By name; of equal ones the first comes first. */
static int compare(const void *a, const void *b)
{
	const struct named *p = a, *q = b;
	int order = plait__compose_compare(p->name, q->name);

	return order ? order : (p->number > q->number) - (p->number < q->number);
}

static int64_t find(const struct named *sorted, int64_t count, const char *name)
{
	int64_t low = 0, high = count;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (plait__compose_compare(sorted[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && plait__compose_compare(sorted[low].name, name) == 0
		       ? sorted[low].number
		       : -1;
}

/* number[c] becomes the number that class c of the data set has among the names. */
static int map_classes(const struct plait_dataset *dataset, int64_t count, const char *const *names,
		       const char *whose, int32_t *number)
{
	const struct plait_dataset_info *info = &dataset->info;
	struct named *sorted = plait__calloc((size_t)count, sizeof *sorted, "names of classes");
	int status = sorted ? 0 : PLAIT_ENOMEM;

	for (int64_t i = 0; status == 0 && i < count; i++)
		sorted[i] = (struct named){ .name = names[i], .number = i };
	if (status == 0)
		qsort(sorted, (size_t)count, sizeof *sorted, compare);
	for (int64_t c = 0; status == 0 && c < info->classes; c++) {
		int64_t found = find(sorted, count, info->class_names[c]);

		number[c] = (int32_t)found;
		if (found < 0)
			status = plait__error(PLAIT_ELABEL,
					      "%s: class %" PRId64 ", %s, is none of the %" PRId64
					      " classes of %s (%s%s%s%s): both must have the same "
					      "names of classes",
					      info->spec, c, info->class_names[c], count, whose,
					      names[0], count > 1 ? ", " : "",
					      count > 1 ? names[1] : "", count > 2 ? " ..." : "");
	}
	free(sorted);
	return status;
}

static bool same_names(const struct plait_dataset_info *info, int64_t count,
		       const char *const *names)
{
	bool same = info->classes == count;

	for (int64_t c = 0; same && c < count; c++)
		same = plait__compose_compare(info->class_names[c], names[c]) == 0;
	return same;
}

/* Puts names and labels in the place of those that the format made, which stay its own. */
static int renumber(struct plait_dataset *dataset, int64_t count, const char *const *names,
		    const int32_t *number)
{
	struct plait_dataset_info *info = &dataset->info;
	const char *const *old = info->class_names;
	int32_t *labels = plait__data_allocate(NULL, info->samples, sizeof *labels, info->spec);
	int status = PLAIT_ENOMEM;

	if (labels) {
		info->class_names = NULL;
		status = plait__dataset_set_names(dataset, count, names);
	}
	if (status < 0) {
		info->class_names = old;
		free(labels);
		return status;
	}
	for (int64_t i = 0; i < info->samples; i++)
		labels[i] = number[dataset->labels[i]];
	if (!dataset->renumbered)
		dataset->format_labels = dataset->labels;
	free(dataset->renumbered);
	dataset->labels = dataset->renumbered = labels;
	info->classes = count;
	free((void *)old);
	return 0;
}

/* what: "class" or "feature". */
static int check_names(int64_t count, const char *const *names, const char *what, const char *whose)
{
	for (int64_t i = 0; i < count; i++)
		if (!names[i])
			return plait__error(PLAIT_EINVAL, "%s: the name of %s %" PRId64 " is NULL",
					    whose, what, i);
	return 0;
}

int plait_dataset_match_classes(struct plait_dataset *dataset, int64_t classes,
				const char *const *names, const char *whose)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int32_t *number;
	int status;

	if (!dataset || !names || !whose || classes < 1)
		return plait__error(PLAIT_EINVAL,
				    "plait_dataset_match_classes: the data set, names or whose is "
				    "NULL, or %" PRId64 " classes",
				    classes);
	status = check_names(classes, names, "class", whose);
	if (status < 0)
		return status;
	if (!info->class_names || !dataset->labels)
		return plait__error(PLAIT_EINVAL,
				    "%s: its classes have no names, or labels are known only as "
				    "samples are read",
				    info->spec);
	if (same_names(info, classes, names))
		return 0;
	number = plait__calloc((size_t)info->classes, sizeof *number, "numbers of classes");
	if (!number)
		return PLAIT_ENOMEM;
	status = map_classes(dataset, classes, names, whose, number);
	if (status == 0)
		status = renumber(dataset, classes, names, number);
	if (status == 0)
		status =
			plait__dataset_note(dataset, PLAIT_NOTE_CHOICE,
					    "classes are numbered as in %s, by their names", whose);
	free(number);
	return status;
}

int plait_dataset_match_features(const struct plait_dataset *dataset, int64_t features,
				 const char *const *names, const char *whose)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int64_t i = 0;
	int status;

	if (!dataset || !names || !whose || features < 1)
		return plait__error(PLAIT_EINVAL,
				    "plait_dataset_match_features: the data set, names or whose is "
				    "NULL, or %" PRId64 " features",
				    features);
	status = check_names(features, names, "feature", whose);
	if (status < 0 || !info->feature_names)
		return status;
	if (info->dim[0] != features)
		return plait__error(PLAIT_ESHAPE,
				    "%s: has %" PRId64 " features (the first is \"%s\"), %s has "
				    "%" PRId64 " (the first is \"%s\"): both must have the same",
				    info->spec, info->dim[0], info->feature_names[0], whose,
				    features, names[0]);
	while (i < features && plait__compose_compare(info->feature_names[i], names[i]) == 0)
		i++;
	if (i == features)
		return 0;
	return plait__error(PLAIT_ESHAPE,
			    "%s: feature %" PRId64 " is \"%s\", in %s it is \"%s\": both must "
			    "have the same names of features in the same order",
			    info->spec, i, info->feature_names[i], whose, names[i]);
}
