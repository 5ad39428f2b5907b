/* SPDX-License-Identifier: MIT
 * Reader of recutils text: lines "Name: value", records between blank lines.  What is wrong is
 * said with path and line. */
#ifndef PLAIT_CLI_TRACE_REC_H
#define PLAIT_CLI_TRACE_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CLI_REC_FIELDS 64 /* of a record; further ones are skipped */

struct cli_rec {
	const char *path;
	FILE *file;
	int64_t line; /* the one read last, from 1 */
	bool cut;     /* the file ends within a record, which was left out */
	int fields;
	struct {
		size_t name, value; /* where they begin in text */
		int64_t line;
	} field[CLI_REC_FIELDS];
	char *text; /* of the record, with zero bytes after names and values */
	size_t used, room;
	char *buffer;
	size_t size;
};

/* Returns an exit status after saying why not.  path is kept, not copied. */
int cli_rec_open(struct cli_rec *rec, const char *path);
void cli_rec_close(struct cli_rec *rec);

/* Returns 1 with the next record, 0 at the end, -1 after saying what is wrong. */
int cli_rec_next(struct cli_rec *rec);

/* The value of the record's field, or NULL. */
const char *cli_rec_text(const struct cli_rec *rec, const char *name);

/* Reads a number, which may be followed by others.  Returns 1, 0 if there is no such field, or
 * -1 after saying that it is no number. */
int cli_rec_real(const struct cli_rec *rec, const char *name, double *value);
int cli_rec_integer(const struct cli_rec *rec, const char *name, int64_t *value);

/* Complains about the field, by path and line, and returns -1. */
int cli_rec_wrong(const struct cli_rec *rec, const char *name, const char *why);

/* Reads a line, without its end, into *buffer, which has *size bytes and grows; NULL and 0 at
 * first.  Returns its length, -1 at the end of the file, -2 after saying what is wrong.  *whole_p
 * says whether the line has an end. */
long cli_line_next(FILE *file, const char *path, int64_t *number, char **buffer, size_t *size,
		   bool *whole_p);

#endif
