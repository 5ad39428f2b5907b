/* SPDX-License-Identifier: MIT
 * CSV: a line is a sample, one column is its label or target, the others are its features.  If one
 * label is no number, all labels are class names, in sorted order.  The first line is a header if
 * one of its features is no number, or if its label is no number and all other labels are. */
#include "config.h"
#include "src/dataset/formats/csv_text.h"
#include "src/base/suggest.h"
#include "src/dataset/format.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct table {
	struct plait__csv csv;
	const char *path;
	const char *label; /* the option: a name, a position, or NULL */
	int columns;       /* how many there are */
	int column;        /* which of them is the label, from 0 */

	float *x; /* [samples, columns - 1] */
	int64_t samples, capacity;
	char *labels; /* their texts, each with a zero byte at its end */
	int64_t labels_size, labels_capacity;
	bool first_is_text;   /* the first label is no number */
	bool others_are_text; /* another label is no number */
	int64_t not_finite;   /* line of the first label that is nan or inf */
};

/* Finds the column that the option means.  If it is a name, the first line is a header. */
static int find_column(struct table *t)
{
	const char *label = t->label;
	char suggestion[PLAIT__SUGGEST_SIZE];
	const char **list;
	int status = 0;

	if (!label || label[strspn(label, "0123456789")] == '\0') {
		long position = label ? strtol(label, NULL, 10) : t->columns - 1;

		if (position >= t->columns)
			return plait__error(PLAIT_EINVAL,
					    "%s: label=%s: expected a column from 0 to %d", t->path,
					    label, t->columns - 1);
		t->column = (int)position;
		return 0;
	}
	for (t->column = 0; t->column < t->columns; t->column++)
		if (strcmp(t->csv.field[t->column], label) == 0)
			return 0;
	list = plait__calloc((size_t)t->columns + 1, sizeof *list, "column names");
	if (!list)
		return PLAIT_ENOMEM;
	memcpy(list, t->csv.field, (size_t)t->columns * sizeof *list);
	status = plait__error(
		PLAIT_EINVAL, "%s: line 1: expected a column named \"%s\", found none%s", t->path,
		label, plait__suggest(suggestion, PLAIT__SUGGEST_PARENTHESES, label, list));
	free(list);
	return status;
}

static bool is_header(const struct table *t)
{
	double value;

	if (t->label && t->label[strspn(t->label, "0123456789")] != '\0')
		return true;
	for (int c = 0; c < t->columns; c++)
		if (c != t->column && *t->csv.field[c] &&
		    plait__number_parse(t->csv.field[c], &value) == PLAIT__TEXT_OTHER)
			return true;
	return false;
}

/* Makes room for a sample whose label has size bytes. */
static int make_room(struct table *t, int64_t size)
{
	int status = plait__dataset_grow(&t->x, &t->capacity, t->samples + 1,
					 (size_t)(t->columns - 1) * sizeof *t->x, t->path);

	return status < 0 ? status
			  : plait__dataset_grow(&t->labels, &t->labels_capacity,
						t->labels_size + size, 1, t->path);
}

static int add_label(struct table *t, const char *text, int64_t size)
{
	double value;

	if (size == 1)
		return plait__csv_unexpected(&t->csv, t->column + 1, "a label");
	switch (plait__number_parse(text, &value)) {
	case PLAIT__TEXT_NUMBER:
		break;
	case PLAIT__TEXT_NOT_FINITE:
		t->not_finite = t->not_finite ? t->not_finite : t->csv.line;
		break;
	case PLAIT__TEXT_OTHER:
		*(t->samples == 0 ? &t->first_is_text : &t->others_are_text) = true;
		break;
	}
	PLAIT__ASSERT(size <= t->labels_capacity - t->labels_size, "there is room for the label");
	memcpy(t->labels + t->labels_size, text, (size_t)size);
	t->labels_size += size;
	return 0;
}

