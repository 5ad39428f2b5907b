/* SPDX-License-Identifier: MIT
 * Reading the command line by the table of options. */
#include "config.h"
#include "src/cli/options/table.h"
#include "src/cli/options/usage.h"
#include "src/cli/options/parse.h"
#include "src/cli/options/config.h"
#include "src/cli/options/sweep.h"
#include "src/cli/options/check.h"
#include "src/cli/complain.h"
#include "src/cli/files/files.h"
#include "src/base/assert.h"

#include <stdio.h>
#include <string.h>

int cli_set_texts(const struct cli_option *option, const char *value, void *field, char *why)
{
	struct cli_texts *texts = field;

	(void)option;
	if (!value)
		texts->count = 0;
	else if (texts->count < CLI_TEXTS_MAX)
		texts->value[texts->count++] = value;
	else {
		snprintf(why, CLI_WHY_SIZE, "is one more than %d, the most", CLI_TEXTS_MAX);
		return -1;
	}
	return 0;
}

/* An argument that is no option. */
static int parse_bare(struct cli_options *options, const struct cli_command_text *text,
		      const char *argument)
{
	const char **field = (const char **)((char *)options + text->bare);
	char why[CLI_WHY_SIZE];

	if (text->bare_texts && *argument) {
		if (cli_set_texts(NULL, argument, field, why) == 0)
			return CLI_DONE;
		cli_complain("%s: \"%s\" %s", text->name, argument, why);
		return CLI_USAGE;
	}
	if (text->bare && !*field && (*argument || text->command == CLI_PACK)) {
		*field = argument;
		return CLI_DONE;
	}
	if (text->command == CLI_PACK && options->out) {
		cli_complain("pack: needs one file to write, found \"%s\" and \"%s\"", options->out,
			     argument);
		return CLI_USAGE;
	}
	cli_complain("%s: what is \"%s\"? %s", text->name, argument,
		     text->command == CLI_TRACE ? "one trace is enough"
		     : text->command == CLI_MODEL
			     ? "the words of a network are one argument, in quotes"
		     : text->bare ? "one specification is enough"
				  : "values follow an option, and those with blanks need quotes");
	return CLI_USAGE;
}

/* A command line while it is read. */
struct line {
	struct cli_reader reader;
	int argc, at; /* at: the argument that is read next */
	char **argv;
};

/* The argument that follows, if it is no option; else NULL. */
static const char *next_value(struct line *line)
{
	bool follows = line->at + 1 < line->argc && strncmp(line->argv[line->at + 1], "--", 2) != 0;

	return follows ? line->argv[++line->at] : NULL;
}

/* The number before a value. */
static int set_number(const struct cli_reader *r, const struct cli_option *option,
		      const char *value)
{
	char why[CLI_WHY_SIZE];

	if (cli_set_count(option, value, (char *)r->options + option->number, why) == 0)
		return CLI_DONE;
	cli_complain("%s: %s: \"%s\" %s: %s %s", r->from, option->name, value, why, option->name,
		     option->argument);
	return CLI_USAGE;
}

/* Reads the option at argv[at], and its value, which may be the next argument. */
static int parse_one(struct line *line)
{
	struct cli_reader *r = &line->reader;
	const struct cli_command_text *text = cli_command_find(r->command);
	const char *argument = line->argv[line->at], *equals = strchr(argument, '=');
	const struct cli_option *option = cli_option_find(
		r->command, argument, equals ? (size_t)(equals - argument) : strlen(argument));
	const char *value = equals ? equals + 1 : NULL;

	if (!option && *argument != '-')
		return parse_bare(r->options, text, argument);
	if (!option)
		return cli_reader_unknown(r, argument);
	if (!option->argument && value) {
		cli_complain("%s: %s takes no value, \"%s\" was given", text->name, option->name,
			     value);
		return CLI_USAGE;
	}
	if (option->argument && !value)
		value = next_value(line);
	if (option->number && value && *value) {
		if (set_number(r, option, value) != CLI_DONE)
			return CLI_USAGE;
		value = next_value(line);
	}
	return cli_reader_give(r, option, value);
}

/* Checks all files that the command reads or writes, those of the job that trace runs included.
 * Returns -1 to go on, or the exit status. */
