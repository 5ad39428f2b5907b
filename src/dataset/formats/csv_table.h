/* SPDX-License-Identifier: MIT
 * A CSV file as it is read: rows of features, and the texts of the labels. */
#ifndef PLAIT__DATASET_CSV_TABLE_H
#define PLAIT__DATASET_CSV_TABLE_H

#include "src/dataset/formats/csv_text.h"
#include "src/dataset/format.h"
#include "src/dataset/stored.h"

#include <string.h>

struct plait__csv_table {
	struct plait__csv csv;
	const char *path;
	const char *label; /* the option: a name, a position, "none", or NULL */
	int columns;       /* how many there are */
	int column;        /* which of them is the label, from 0; or PLAIT__CSV_NO_LABEL */
	bool unlabelled;   /* none is */

	float *x; /* [samples, plait__csv_width] */
	int64_t samples, capacity;
	char *labels; /* their texts, each with a zero byte at its end */
	int64_t labels_size, labels_capacity;
	/* Lines of the first label that is a number, of the first that is text, and of the first
	 * that is nan or inf; 0: none. */
	int64_t number, text, not_finite;
	int64_t texts;   /* labels that are text */
	int64_t text_at; /* where that text is in labels */
	int header;      /* enum plait__csv_first, as the option says or as the first line is */
	bool index;      /* a column that numbers the rows was left out */
	bool told;       /* the option has said it */
	struct plait__texts first; /* the cells of the first line */
};

/* Columns that are features. */
static inline int plait__csv_width(const struct plait__csv_table *t)
{
	return t->columns - !t->unlabelled;
}

/* Whether label= has a column's name, which only a header tells. */
bool plait__csv_label_is_name(const struct plait__csv_table *t);

/* Finds the column of the label by the option and the current line, the first.  PLAIT_EINVAL (there
 * is no such column), PLAIT_EFORMAT (no column is left for features), PLAIT_ENOMEM. */
int plait__csv_find_label(struct plait__csv_table *t);

/* Reads the file of t->path.  Each label is then a number, or each is a text: t->text tells.
 * PLAIT_EINVAL, PLAIT_EIO, PLAIT_EFORMAT, PLAIT_ENOMEM. */
int plait__csv_table_read(struct plait__csv_table *t);

#endif
