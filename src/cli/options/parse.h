/* SPDX-License-Identifier: MIT
 * Reading the command line, and setting what it says (reader.c). */
#ifndef PLAIT_CLI_OPTIONS_PARSE_H
#define PLAIT_CLI_OPTIONS_PARSE_H

#include "src/cli/options/options.h"

/* Reads the arguments of command into *options, defaults included.  Returns -1 to go on,
 * or the exit status: after --help, or with wrong usage, which it has explained. */
int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv);

/* Setting options, wherever they are read. */
struct cli_reader {
	struct cli_options *options;
	enum cli_command command;
	const char *from; /* what messages begin with: the command, or a line of a file */
};

/* Sets the option to its value, which stays the caller's and must last as long as the options;
 * NULL: none follows it.  Returns CLI_DONE, or CLI_USAGE after saying what is wrong. */
int cli_reader_give(struct cli_reader *reader, const struct cli_option *option, const char *value);

/* Says that the command has no such option, and which it has.  Returns CLI_USAGE. */
int cli_reader_unknown(const struct cli_reader *reader, const char *name);

#endif