static int check_files(const struct cli_options *options, enum cli_command command)
{
	struct cli_files files = { 0 };
	struct cli_options train;
	int status;

	if (options->rest > 0 && strcmp(options->rest_argument[0], "train") == 0) {
		status = cli_options_parse(&train, CLI_TRAIN, options->rest - 1,
					   options->rest_argument + 1);
		if (status >= 0)
			return status;
		cli_files_add(&files, CLI_TRAIN, &train);
	}
	cli_files_add(&files, command, options);
	status = cli_files_check(&files, cli_command_find(command)->name);
	return status == CLI_DONE ? -1 : status;
}

static void set_default(struct cli_options *options, const struct cli_option *option)
{
	char why[CLI_WHY_SIZE];

	PLAIT__ASSERT((option->use == CLI_USE_NONE) ==
			      (option->set != cli_set_text && option->set != cli_set_texts),
		      "the row of a text says whether it is a file, and what becomes of that");
	PLAIT__ASSERT(option->field > 0 && option->field < sizeof *options &&
			      option->given < sizeof *options,
		      "an option's fields are in the struct");
	option->set(option, NULL, (char *)options + option->field, why);
}

/* A field that several options write, each for other commands, has the default of the command's
 * own option.  If the command has none, it has that of the first option in the table. */
static void set_defaults(struct cli_options *options, enum cli_command command)
{
	*options = (struct cli_options){ 0 };
	for (int i = cli_option_count; i-- > 0;)
		set_default(options, &cli_option_table[i]);
	for (int i = 0; i < cli_option_count; i++)
		if (cli_option_table[i].commands & command)
			set_default(options, &cli_option_table[i]);
}

/* Defaults that depend on other options. */
static void set_dependent(struct cli_options *options)
{
	if (!options->epochs_given && options->steps > 0)
		options->epochs = 0;
	if (!options->sampler_given && options->no_shuffle)
		options->sampler = CLI_SEQUENTIAL;
}

/* Reads all arguments.  *help_p: the help was printed, as one of them asks for. */
static int parse_all(struct line *line, bool *help_p)
{
	struct cli_reader *r = &line->reader;
	bool bare = false;
	int status = CLI_DONE;

	for (; line->at < line->argc && status == CLI_DONE; line->at++) {
		const char *argument = line->argv[line->at];

		if (!bare && r->command == CLI_TRACE && strcmp(argument, "--") == 0) {
			r->options->rest = line->argc - line->at - 1;
			r->options->rest_argument = line->argv + line->at + 1;
			break;
		}
		if (bare || strcmp(argument, "--") == 0) {
			/* What follows "--" is no option, whatever it begins with. */
			if (bare)
				status = parse_bare(r->options, cli_command_find(r->command),
						    argument);
			bare = true;
			continue;
		}
		if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 ||
		    strcmp(argument, "--help-all") == 0) {
			cli_print_usage(stdout, r->command, strcmp(argument, "--help-all") == 0);
			*help_p = true;
			return CLI_DONE;
		}
		status = parse_one(line);
	}
	return status;
}

static int check(const struct cli_options *options, enum cli_command command)
{
	if (options->lr_find && cli_is_pool(options)) {
		cli_complain(
			"train: --lr-find is of one network: give it without --pool and --sweep");
		return CLI_USAGE;
	}
	if (options->dashboard && (options->lr_find || options->quiet || cli_is_pool(options))) {
		cli_complain("train: --dashboard shows one training: give it without %s",
			     options->lr_find ? "--lr-find"
			     : options->quiet ? "--quiet"
					      : "--pool and --sweep");
		return CLI_USAGE;
	}
	return cli_is_pool(options) ? cli_sweep_check(options)
				    : cli_options_check(options, command);
}

int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv)
{
	const char *name = cli_command_find(command)->name;
	struct line line = { .reader = { options, command, name }, .argc = argc, .argv = argv };
	bool help = false;
	int status;

	set_defaults(options, command);
	status = parse_all(&line, &help);
	if (status == CLI_DONE && !help && options->config)
		status = cli_config_read(options, command);
	if (status != CLI_DONE || help)
		return status;
	set_dependent(options);
	status = check(options, command);
	if (status < 0)
		status = check_files(options, command);
	if (status >= 0 || !options->print_config)
		return status;
	cli_config_print(options, command);
	return cli_output_flush();
}
