/* SPDX-License-Identifier: MIT
 * A value that begins with a quote ends with one; it may hold line breaks, and two quotes stand for
 * one of its own.  So any value can be written. */
#include "config.h"
#include "src/cli/options/config.h"
#include "src/cli/options/parse.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"
#include "src/base/base.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (1 << 20)
#define BLANKS " \t\r\n"

/* The file while it is read. */
struct file {
	struct cli_reader reader;
	const char *path;
	int line;                      /* of the text that is read next, from 1 */
	bool before[CLI_MOST_OPTIONS]; /* it is given on the command line */
	char from[512];                /* what messages begin with */
};

/* Values are texts of files, which last as long as the process. */
static struct kept {
	struct kept *next;
	json_t *json;
	char *text;
} * kept_texts;

static int keep(char *text, json_t *json)
{
	struct kept *kept = plait__calloc(1, sizeof *kept, "options of a file");

	if (!kept) {
		free(text);
		json_decref(json);
		return cli_failed(PLAIT_ENOMEM);
	}
	*kept = (struct kept){ kept_texts, json, text };
	kept_texts = kept;
	return CLI_DONE;
}

/* -- options ----------------------------------------------------------------------------------- */

static void say_line(struct file *file)
{
	snprintf(file->from, sizeof file->from, "%s: %s:%d",
		 cli_command_find(file->reader.command)->name, file->path, file->line);
}

/* name: with the hyphens of the command line. */
static int give(struct file *file, const char *name, const char *value)
{
	const struct cli_option *option = cli_option_find(CLI_TRAIN, name, strlen(name));
	bool flag = option && !option->argument;

	say_line(file);
	if (!option) {
		struct cli_reader train = file->reader;

		train.command = CLI_TRAIN;
		return cli_reader_unknown(&train, name);
	}
	if (strcmp(name, "--config") == 0 || strcmp(name, "--print-config") == 0) {
		cli_complain("%s: %s stands on the command line, not in a file", file->from, name);
		return CLI_USAGE;
	}
	if (flag && value && strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
		cli_complain("%s: %s is true or false, not \"%s\"", file->from, name, value);
		return CLI_USAGE;
	}
	if (file->before[cli_option_row(option)] || !(option->commands & file->reader.command) ||
	    (flag && value && strcmp(value, "false") == 0))
		return CLI_DONE;
	return cli_reader_give(&file->reader, option, flag ? NULL : value);
}

/* -- lines ------------------------------------------------------------------------------------- */

/* Reads a value in quotes, writes it without them from *text_p on, and moves *text_p behind. */
static int read_quoted(struct file *file, char **text_p, int *lines)
{
	char *from = *text_p + 1, *to = *text_p;

	for (; *from && !(*from == '"' && from[1] != '"'); from++) {
		*lines += *from == '\n';
		from += *from == '"';
		*to++ = *from;
	}
	if (!*from) {
		say_line(file);
		cli_complain("%s: a quote that begins a value has none at its end", file->from);
		return CLI_USAGE;
	}
	*to = '\0';
	*text_p = from + 1;
	return CLI_DONE;
}

/* Ends a value at a comment, and at its last letter.  Returns where the line goes on. */
static char *end_plain(char *value)
{
	char *end = value + strcspn(value, "\n"), *next = end + (*end == '\n'), *c;

	for (c = value; c < end; c++)
		if (*c == '#' && (c == value || strchr(BLANKS, c[-1])))
			break;
	while (c > value && strchr(BLANKS, c[-1]))
		c--;
	*c = '\0';
	return next;
}

/* Whether nothing but blanks and a comment is on the rest of the line; *text_p moves behind it. */
static bool skip_rest(char **text_p)
{
	char *text = *text_p + strspn(*text_p, " \t\r");
	bool empty = !*text || *text == '\n' || *text == '#';

	text += strcspn(text, "\n");
	*text_p = text + (*text == '\n');
	return empty;
}

