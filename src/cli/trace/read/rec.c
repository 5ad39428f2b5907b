/* SPDX-License-Identifier: MIT
 * A full disk or a killed program may have cut the file anywhere.  All before the cut is read. */
#include "config.h"
#include "src/cli/trace/read/rec.h"
#include "src/cli/complain.h"
#include "src/base/grow.h"
#include "src/base/assert.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A longer record belongs to no trace, and would fill the memory. */
#define MOST (1u << 24)

/* Says why a file cannot be read on. */
static long unreadable(const char *path, int error)
{
	cli_complain("%s: cannot be read: %s", path, strerror(error));
	return -2;
}

/* A line is measured while it is read: a file may be one line without an end. */
long cli_line_next(FILE *file, const char *path, int64_t *number, char **buffer, size_t *size,
		   bool *whole_p)
{
	size_t length = 0;
	int c;

	do {
		if (plait__grow(buffer, size, length + 1, 1, path) < 0)
			return unreadable(path, ENOMEM);
		c = getc_unlocked(file);
		(*buffer)[length++] = (char)c;
	} while (c != EOF && c != '\n' && length <= MOST);
	if (c == EOF && ferror(file))
		return unreadable(path, errno);
	if (c == EOF && length == 1)
		return -1;
	(*number)++;
	*whole_p = c == '\n';
	(*buffer)[--length] = '\0'; /* for what ended the line */
	if (length > 0 && (*buffer)[length - 1] == '\r')
		(*buffer)[--length] = '\0';
	if (length < MOST && strlen(*buffer) == length)
		return (long)length;
	cli_complain("%s:%" PRId64 ": no line of text: %s", path, *number,
		     length < MOST ? "it has a zero byte" : "it is too long");
	return -2;
}

int cli_rec_open(struct cli_rec *rec, const char *path)
{
	*rec = (struct cli_rec){ .path = path, .file = fopen(path, "r") };
	if (rec->file)
		return CLI_DONE;
	cli_complain("%s: cannot be opened: %s", path, strerror(errno));
	return CLI_FAILED;
}

void cli_rec_close(struct cli_rec *rec)
{
	if (rec->file)
		fclose(rec->file);
	free(rec->text);
	free(rec->buffer);
	*rec = (struct cli_rec){ 0 };
}

/* Appends length bytes and a zero byte to the record's text.  Returns where, or SIZE_MAX. */
static size_t keep(struct cli_rec *rec, const char *text, size_t length)
{
	size_t at = rec->used;

	if (at + length + 1 > MOST ||
	    plait__grow(&rec->text, &rec->room, at + length + 1, 1, "a record") < 0) {
		cli_complain("%s:%" PRId64 ": the record is too long", rec->path, rec->line);
		return SIZE_MAX;
	}
	memcpy(rec->text + at, text, length);
	rec->text[at + length] = '\0';
	rec->used += length + 1;
	return at;
}

/* A line "+ more" goes on with the value before it. */
static int continue_value(struct cli_rec *rec, const char *line)
{
	if (rec->fields == 0) {
		cli_complain("%s:%" PRId64 ": expected a field before \"+\"", rec->path, rec->line);
		return -1;
	}
	PLAIT__ASSERT(rec->used > 0 && rec->used <= rec->room && !rec->text[rec->used - 1],
		      "a zero byte ends the value before");
	rec->text[rec->used - 1] = '\n';
	return keep(rec, line + 1 + (line[1] == ' '), strlen(line + 1 + (line[1] == ' '))) ==
			       SIZE_MAX
		       ? -1
		       : 0;
}

static int take_field(struct cli_rec *rec, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length), *value, *end = line + length;
	size_t name_at, value_at;

	if (*line == '+')
		return continue_value(rec, line);
	if (!colon || colon == line || memchr(line, ' ', (size_t)(colon - line))) {
		cli_complain("%s:%" PRId64 ": expected \"Name: value\", found \"%.40s\"", rec->path,
			     rec->line, line);
		return -1;
	}
	if (rec->fields == CLI_REC_FIELDS)
		return 0;
	for (value = colon + 1; isspace((unsigned char)*value); value++)
		;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	name_at = keep(rec, line, (size_t)(colon - line));
	value_at = name_at == SIZE_MAX ? SIZE_MAX : keep(rec, value, (size_t)(end - value));
	if (value_at == SIZE_MAX)
		return -1;
	rec->field[rec->fields].name = name_at;
	rec->field[rec->fields].value = value_at;
	rec->field[rec->fields++].line = rec->line;
	return 0;
}

int cli_rec_next(struct cli_rec *rec)
{
	rec->fields = 0;
	rec->used = 0;
	for (;;) {
		bool whole;
		long length = cli_line_next(rec->file, rec->path, &rec->line, &rec->buffer,
					    &rec->size, &whole);

		if (length == -2)
			return -1;
		if (length >= 0 && !whole) {
			rec->cut = true;
			return 0;
		}
		if (length <= 0 && rec->fields > 0)
			return 1;
		if (length < 0)
			return 0;
		if (length > 0 && *rec->buffer != '#' &&
		    take_field(rec, rec->buffer, (size_t)length) < 0)
			return -1;
	}
}

/* -- values ---------------------------------------------------------------------------------- */

static int find(const struct cli_rec *rec, const char *name)
{
	for (int i = 0; i < rec->fields; i++)
		if (strcmp(rec->text + rec->field[i].name, name) == 0)
			return i;
	return -1;
}

const char *cli_rec_text(const struct cli_rec *rec, const char *name)
{
	int i = find(rec, name);

	return i < 0 ? NULL : rec->text + rec->field[i].value;
}

int cli_rec_wrong(const struct cli_rec *rec, const char *name, const char *why)
{
	int i = find(rec, name);

	if (i < 0)
		cli_complain("%s:%" PRId64 ": the record that ends here: %s", rec->path, rec->line,
			     why);
	else
		cli_complain("%s:%" PRId64 ": %s: \"%.40s\": %s", rec->path, rec->field[i].line,
			     name, rec->text + rec->field[i].value, why);
	return -1;
}

int cli_rec_real(const struct cli_rec *rec, const char *name, double *value)
{
	const char *text = cli_rec_text(rec, name);
	char *end;

	if (!text)
		return 0;
	*value = strtod(text, &end);
	if (end == text || (*end && !isspace((unsigned char)*end)) || !isfinite(*value))
		return cli_rec_wrong(rec, name, "expected a number");
	return 1;
}

int cli_rec_integer(const struct cli_rec *rec, const char *name, int64_t *value)
{
	const char *text = cli_rec_text(rec, name);
	char *end;

	if (!text)
		return 0;
	errno = 0;
	*value = strtoll(text, &end, 10);
	if (end == text || (*end && !isspace((unsigned char)*end)) || errno)
		return cli_rec_wrong(rec, name, "expected a whole number");
	return 1;
}
