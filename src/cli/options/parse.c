/* SPDX-License-Identifier: MIT
 * Reading the command line by the table of options. */
#include "config.h"
#include "src/cli/options/table.h"
#include "src/cli/options/usage.h"
#include "src/cli/options/parse.h"
#include "src/cli/complain.h"
#include "src/cli/files/files.h"
#include "src/base/suggest.h"
#include "src/base/assert.h"

#include <stdio.h>
#include <string.h>

/* More than any command has. */
#define MAX_VALID 64

static int unknown(enum cli_command command, const char *name)
{
	const char *valid[MAX_VALID], *elsewhere = NULL;
	char suggestion[PLAIT__SUGGEST_SIZE] = "";
	int count = 0;

	for (int i = 0; i < cli_option_count; i++) {
		PLAIT__ASSERT(count < MAX_VALID - 3, "no command has more options than fit");
		if (cli_option_table[i].commands & command)
			valid[count++] = cli_option_table[i].name;
		else if (!elsewhere && strcmp(cli_option_table[i].name, name) == 0)
			elsewhere = cli_option_owner(&cli_option_table[i]);
	}
	valid[count++] = "--help";
	valid[count++] = "--help-all";
	valid[count] = NULL;
	if (!elsewhere)
		plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, name, valid);
	cli_complain("%s: no option \"%s\"%s%s%s%s; the options are",
		     cli_command_find(command)->name, name, elsewhere ? " (" : "",
		     elsewhere ? elsewhere : "", elsewhere ? " has it)" : "", suggestion);
	cli_complain_words(valid);
	return CLI_USAGE;
}

/* The entry whose name is the first length characters of name, or NULL. */
static const struct cli_option *find(enum cli_command command, const char *name, size_t length)
{
	for (int i = 0; i < cli_option_count; i++) {
		const struct cli_option *option = &cli_option_table[i];

		if ((option->commands & command) && strlen(option->name) == length &&
		    memcmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

/* An argument that is no option. */
static int parse_bare(struct cli_options *options, const struct cli_command_text *text,
		      const char *argument)
{
	const char **field = (const char **)((char *)options + text->bare);

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
		     : text->bare               ? "one specification is enough"
				  : "values follow an option, and those with blanks need quotes");
	return CLI_USAGE;
}

/* Reads the option at argv[*i], and its value, which may be the next argument. */
static int parse_one(struct cli_options *options, enum cli_command command, int argc, char **argv,
		     int *i)
{
	const struct cli_command_text *text = cli_command_find(command);
	const char *argument = argv[*i], *equals = strchr(argument, '=');
	const struct cli_option *option =
		find(command, argument, equals ? (size_t)(equals - argument) : strlen(argument));
	const char *value = equals ? equals + 1 : NULL;
	char why[CLI_WHY_SIZE];

	if (!option && *argument != '-')
		return parse_bare(options, text, argument);
	if (!option)
		return unknown(command, argument);
	if (!option->argument && value) {
		cli_complain("%s: %s takes no value, \"%s\" was given", text->name, option->name,
			     value);
		return CLI_USAGE;
	}
	if (option->argument && !value && *i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0)
		value = argv[++*i];
	if (option->given)
		*(bool *)((char *)options + option->given) = true;
	if (option->argument && *option->argument == '[' && !value)
		return CLI_DONE;
	/* Without a value for its one option, pack lacks the data: find_missing says so. */
	if (option->argument && (!value || !*value) && command != CLI_PACK) {
		cli_complain("%s: %s needs a value: %s %s", text->name, option->name, option->name,
			     option->argument);
		return CLI_USAGE;
	}
	if (option->set(option, value ? value : "", (char *)options + option->field, why) == 0)
		return CLI_DONE;
	cli_complain("%s: %s: \"%s\" %s", text->name, option->name, value, why);
	return CLI_USAGE;
}

/* What is missing, or NULL. */
static const char *find_missing(const struct cli_options *options, enum cli_command command)
{
	if (!options->data && command == CLI_TRACE)
		return options->rest > 0 ? NULL : "FILE, FOLDER or -- COMMAND";
	if (!options->data || !*options->data)
		return command == CLI_DATA ? "SPEC" : "--data SPEC";
	if (command == CLI_PACK && (!options->out || !*options->out))
		return "a file to write";
	if (!options->model && (command & CLI_COMPUTING))
		return "--model WORDS";
	if (!options->init && command == CLI_EVAL)
		return "--init FILE";
	if (!options->log && options->log_every > 0)
		return "--log FILE, as there is --log-every";
	if (!options->val && options->val_transform)
		return "--val SPEC, as there is --val-transform";
	if (options->bad_limit > 0 && options->bad_samples == PLAIT_BAD_FAIL)
		return "--bad-samples replace or mask, as there is --bad-limit";
	return NULL;
}

/* What single options cannot know. */
static int check(const struct cli_options *options, enum cli_command command)
{
	const char *missing = find_missing(options, command);
	const char *name = cli_command_find(command)->name;

	if (missing) {
		cli_complain("%s: needs %s; plait %s --help says more", name, missing, name);
		return CLI_USAGE;
	}
	if (options->rest > 0 && options->data) {
		cli_complain("%s: report on %s, or on what comes after --? One of them", name,
			     options->data);
		return CLI_USAGE;
	}
	if (options->no_shuffle && options->sampler != CLI_SEQUENTIAL) {
		cli_complain("%s: --no-shuffle is --sampler sequential, and another was given",
			     name);
		return CLI_USAGE;
	}
	if (options->momentum >= 0 && options->optimizer != PLAIT_SGD - 1) {
		cli_complain("train: --momentum belongs to --optimizer sgd, not to %s",
			     cli_optimizer_names[options->optimizer]);
		return CLI_USAGE;
	}
	return -1;
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

	PLAIT__ASSERT((option->use == CLI_USE_NONE) == (option->set != cli_set_text),
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

int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv)
{
	bool bare = false;
	int status = CLI_DONE;

	set_defaults(options, command);
	for (int i = 0; i < argc && status == CLI_DONE; i++) {
		if (!bare && command == CLI_TRACE && strcmp(argv[i], "--") == 0) {
			options->rest = argc - i - 1;
			options->rest_argument = argv + i + 1;
			break;
		}
		if (bare || strcmp(argv[i], "--") == 0) {
			/* What follows "--" is no option, whatever it begins with. */
			if (bare)
				status = parse_bare(options, cli_command_find(command), argv[i]);
			bare = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 ||
		    strcmp(argv[i], "--help-all") == 0) {
			cli_print_usage(stdout, command, strcmp(argv[i], "--help-all") == 0);
			return CLI_DONE;
		}
		status = parse_one(options, command, argc, argv, &i);
	}
	if (status != CLI_DONE)
		return status;
	set_dependent(options);
	status = check(options, command);
	return status < 0 ? check_files(options, command) : status;
}
