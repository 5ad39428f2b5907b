/* SPDX-License-Identifier: MIT
 * Every public function, with NULL for each of its pointers in turn and with numbers out of range,
 * does what its header says.  The calls are rows in tests/api_null_*.c.  This file says what holds
 * for a row, reads the headers, and fails for a function that no row calls, and for a pointer that
 * is never the only NULL of a row. */
#include "config.h"
#include "src/base/base.h"
#include "tests/api_null.h"
#include "tests/tap.h"

#include <ctype.h>
#include <dirent.h>

#define CALLS_MAX 1000
#define NAME_SIZE 100

static const char *call[CALLS_MAX]; /* as the rows write them */
static int calls;

/* -- what holds for a row ------------------------------------------------------------------ */

void api_begin(const char *text)
{
	if (calls == CALLS_MAX)
		tap_bail_out("more than %d rows", CALLS_MAX);
	call[calls++] = text;
	plait__error(PLAIT_EIO, API_NO_MESSAGE);
}

static const char *current(void)
{
	return call[calls - 1];
}

void api_refused(int expected, int status)
{
	const char *message = plait_error_message();

	is_int(status, expected, "%s", current());
	ok(*message && strcmp(message, API_NO_MESSAGE) != 0, "%s: says why", current());
	printf("# %s\n", message);
}

void api_number(int64_t expected, int64_t number)
{
	is_int(number, expected, "%s", current());
}

void api_nan(double number)
{
	ok(isnan(number), "%s", current());
}

void api_pointer(const void *expected, const void *pointer)
{
	ok(pointer == expected, "%s", current());
}

void api_text(const char *expected, const char *text)
{
	is_string(text, expected, "%s", current());
}

void api_holds(bool holds, const char *what)
{
	ok(holds, "%s: %s", current(), what);
}

void api_made(int status)
{
	if (status < 0)
		tap_bail_out("%s", plait_error_message());
}

/* -- arguments and parameters -------------------------------------------------------------- */

/* Where the list that begins at `begin`, behind its parenthesis, has its next comma or ends. */
static const char *part_end(const char *begin)
{
	bool quoted = false;
	int depth = 0;

	for (const char *p = begin; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (depth == 0 && (*p == ',' || *p == ')'))
			return p;
		depth += (*p == '(' || *p == '{' || *p == '[');
		depth -= (*p == ')' || *p == '}' || *p == ']');
	}
	tap_bail_out("no end of \"%.60s\"", begin);
}

/* Which argument of a call is NULL: its position, or -1 if none is, or several are. */
static int only_null(const char *text)
{
	const char *begin = strchr(text, '('), *end;
	int found = -1, count = 0;

	for (int i = 0; *begin != ')'; i++, begin = end) {
		begin += 1 + strspn(begin + 1, " ");
		end = part_end(begin);
		if (end - begin == 4 && strncmp(begin, "NULL", 4) == 0) {
			found = i;
			count++;
		}
	}
	return count == 1 ? found : -1;
}

static bool is_called(const char *name, int null)
{
	size_t length = strlen(name);

	for (int i = 0; i < calls; i++)
		if (strncmp(call[i], name, length) == 0 && call[i][length] == '(' &&
		    (null < 0 || only_null(call[i]) == null))
			return true;
	return false;
}

static bool is_pointer(const char *begin, const char *end)
{
	for (const char *p = begin; p < end; p++)
		if (*p == '*' || *p == '[' || strncmp(p, "_fn ", 4) == 0)
			return true;
	return false;
}

/* The function is called, and each of its pointers is the only NULL of a row. */
static void check_function(const char *name, const char *parameters)
{
	const char *begin = parameters, *end;
	bool complete = is_called(name, -1);

	for (int i = 0; complete && *begin != ')'; i++, begin = end) {
		end = part_end(begin + 1);
		if (!is_pointer(begin, end) || is_called(name, i))
			continue;
		printf("# no row has NULL for%s%.*s only\n", begin[1] == ' ' ? "" : " ",
		       (int)(end - begin - 1), begin + 1);
		complete = false;
	}
	ok(complete, "%s has its rows in tests/api_null_*.c", name);
}

/* -- headers ------------------------------------------------------------------------------- */

/* A header without comments and lines of the preprocessor, every blank a single space. */
static char *read_header(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20), *to = text;
	char *from;
	size_t size;

	if (!file || !text)
		tap_bail_out("%s cannot be read", path);
	size = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	text[size] = '\0';
	for (from = text; *from; from++) {
		if (strncmp(from, "/*", 2) == 0)
			from = strstr(from, "*/") + 1;
		else if (*from == '#')
			while (from[1] && (from[1] != '\n' || *from == '\\'))
				from++;
		else if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	*to = '\0';
	return text;
}

static int check_header(const char *path)
{
	static const char mark[] = "PLAIT_API ";
	char *text = read_header(path), *at = text;
	int functions = 0;

	for (; (at = strstr(at, mark)); functions++) {
		char name[NAME_SIZE];
		char *end = strchr(at, '('), *begin = end;

		while (isalnum((unsigned char)begin[-1]) || begin[-1] == '_')
			begin--;
		snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
		check_function(name, end);
		at = end;
	}
	free(text);
	return functions;
}

static void check_headers(void)
{
	const char *source = getenv("SRC");
	char path[4500];
	struct dirent *entry;
	int functions = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s/include/plait.h", source ? source : ".");
	functions += check_header(path);
	snprintf(path, sizeof path, "%s/include/plait", source ? source : ".");
	dir = opendir(path);
	if (!dir)
		tap_bail_out("%s cannot be read: SRC must name the source tree", path);
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length < 3 || strcmp(entry->d_name + length - 2, ".h") != 0)
			continue;
		snprintf(path, sizeof path, "%s/include/plait/%s", source ? source : ".",
			 entry->d_name);
		functions += check_header(path);
	}
	closedir(dir);
	ok(functions >= 90, "the headers declare functions: %d", functions);
}

int main(void)
{
	api_data_rows();
	api_graph_rows();
	api_layer_rows();
	api_runtime_rows();
	check_headers();
	return tap_done();
}
