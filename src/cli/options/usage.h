/* SPDX-License-Identifier: MIT
 * The text of --help. */
#ifndef PLAIT_CLI_OPTIONS_USAGE_H
#define PLAIT_CLI_OPTIONS_USAGE_H

#include "src/cli/options/options.h"

#include <stdio.h>

void cli_print_usage(FILE *out, enum cli_command command);

#endif
