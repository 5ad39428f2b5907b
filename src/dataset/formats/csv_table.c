/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/dataset/formats/csv_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes room for a sample whose label has size bytes. */
static int make_room(struct plait__csv_table *t, int64_t size)
{
	int status = plait__dataset_grow(&t->x, &t->capacity, t->samples + 1,
					 (size_t)plait__csv_width(t) * sizeof *t->x, t->path);

	return status < 0 ? status
			  : plait__dataset_grow(&t->labels, &t->labels_capacity,
						t->labels_size + size, 1, t->path);
}

static int add_label(struct plait__csv_table *t, const char *text, int64_t size)
{
	double value;

	if (size == 1)
		return plait__csv_unexpected(&t->csv, t->column + 1, "a label");
	switch (plait__number_parse(text, &value)) {
	case PLAIT__TEXT_NUMBER:
		t->number = t->number ? t->number : t->csv.line;
		break;
	case PLAIT__TEXT_NOT_FINITE:
		t->not_finite = t->not_finite ? t->not_finite : t->csv.line;
		break;
	case PLAIT__TEXT_OTHER:
		t->text_at = t->text ? t->text_at : t->labels_size;
		t->texts++;
		t->text = t->text ? t->text : t->csv.line;
		break;
	}
	PLAIT__ASSERT(size <= t->labels_capacity - t->labels_size, "there is room for the label");
	memcpy(t->labels + t->labels_size, text, (size_t)size);
	t->labels_size += size;
	return 0;
}

static int add_row(struct plait__csv_table *t)
{
	const struct plait__csv *csv = &t->csv;
	int64_t size;
	float *x;
	int status;

	if (csv->fields != t->columns)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line %" PRId64 ": expected %d columns, found %d", t->path,
				    csv->line, t->columns, csv->fields);
	size = t->unlabelled ? 0 : (int64_t)strlen(csv->field[t->column]) + 1;
	status = make_room(t, size);
	if (status < 0)
		return status;
	x = t->x + t->samples * plait__csv_width(t);
	for (int c = 0; c < t->columns; c++) {
		double value;

		if (c == t->column)
			continue;
		if (plait__number_parse(csv->field[c], &value) != PLAIT__TEXT_NUMBER)
			return plait__csv_unexpected(csv, c + 1, "a finite number");
		*x++ = (float)value;
	}
	PLAIT__ASSERT(x == t->x + (t->samples + 1) * plait__csv_width(t), "a row fills its place");
	if (!t->unlabelled)
		status = add_label(t, csv->field[t->column], size);
	t->samples += status == 0;
	return status;
}

/* Removes the first sample: its line was a header. */
static void drop_first(struct plait__csv_table *t)
{
	size_t first = strlen(t->labels) + 1;

	PLAIT__ASSERT(t->samples > 1, "samples remain after the header");
	t->samples--;
	memmove(t->x, t->x + plait__csv_width(t),
		(size_t)t->samples * (size_t)plait__csv_width(t) * sizeof *t->x);
	t->labels_size -= (int64_t)first;
	memmove(t->labels, t->labels + first, (size_t)t->labels_size);
	t->text = 0;
}

/* Whether another sample has the label of the first one. */
static bool recurs(const struct plait__csv_table *t)
{
	const char *end = t->labels + t->labels_size, *text = t->labels + strlen(t->labels) + 1;

	while (text < end && strcmp(text, t->labels) != 0)
		text += strlen(text) + 1;
	return text < end;
}

/* Whether a text has a semicolon or a tab beside a number: "5;0" is what a decimal comma leaves. */
static bool is_cut(const char *text)
{
	const char *mark = text + strcspn(text, ";\t"), *last;
	char cell[64];
	double value;

	if (!*mark)
		return false;
	snprintf(cell, sizeof cell, "%.*s", (int)(mark - text), text);
	last = strrchr(text, *mark) + 1;
	return plait__number_parse(cell, &value) == PLAIT__TEXT_NUMBER ||
	       plait__number_parse(last, &value) == PLAIT__TEXT_NUMBER;
}

/* Whether commas are decimal commas: every label is cut. */
static int check_separator(const struct plait__csv_table *t)
{
	const char *end = t->labels + t->labels_size, *text = t->labels;

	while (text < end && is_cut(text))
		text += strlen(text) + 1;
	if (text < end)
		return 0;
	return plait__error(PLAIT_EFORMAT,
			    "%s: line %" PRId64 ", column %d: found \"%.32s\", and all labels are "
			    "so: the separator must be a comma, and decimals have a point",
			    t->path, t->text, t->column + 1, t->labels);
}