static int add_row(struct table *t)
{
	const struct plait__csv *csv = &t->csv;
	int64_t size;
	float *x;
	int status;

	if (csv->fields != t->columns)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line %" PRId64 ": expected %d columns, found %d", t->path,
				    csv->line, t->columns, csv->fields);
	size = (int64_t)strlen(csv->field[t->column]) + 1;
	status = make_room(t, size);
	if (status < 0)
		return status;
	x = t->x + t->samples * (t->columns - 1);
	for (int c = 0; c < t->columns; c++) {
		double value;

		if (c == t->column)
			continue;
		if (plait__number_parse(csv->field[c], &value) != PLAIT__TEXT_NUMBER)
			return plait__csv_unexpected(csv, c + 1, "a finite number");
		*x++ = (float)value;
	}
	PLAIT__ASSERT(x == t->x + (t->samples + 1) * (t->columns - 1), "a row fills its place");
	status = add_label(t, csv->field[t->column], size);
	t->samples += status == 0;
	return status;
}

static int read_table(struct table *t)
{
	int status = plait__csv_open(&t->csv, t->path);

	if (status == 0)
		status = plait__csv_next(&t->csv);
	if (status < 0)
		return status;
	t->columns = status ? t->csv.fields : 0;
	if (t->columns < 2)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line 1: expected at least 2 columns, found %s", t->path,
				    t->columns ? "one" : "an empty file");
	status = find_column(t);
	if (status == 0 && !is_header(t))
		status = add_row(t);
	while (status == 0 && (status = plait__csv_next(&t->csv)) > 0)
		status = add_row(t);
	if (status < 0)
		return status;
	if (t->samples > 1 && t->first_is_text && !t->others_are_text && !t->not_finite) {
		size_t first = strlen(t->labels) + 1;

		t->samples--; /* the first line was a header whose other names are numbers */
		memmove(t->x, t->x + t->columns - 1,
			(size_t)t->samples * (size_t)(t->columns - 1) * sizeof *t->x);
		t->labels_size -= (int64_t)first;
		memmove(t->labels, t->labels + first, (size_t)t->labels_size);
		t->first_is_text = false;
	}
	if (t->samples == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line 2: expected a sample, found only a header", t->path);
	return 0;
}

/* Numbers become targets.  If all are whole and none is negative, they become labels too. */
static int take_numbers(struct table *t, struct plait_dataset *dataset)
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

static int take_table(struct table *t, struct plait_dataset *dataset)
{
	struct plait_dataset_info *info = &dataset->info;
	size_t bytes = (size_t)t->samples * (size_t)(t->columns - 1) * sizeof *t->x;
	float *x = realloc(t->x, bytes); /* gives back the room that is not used */

	dataset->x = x ? x : t->x;
	t->x = NULL;
	info->samples = t->samples;
	info->dtype = PLAIT_F32;
	info->ndim = 1;
	info->dim[0] = t->columns - 1;
	if (t->first_is_text || t->others_are_text)
		return plait__dataset_name_labels(dataset, t->labels);
	if (t->not_finite)
		return plait__error(
			PLAIT_EFORMAT,
			"%s: line %" PRId64 ", column %d: expected a finite number, found %s",
			t->path, t->not_finite, t->column + 1, "nan, inf or one beyond float32");
	return take_numbers(t, dataset);
}

/* Parses FILE[,label=COL], and cuts rest at the option. */
static int parse(char *rest, struct table *t)
{
	char *option = strrchr(rest, ',');

	t->path = rest;
	if (option && strchr(option, '=')) {
		if (strncmp(option, ",label=", 7) != 0 || !option[7])
			return plait__error(PLAIT_EINVAL,
					    "csv: expected the option label=COL, found \"%s\"",
					    option + 1);
		t->label = option + 7;
		*option = '\0';
	}
	if (!*rest)
		return plait__error(PLAIT_EINVAL, "expected csv:FILE[,label=COL], found no file");
	return 0;
}

int plait__dataset_open_csv(struct plait_dataset *dataset, const char *rest)
{
	struct table t = { 0 };
	char *copy = plait__strdup(rest);
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0),
		 old = c ? uselocale(c) : (locale_t)0;
	int status = copy && c ? parse(copy, &t)
			       : plait__error(PLAIT_ENOMEM, "csv: no memory for %s", rest);

	dataset->destroy = plait__dataset_free_arrays;
	if (status == 0)
		status = read_table(&t);
	if (status == 0)
		status = take_table(&t, dataset);
	if (old)
		uselocale(old);
	if (c)
		freelocale(c);
	plait__csv_close(&t.csv);
	free(t.labels);
	free(t.x);
	free(copy);
	return status;
}
