/* SPDX-License-Identifier: MIT
 * Options in files: "name = value" in a line each, # before comments, or the first line of a log.
 * What the command line says counts more. */
#ifndef PLAIT_CLI_OPTIONS_CONFIG_H
#define PLAIT_CLI_OPTIONS_CONFIG_H

#include "src/cli/options/options.h"
#include "src/cli/writer.h"

/* Sets what the file options->config says and the command line does not.  Of options of train that
 * the command does not have, or has for something else, it takes none.  Returns CLI_DONE, or the
 * exit status after saying what is wrong. */
int cli_config_read(struct cli_options *options, enum cli_command command);

/* Prints all options of the command to standard output: those that are given as cli_config_read
 * reads them, and the others, with their defaults, as comments. */
void cli_config_print(const struct cli_options *options, enum cli_command command);

/* Writes two objects of a line of a log, "options" with those that are given and "defaults" with
 * the others that have a value. */
void cli_config_put(struct cli_writer *out, const struct cli_options *options,
		    enum cli_command command);

#endif
