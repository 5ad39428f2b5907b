/* SPDX-License-Identifier: MIT
 * Setting options, wherever they are read. */
#ifndef PLAIT_CLI_OPTIONS_READER_H
#define PLAIT_CLI_OPTIONS_READER_H

#include "src/cli/options/options.h"

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
