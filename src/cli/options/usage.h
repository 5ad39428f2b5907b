/* SPDX-License-Identifier: MIT
 * The text of --help and --help-all. */
#ifndef PLAIT_CLI_OPTIONS_USAGE_H
#define PLAIT_CLI_OPTIONS_USAGE_H

#include "src/cli/options/options.h"

#include <stdio.h>

/* all: options that few need, and the steps of transforms, too. */
void cli_print_usage(FILE *out, enum cli_command command, bool all);

#endif