/* Decides by the whole column of labels what the first line is, where it may be either, and
 * whether labels are numbers or names. */
static int judge(struct plait__csv_table *t)
{
	bool either = t->header == PLAIT__CSV_EITHER;

	if (either && t->samples > 1 && t->texts == 1 && !t->not_finite) {
		drop_first(t);
		t->header = PLAIT__CSV_HEADER;
	}
	if (t->text && t->number)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line %" PRId64 ", column %d: expected a number, as the "
				    "label of line %" PRId64 " is one, found \"%.32s\"%s",
				    t->path, t->text, t->column + 1, t->number,
				    t->labels + t->text_at,
				    t->text == 1 && !t->told ? " (header=yes or header=no says "
							       "what the line is)"
							     : "");
	/* 0,1 are more often features of the first class than names beside names of classes. */
	if (either && t->header != PLAIT__CSV_HEADER && plait__csv_width(t) > 2 &&
	    (t->unlabelled || !recurs(t)))
		return plait__error(PLAIT_EFORMAT,
				    "%s: line 1 may be a header or a sample: header=yes or "
				    "header=no says which",
				    t->path);
	return 0;
}

/* Keeps the first line, whose cells are names if it turns out to be a header. */
static int keep_first(struct plait__csv_table *t)
{
	int status = 0;

	for (int c = 0; status == 0 && c < t->columns; c++)
		status = plait__texts_add(&t->first, t->csv.field[c], t->path);
	if (status == 0)
		plait__texts_point(&t->first);
	return status;
}

/* Whether the first column numbers the rows from 0 on and has no name, as pandas writes an index,
 * or the one that it gives to such a column. */
static bool is_index(const struct plait__csv_table *t)
{
	const char *name = t->first.item[0].text;
	int64_t width = plait__csv_width(t), i = 0;

	if (t->header != PLAIT__CSV_HEADER || t->column == 0 || width < 2 ||
	    (*name && strcmp(name, "Unnamed: 0") != 0))
		return false;
	while (i < t->samples && t->x[i * width] == (float)i)
		i++;
	return i == t->samples;
}

/* Removes the first feature of each sample. */
static void drop_index(struct plait__csv_table *t)
{
	int64_t width = plait__csv_width(t);

	PLAIT__ASSERT(width > 1 && t->column != 0, "features remain beside the index");
	for (int64_t i = 0; i < t->samples; i++)
		memmove(t->x + i * (width - 1), t->x + i * width + 1,
			(size_t)(width - 1) * sizeof *t->x);
	for (int c = 1; c < t->columns; c++)
		t->first.item[c - 1] = t->first.item[c];
	t->columns--;
	t->column -= !t->unlabelled;
	t->index = true;
}

static int read_rows(struct plait__csv_table *t)
{
	int status = plait__csv_find_label(t);

	if (status == 0)
		status = keep_first(t);
	if (status == 0 && !t->told)
		t->header = plait__csv_label_is_name(t) ? PLAIT__CSV_HEADER
							: plait__csv_first_line(&t->csv, t->column);
	if (status == 0 && t->header < 0)
		return t->header;
	if (status == 0 && t->header == PLAIT__CSV_HEADER && !t->label)
		status = plait__csv_check_last(&t->csv);
	if (status == 0 && t->header != PLAIT__CSV_HEADER)
		status = add_row(t);
	while (status == 0 && (status = plait__csv_next(&t->csv)) > 0)
		status = add_row(t);
	return status;
}

int plait__csv_table_read(struct plait__csv_table *t)
{
	int status = plait__csv_open(&t->csv, t->path);

	if (status == 0)
		status = plait__csv_next(&t->csv);
	if (status < 0)
		return status;
	if (status == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line 1: expected columns, found an empty file", t->path);
	t->columns = t->csv.fields;
	status = read_rows(t);
	if (status < 0)
		return status;
	if (t->samples == 0)
		return plait__error(PLAIT_EFORMAT,
				    "%s: line 2: expected a sample, found only a header", t->path);
	status = judge(t);
	if (status == 0 && !t->unlabelled)
		status = check_separator(t);
	if (status == 0 && is_index(t))
		drop_index(t);
	return status;
}
