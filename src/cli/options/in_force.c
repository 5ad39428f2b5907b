/* SPDX-License-Identifier: MIT
 * The options of a run as text. */
#include "config.h"
#include "src/cli/options/config.h"
#include "src/cli/options/grain.h"
#include "src/cli/options/optimizer.h"
#include "src/cli/options/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE 64
#define HELP_COLUMN 32

/* With as many digits as it needs to be the same when it is read. */
static const char *real_text(double value, char text[VALUE_SIZE])
{
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, VALUE_SIZE, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return text;
}

/* Below the least value, and at 0 where an option can be given as 0, it is not given. */
static const char *count_text(const struct cli_option *option, int64_t value, bool given,
			      char text[VALUE_SIZE])
{
	if (value == 0 && option->words)
		return option->words[0];
	if (value < option->min || (value == 0 && option->given && !given))
		return NULL;
	snprintf(text, VALUE_SIZE, "%" PRId64, value);
	return text;
}

/* The default that counts where the option is not given; NULL: there is none. */
static const char *default_text(const struct cli_options *options, const struct cli_option *option,
				const void *field, char text[VALUE_SIZE])
{
	double real;

	if (cli_optimizer_value(options, option->name, &real))
		return real_text(real, text);
	if (option->set == cli_set_real)
		return *(const double *)field >= 0 && option->initial >= 0
			       ? real_text(*(const double *)field, text)
			       : NULL;
	if (option->set == cli_set_grain)
		return cli_grain_text(*(const int64_t *)field, text);
	if (option->set == cli_set_schedule)
		return "constant";
	return NULL;
}

/* The value that counts; NULL: there is none. */
static const char *value_text(const struct cli_options *options, const struct cli_option *option,
			      char text[VALUE_SIZE])
{
	const void *field = (const char *)options + option->field;
	const char *given = options->given[cli_option_row(option)];

	if (option->set == cli_set_flag)
		return *(const bool *)field ? "true" : "false";
	/* What is chosen, as auto is, or where other options decide, is in the field. */
	if (option->set == cli_set_word)
		return option->words[*(const int *)field];
	if (option->set == cli_set_count)
		return count_text(option, *(const int64_t *)field, given != NULL, text);
	if (option->set == cli_set_shards && !(given && strpbrk(given, ",:"))) {
		int64_t shards = cli_shards(field);

		if (((const struct cli_shards *)field)->automatic && shards == 0)
			return option->words[0];
		snprintf(text, VALUE_SIZE, "%" PRId64, shards > 0 ? shards : 1);
		return text;
	}
	return given ? given : default_text(options, option, field, text);
}

static bool is_of(const struct cli_option *option, enum cli_command command)
{
	return (option->commands & command) && strcmp(option->name, "--config") != 0 &&
	       strcmp(option->name, "--print-config") != 0;
}

/* -- a file ------------------------------------------------------------------------------------ */

/* In quotes where it would be read as something else without. */
static void print_value(const char *value)
{
	size_t length = strlen(value);
	bool quotes = length == 0 || strchr(" \t\"#", value[0]) ||
		      strchr(" \t", value[length - 1]) || strpbrk(value, "\n\r") ||
		      strstr(value, " #") || strstr(value, "\t#");

	if (!quotes) {
		fputs(value, stdout);
		return;
	}
	putchar('"');
	for (; *value; value++) {
		if (*value == '"')
			putchar('"');
		putchar(*value);
	}
	putchar('"');
}

static void print_option(const char *name, const char *value)
{
	printf("%s = ", name);
	print_value(value);
	putchar('\n');
}

static void print_given(const struct cli_options *options, const struct cli_option *option)
{
	const struct cli_texts *texts = (const void *)((const char *)options + option->field);
	char text[VALUE_SIZE];
	const char *name = option->name + strlen("--"), *value;

	if (option->set == cli_set_texts) {
		for (int i = 0; i < texts->count; i++)
			print_option(name, texts->value[i]);
		return;
	}
	value = value_text(options, option, text);
	if (value && *value)
		print_option(name, value);
	else
		puts(name);
}

void cli_config_print(const struct cli_options *options, enum cli_command command)
{
	char text[VALUE_SIZE];

	printf("# Options of plait %s, version %s.  Those in comments are not given, and count as "
	       "they stand.\n",
	       cli_command_find(command)->name, plait_version());
	for (int i = 0; i < cli_option_count; i++)
		if (is_of(&cli_option_table[i], command) && options->given[i])
			print_given(options, &cli_option_table[i]);
	putchar('\n');
	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];
		const char *value;
		int width;

		if (!is_of(option, command) || options->given[i])
			continue;
		value = value_text(options, option, text);
		width = printf("# %s =%s%s", option->name + strlen("--"), value ? " " : "",
			       value ? value : "");
		printf("%*s# %s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "",
		       option->help);
	}
}

/* -- a log ------------------------------------------------------------------------------------- */

static void put_given(struct cli_writer *out, const struct cli_options *options,
		      const struct cli_option *option)
{
	const struct cli_texts *texts = (const void *)((const char *)options + option->field);
	char text[VALUE_SIZE];
	const char *name = option->name + strlen("--");

	if (option->set != cli_set_texts && !option->number) {
		const char *value = value_text(options, option, text);

		cli_writer_text(out, name, value && *value ? value : NULL);
		return;
	}
	cli_writer_open(out, name, '[');
	if (option->number) {
		snprintf(text, sizeof text, "%" PRId64,
			 *(const int64_t *)((const char *)options + option->number));
		cli_writer_text(out, NULL, text);
		cli_writer_text(out, NULL, value_text(options, option, text));
	} else
		for (int i = 0; i < texts->count; i++)
			cli_writer_text(out, NULL, texts->value[i]);
	cli_writer_close(out, ']');
}

void cli_config_put(struct cli_writer *out, const struct cli_options *options,
		    enum cli_command command)
{
	char text[VALUE_SIZE];

	for (int given = 1; given >= 0; given--) {
		cli_writer_open(out, given ? "options" : "defaults", '{');
		for (int i = 0; i < cli_option_count; i++) {
			const struct cli_option *option = &cli_option_table[i];
			const char *value;

			if (!is_of(option, command) || (options->given[i] != NULL) != given)
				continue;
			value = value_text(options, option, text);
			if (given)
				put_given(out, options, option);
			else if (value)
				cli_writer_text(out, option->name + strlen("--"), value);
		}
		cli_writer_close(out, '}');
	}
}