/* Reads a line that is no comment, or several that a value has. */
static int read_line(struct file *file, char **text_p)
{
	char *name = *text_p, *after = name + strcspn(name, "=#\n" BLANKS), option[64];
	char *value = after + strspn(after, " \t"), *next;
	int lines = 1, status = CLI_DONE;
	bool has_value = *value == '=';

	snprintf(option, sizeof option, "%s%.*s", strncmp(name, "--", 2) == 0 ? "" : "--",
		 (int)(after - name), name);
	value += has_value;
	value += strspn(value, " \t");
	next = value;
	if (!has_value && !skip_rest(&next)) {
		say_line(file);
		cli_complain("%s: \"%s\" is followed by no =", file->from, option + 2);
		return CLI_USAGE;
	}
	if (has_value && *value == '"') {
		status = read_quoted(file, &next, &lines);
		if (status == CLI_DONE && !skip_rest(&next)) {
			say_line(file);
			cli_complain("%s: text follows the quote that ends a value; two quotes "
				     "stand for one within it",
				     file->from);
			status = CLI_USAGE;
		}
	} else if (has_value)
		next = end_plain(value);
	if (status == CLI_DONE)
		status = give(file, option, has_value ? value : NULL);
	*text_p = next;
	file->line += lines;
	return status;
}

static int read_lines(struct file *file, char *text)
{
	int status = CLI_DONE;

	while (*text && status == CLI_DONE) {
		text += strspn(text, " \t\r");
		if (*text == '#' || *text == '\n') {
			skip_rest(&text);
			file->line++;
		} else if (*text)
			status = read_line(file, &text);
	}
	return status;
}

/* -- a log ------------------------------------------------------------------------------------- */

/* An option of a log: a text, true, or several texts. */
static int give_json(struct file *file, const char *name, const json_t *value)
{
	char option[64];
	int status = CLI_DONE;

	snprintf(option, sizeof option, "--%s", name);
	if (!json_is_array(value))
		return give(file, option, json_string_value(value));
	for (size_t i = 0; i < json_array_size(value) && status == CLI_DONE; i++)
		status = give(file, option, json_string_value(json_array_get(value, i)));
	return status;
}

/* The log of that run is the file that is read, so where to write another is not taken from it. */
static int read_log(struct file *file, const char *text)
{
	json_t *first = json_loadb(text, strcspn(text, "\n"), 0, NULL);
	json_t *options = json_object_get(first, "options"), *value;
	const char *name;
	int status;

	if (!json_is_object(options)) {
		json_decref(first);
		say_line(file);
		cli_complain("%s: no options are on the first line of this log", file->from);
		return CLI_USAGE;
	}
	status = keep(NULL, first);
	json_object_foreach(options, name, value) if (status == CLI_DONE &&
						      strcmp(name, "log") != 0 &&
						      (strcmp(name, "log-every") != 0 ||
						       file->reader.options->log)) status =
		give_json(file, name, value);
	return status;
}

/* -- the file ---------------------------------------------------------------------------------- */

/* NULL after saying why not. */
static char *read_file(const char *path, const char *command)
{
	FILE *in = fopen(path, "re");
	char *text = in ? plait__calloc(MOST_BYTES + 2, 1, "options of a file") : NULL;
	size_t size = text ? fread(text, 1, MOST_BYTES + 1, in) : 0;
	bool whole = text && !ferror(in);

	if (!in || (text && !whole))
		cli_complain("%s: %s: cannot be read: %s", command, path, strerror(errno));
	else if (whole && (size > MOST_BYTES || memchr(text, '\0', size)) && text[0] != '{')
		cli_complain("%s: %s: is no file of options, which is text of at most a MiB",
			     command, path);
	else if (whole) {
		fclose(in);
		return text;
	}
	if (in)
		fclose(in);
	free(text);
	return NULL;
}

int cli_config_read(struct cli_options *options, enum cli_command command)
{
	struct file file = { .reader = { options, command, file.from },
			     .path = options->config,
			     .line = 1 };
	char *text, *start;

	if (strcmp(file.path, "-") == 0) {
		cli_complain("%s: --config: \"-\" is no file here; write /dev/stdin for it",
			     cli_command_find(command)->name);
		return CLI_USAGE;
	}
	start = text = read_file(file.path, cli_command_find(command)->name);
	if (!text)
		return CLI_FAILED;
	if (keep(text, NULL) != CLI_DONE)
		return CLI_FAILED;
	for (int i = 0; i < cli_option_count; i++)
		file.before[i] = options->given[i] != NULL;
	if (strncmp(start, "\xef\xbb\xbf", 3) == 0) /* some editors begin a file so */
		start += 3;
	return *start == '{' ? read_log(&file, start) : read_lines(&file, start);
}
