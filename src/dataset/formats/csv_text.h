/* SPDX-License-Identifier: MIT
 * The text of a CSV file, cut into lines and fields. */
#ifndef PLAIT__DATASET_CSV_H
#define PLAIT__DATASET_CSV_H

#include "src/base/file.h"

struct plait__csv {
	struct plait__file *file;
	int64_t line; /* number of the current line, from 1 */
	char **field; /* [fields], of the current line, without quotes and the spaces around */
	int fields;

	size_t capacity; /* of field */
	char *buffer;    /* text from the file, which may begin with lines read before */
	size_t buffer_size;
	size_t at, fill; /* the text that was not read as a line yet is [at, fill) */
	bool ended;      /* the file ends with the text in the buffer */
	char end;        /* what ends a line: '\n', or '\r' as in old files; 0: not known yet */
};

/* Opens path, plain or gzip.  Close it also after a failure. */
int plait__csv_open(struct plait__csv *csv, const char *path);
void plait__csv_close(struct plait__csv *csv);

/* Reads the next line and splits it at its commas.  Returns 1; or 0 if only empty lines are left;
 * or PLAIT_EFORMAT, whose message names path, line and column, or another error of reading the
 * file. The fields are valid until the next call. */
int plait__csv_next(struct plait__csv *csv);

/* PLAIT_EFORMAT for a field of the current line: what was expected there and what was found. column
 * is counted from 1. */
int plait__csv_unexpected(const struct plait__csv *csv, int column, const char *expected);

/* What the first line is, by its features. */
enum plait__csv_first {
	PLAIT__CSV_SAMPLE,
	PLAIT__CSV_HEADER,
	PLAIT__CSV_EITHER, /* numbers that can be names, with a name as the label */
};

/* In the place of a column where none has labels. */
#define PLAIT__CSV_NO_LABEL (-1)

/* Tells what the current line, the first, is if column label is no feature: an enum
 * plait__csv_first, or PLAIT_EFORMAT for a line that is neither. */
int plait__csv_first_line(const struct plait__csv *csv, int label);

/* PLAIT_EFORMAT if one name of the current line, a header, tells that another column than the last
 * has the labels. */
int plait__csv_check_last(const struct plait__csv *csv);

#endif
