/* SPDX-License-Identifier: MIT
 * Reading the command line. */
#ifndef PLAIT_CLI_OPTIONS_PARSE_H
#define PLAIT_CLI_OPTIONS_PARSE_H

#include "src/cli/options/options.h"

/* Reads the arguments of command into *options, defaults included.  Returns -1 to go on,
 * or the exit status: after --help, or with wrong usage, which it has explained. */
int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv);

#endif
