/* SPDX-License-Identifier: MIT
 * The text of a CSV file, line by line: what the reader of data sets sees. */
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
};

/* Opens path, plain or gzip.  Close it also after a failure. */
int plait__csv_open(struct plait__csv *csv, const char *path);
void plait__csv_close(struct plait__csv *csv);

/* Splits the next line at its commas.  1: there is one; 0: only empty lines, if any,
 * remain; negative: PLAIT_EFORMAT naming path, line and column, and all that reading may
 * give.  The fields live until the next call. */
int plait__csv_next(struct plait__csv *csv);

/* PLAIT_EFORMAT for this line and column (from 1), with the text found there. */
int plait__csv_unexpected(const struct plait__csv *csv, int column, const char *expected);

#endif
