/* SPDX-License-Identifier: MIT
 * Which column of a CSV file is the label: the one that the option says, or none, or the last. */
#include "config.h"
#include "src/dataset/formats/csv_table.h"
#include "src/base/suggest.h"

#include <stdlib.h>

#define NONE "none"

static int no_such_name(const struct plait__csv_table *t)
{
	const char **list = plait__calloc((size_t)t->columns + 1, sizeof *list, "column names");
	char suggestion[PLAIT__SUGGEST_SIZE];
	int status;

	if (!list)
		return PLAIT_ENOMEM;
	memcpy(list, t->csv.field, (size_t)t->columns * sizeof *list);
	status = plait__error(
		PLAIT_EINVAL,
		"%s: line 1: expected a column named \"%s\", found none%s; label=" NONE
		" is for data without labels",
		t->path, t->label,
		plait__suggest(suggestion, PLAIT__SUGGEST_PARENTHESES, t->label, list));
	free(list);
	return status;
}

static int find(struct plait__csv_table *t)
{
	const char *label = t->label;
	long position;

	if (plait__csv_label_is_name(t)) {
		while (t->column < t->columns && strcmp(t->csv.field[t->column], label) != 0)
			t->column++;
		return t->column < t->columns ? 0 : no_such_name(t);
	}
	t->unlabelled = label && strcmp(label, NONE) == 0;
	position = t->unlabelled ? PLAIT__CSV_NO_LABEL
		   : label       ? strtol(label, NULL, 10)
				 : t->columns - 1;
	if (position >= t->columns)
		return plait__error(PLAIT_EINVAL, "%s: label=%s: expected a column from 0 to %d",
				    t->path, label, t->columns - 1);
	t->column = (int)position;
	return 0;
}

bool plait__csv_label_is_name(const struct plait__csv_table *t)
{
	return t->label && t->label[strspn(t->label, "0123456789")] != '\0' &&
	       strcmp(t->label, NONE) != 0;
}

int plait__csv_find_label(struct plait__csv_table *t)
{
	int status = find(t);

	if (status < 0 || plait__csv_width(t) > 0)
		return status;
	return plait__error(PLAIT_EFORMAT,
			    "%s: line 1: expected at least 2 columns, found one (label=" NONE
			    " is for data without labels)",
			    t->path);
}
