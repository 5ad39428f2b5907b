/* SPDX-License-Identifier: MIT
 * An option and its value, from the command line or from a file of options. */
#include "config.h"
#include "src/cli/options/parse.h"
#include "src/cli/options/table.h"
#include "src/cli/complain.h"
#include "src/base/suggest.h"
#include "src/base/assert.h"

#include <stdio.h>
#include <string.h>

/* With the options of every command, and an end. */
#define MAX_VALID (CLI_MOST_OPTIONS + 3)

int cli_reader_unknown(const struct cli_reader *r, const char *name)
{
	const char *valid[MAX_VALID], *elsewhere = NULL;
	char suggestion[PLAIT__SUGGEST_SIZE] = "";
	bool renamed;
	int count = 0;

	for (int i = 0; i < cli_option_count; i++) {
		PLAIT__ASSERT(count < CLI_MOST_OPTIONS,
			      "a command has no more options than there are");
		if (cli_option_table[i].commands & r->command)
			valid[count++] = cli_option_table[i].name;
		else if (!elsewhere && strcmp(cli_option_table[i].name, name) == 0)
			elsewhere = cli_option_owner(&cli_option_table[i]);
	}
	valid[count++] = "--help";
	valid[count++] = "--help-all";
	valid[count] = NULL;
	if (!elsewhere)
		plait__suggest(suggestion, PLAIT__SUGGEST_COMMA, name, valid);
	/* It was of microbatches once. */
	renamed = (r->command & CLI_COMPUTING) && strcmp(name, "--schedule") == 0;
	cli_complain("%s: no option \"%s\"%s%s%s%s%s; the options are", r->from, name,
		     elsewhere ? " (" : "", elsewhere ? elsewhere : "", elsewhere ? " has it)" : "",
		     suggestion, renamed ? "; that of microbatches is --pipeline-schedule" : "");
	cli_complain_words(valid);
	return CLI_USAGE;
}

/* One of two values would be ignored; which one is meant is not known.  An option without a value
 * says the same twice. */
static int check_once(const struct cli_reader *r, const struct cli_option *option)
{
	if (!r->options->given[cli_option_row(option)] || !option->argument ||
	    option->set == cli_set_texts)
		return CLI_DONE;
	cli_complain("%s: %s was given twice: give it once", r->from, option->name);
	return CLI_USAGE;
}

int cli_reader_give(struct cli_reader *r, const struct cli_option *option, const char *value)
{
	char *options = (char *)r->options, why[CLI_WHY_SIZE];

	if (check_once(r, option) != CLI_DONE)
		return CLI_USAGE;
	r->options->given[cli_option_row(option)] = value ? value : "";
	if (option->given)
		*(bool *)(options + option->given) = true;
	if (option->argument && *option->argument == '[' && !value)
		return CLI_DONE;
	/* Without a value for its one option, pack lacks the data: find_missing says so. */
	if (option->argument && (!value || !*value) && r->command != CLI_PACK) {
		cli_complain("%s: %s needs a value: %s %s", r->from, option->name, option->name,
			     option->argument);
		return CLI_USAGE;
	}
	if (option->set(option, value ? value : "", options + option->field, why) == 0)
		return CLI_DONE;
	cli_complain("%s: %s: \"%s\" %s", r->from, option->name, value, why);
	return CLI_USAGE;
}
