/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/dataset/formats/csv_text.h"
#include "src/base/grow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes.  Without a limit, a file without line ends would fill the memory. */
#define LONGEST_LINE ((size_t)1 << 24)
/* Bytes of the buffer at first. */
#define FIRST_BUFFER ((size_t)1 << 16)

int plait__csv_open(struct plait__csv *csv, const char *path)
{
	return plait__file_open(&csv->file, path, true);
}

void plait__csv_close(struct plait__csv *csv)
{
	plait__file_close(csv->file);
	free(csv->buffer);
	free(csv->field);
}

static int line_error(const struct plait__csv *csv, const char *message)
{
	return plait__error(PLAIT_EFORMAT, "%s: line %" PRId64 ": %s", plait__file_path(csv->file),
			    csv->line, message);
}

int plait__csv_unexpected(const struct plait__csv *csv, int column, const char *expected)
{
	const char *text = csv->field[column - 1];
	char found[36];
	size_t n = 0;

	PLAIT__ASSERT(column >= 1 && column <= csv->fields,
		      "a message is about a field of the line");
	for (; text[n] && n < sizeof found - 4; n++)
		found[n] = (unsigned char)text[n] < ' ' ? '?' : text[n];
	strcpy(found + n, text[n] ? "..." : "");
	return plait__error(PLAIT_EFORMAT,
			    "%s: line %" PRId64 ", column %d: expected %s, found \"%s\"",
			    plait__file_path(csv->file), csv->line, column, expected, found);
}

/* Bytes of text that the buffer can hold, without the zero byte at its end. */
static size_t room(const struct plait__csv *csv)
{
	size_t bytes = csv->buffer_size > 0 ? csv->buffer_size - 1 : 0;

	return bytes < LONGEST_LINE ? bytes : LONGEST_LINE;
}

/* Moves the text that was not read as a line yet to the front, and appends more from the file. */
static int refill(struct plait__csv *csv)
{
	size_t got, rest = csv->fill - csv->at;
	int status;

	PLAIT__ASSERT(csv->at <= csv->fill && csv->fill <= room(csv),
		      "text that was not read as a line yet lies in the buffer");
	if (csv->at > 0)
		memmove(csv->buffer, csv->buffer + csv->at, rest);
	csv->at = 0;
	csv->fill = rest;
	if (rest == LONGEST_LINE)
		return line_error(csv, "expected at most 16 MiB, found a longer line");
	if (rest == room(csv)) {
		size_t needed = csv->buffer_size > 0 ? csv->buffer_size + 1 : FIRST_BUFFER;

		status = plait__grow(&csv->buffer, &csv->buffer_size, needed, 1,
				     plait__file_path(csv->file));
		if (status < 0)
			return status;
	}
	status = plait__file_read(csv->file, csv->buffer + rest, room(csv) - rest, &got);
	if (status < 0)
		return status;
	csv->fill += got;
	csv->ended = csv->fill < room(csv);
	return 0;
}

/* Finds the end of a line in count bytes of text.  The first end tells what ends all lines. */
static char *find_end(struct plait__csv *csv, char *text, size_t count)
{
	char *newline, *stray;

	if (csv->end)
		return memchr(text, csv->end, count);
	newline = memchr(text, '\n', count);
	stray = memchr(text, '\r', newline ? (size_t)(newline - text) : count);
	if (stray && stray + 1 == text + count && !csv->ended)
		return NULL; /* a newline may follow */
	csv->end = stray && stray + 1 != newline ? '\r' : newline ? '\n' : '\0';
	return csv->end == '\r' ? stray : newline;
}

/* The next line as a string, without its end; *line_p is NULL after the last. */
static int next_line(struct plait__csv *csv, char **line_p)
{
	size_t searched = 0;
	char *start, *end = NULL;
	int status;

	csv->line++;
	for (;;) {
		if (csv->fill > csv->at + searched)
			end = find_end(csv, csv->buffer + csv->at + searched,
				       csv->fill - csv->at - searched);
		if (end || csv->ended)
			break;
		searched = csv->end ? csv->fill - csv->at : 0;
		status = refill(csv);
		if (status < 0)
			return status;
	}
	*line_p = NULL;
	if (csv->at == csv->fill)
		return 0;
	start = csv->buffer + csv->at;
	if (!end)
		end = csv->buffer + csv->fill;
	csv->at = (size_t)(end - csv->buffer) + (end < csv->buffer + csv->fill);
	if (memchr(start, '\0', (size_t)(end - start)))
		return line_error(csv, "expected text, found a zero byte");
	*end = '\0';
	if (end > start && end[-1] == '\r')
		end[-1] = '\0';
	*line_p = start;
	return 0;
}

static char *trim(char *start, char *end)
{
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return start;
}

/* Removes the quotes of a field, in place; "" within them becomes one quote.  Returns the text
 * after the closing quote and the spaces that follow, or NULL if there is no closing quote. */
static char *unquote(char *quote)
{
	char *from = quote + 1, *to = quote;

	for (; *from && (*from != '"' || from[1] == '"'); from++) {
		from += *from == '"';
		*to++ = *from;
	}
	if (!*from)
		return NULL;
	*to = '\0';
	from++;
	return from + strspn(from, " \t");
}

static int add_field(struct plait__csv *csv, char *text)
{
	int status = plait__grow(&csv->field, &csv->capacity, (size_t)csv->fields + 1,
				 sizeof *csv->field, plait__file_path(csv->file));

	if (status < 0)
		return status;
	csv->field[csv->fields++] = text;
	return 0;
}

static int split(struct plait__csv *csv, char *line)
{
	bool more = true;
	int status = 0;

	csv->fields = 0;
	while (status == 0 && more) {
		char *start = line + strspn(line, " \t"), *end;

		if (*start == '"') {
			end = unquote(start);
			if (!end)
				return line_error(csv,
						  "expected a closing quote, found the line's end");
			if (*end && *end != ',')
				return line_error(csv, "expected a comma after a closing quote");
			more = *end == ',';
		} else {
			end = start + strcspn(start, ",");
			more = *end == ',';
			start = trim(start, end);
		}
		status = add_field(csv, start);
		line = end + 1;
	}
	return status;
}

int plait__csv_next(struct plait__csv *csv)
{
	char *line;
	int status = next_line(csv, &line);

	if (status < 0 || !line)
		return status;
	if (csv->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3; /* the byte order mark that some programs write */
	if (line[strspn(line, " \t")] != '\0') {
		status = split(csv, line);
		return status < 0 ? status : 1;
	}
	while (status == 0 && line && line[strspn(line, " \t")] == '\0')
		status = next_line(csv, &line);
	if (status < 0 || !line)
		return status;
	csv->line--;
	return line_error(csv, "expected numbers, found an empty line before others");
}
