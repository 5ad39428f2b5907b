/* SPDX-License-Identifier: MIT
 * CSV: a line is a sample, one column, or none, is its label or target, the others are its
 * features.  Labels are all numbers, or all class names, in sorted order: a column that has both is
 * refused, as one cell such as "n/a" must not make names of numbers.  What a header is tells
 * csv_first.c. */
#include "config.h"
#include "src/dataset/formats/csv_table.h"
#include "src/dataset/notes.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers become targets.  If all are whole and none is negative, they become labels too. */
static int take_numbers(struct plait__csv_table *t, struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	const char *text = t->labels;
	bool whole = true;
	int32_t *labels;
	float *targets;

	dataset->labels = labels = plait__data_allocate(NULL, t->samples, sizeof *labels, t->path);
	dataset->targets = targets =
		plait__data_allocate(NULL, t->samples, sizeof *targets, t->path);
	if (!labels || !targets)
		return PLAIT_ENOMEM;
	for (int64_t i = 0; i < t->samples; i++, text += strlen(text) + 1) {
		double value = 0;

		plait__number_parse(text, &value);
		targets[i] = (float)value;
		whole = whole && value >= 0 && value <= PLAIT__MAX_LABEL && value == floor(value);
		labels[i] = whole ? (int32_t)value : 0;
	}
	info->targets = 1;
	if (whole)
		return plait__dataset_check_labels(info->spec, info->samples, labels,
						   &info->classes);
	dataset->labels = NULL;
	free(labels);
	return 0;
}

/* Names the features by the header. */
static int name_features(const struct plait__csv_table *t, struct plait_dataset *dataset)
{
	const char **names =
		plait__calloc((size_t)t->columns, sizeof *names, "the names of columns");
	int status = PLAIT_ENOMEM, count = 0;

	for (int c = 0; names && c < t->columns; c++)
		if (c != t->column)
			names[count++] = t->first.item[c].text;
	if (names)
		status = plait__dataset_set_features(dataset, names);
	free(names);
	if (status < 0)
		return status;
	return plait__dataset_note(dataset, PLAIT_NOTE_CHOICE, "%s: line 1 is taken as the header",
				   t->path);
}

static int take_table(struct plait__csv_table *t, struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	size_t bytes = (size_t)t->samples * (size_t)plait__csv_width(t) * sizeof *t->x;
	float *x = realloc(t->x, bytes); /* gives back the room that is not used */

	dataset->x = x ? x : t->x;
	t->x = NULL;
	info->samples = t->samples;
	info->dtype = PLAIT_F32;
	info->ndim = 1;
	info->dim[0] = plait__csv_width(t);
	if (t->header == PLAIT__CSV_HEADER && name_features(t, dataset) < 0)
		return PLAIT_ENOMEM;
	if (t->index &&
	    plait__dataset_leave_out(dataset, "column without a name, which numbers the rows",
				     "columns", t->path) < 0)
		return PLAIT_ENOMEM;
	if (t->unlabelled)
		return 0;
	if (t->text)
		return plait__dataset_name_labels(dataset, t->labels);
	if (t->not_finite)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line %" PRId64
				    ", column %d: expected a finite number, found %s",
				    t->path, t->not_finite, t->column + 1 + t->index,
				    "nan, inf or one beyond float32");
	return take_numbers(t, dataset);
}

/* Takes an option, a text such as "label=COL". */
static int take_option(struct plait__csv_table *t, const char *option)
{
	bool yes = strcmp(option, "header=yes") == 0;

	if (strncmp(option, "label=", 6) == 0 && option[6] && !t->label) {
		t->label = option + 6;
		return 0;
	}
	if ((yes || strcmp(option, "header=no") == 0) && !t->told) {
		t->told = true;
		t->header = yes ? PLAIT__CSV_HEADER : PLAIT__CSV_SAMPLE;
		return 0;
	}
	return plait__error(
		PLAIT_EINVAL,
		"csv: expected the option label=COL, label=none, header=yes or header=no, "
		"once, found \"%s\"",
		option);
}

/* Parses FILE[,label=COL][,header=yes|no], and cuts rest at the options. */
static int parse(char *rest, struct plait__csv_table *t)
{
	char *option;
	int status = 0;

	t->path = rest;
	while (status == 0 && (option = strrchr(rest, ',')) && strchr(option, '=')) {
		*option = '\0';
		status = take_option(t, option + 1);
	}
	if (status < 0)
		return status;
	if (!*rest)
		return plait__error(
			PLAIT_EINVAL,
			"expected csv:FILE[,label=COL|none][,header=yes|no], found no file");
	if (t->told && t->header == PLAIT__CSV_SAMPLE && plait__csv_label_is_name(t))
		return plait__error(PLAIT_EINVAL,
				    "csv: label=%s is the name of a column, which header=no says "
				    "there is none of",
				    t->label);
	return 0;
}

int plait__dataset_open_csv(struct plait_dataset *dataset, const char *rest)
{
	struct plait__csv_table t = { 0 };
	char *copy = plait__strdup(rest);
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0),
		 old = c ? uselocale(c) : (locale_t)0;
	int status = copy && c ? parse(copy, &t)
			       : plait__error(PLAIT_ENOMEM, "csv: no memory for %s", rest);

	dataset->destroy = plait__dataset_free_arrays;
	if (status == 0)
		status = plait__csv_table_read(&t);
	if (status == 0)
		status = take_table(&t, dataset);
	if (old)
		uselocale(old);
	if (c)
		freelocale(c);
	plait__csv_close(&t.csv);
	plait__texts_free(&t.first);
	free(t.labels);
	free(t.x);
	free(copy);
	return status;
}
