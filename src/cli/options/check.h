/* SPDX-License-Identifier: MIT
 * Options that belong together, or do not. */
#ifndef PLAIT_CLI_OPTIONS_CHECK_H
#define PLAIT_CLI_OPTIONS_CHECK_H

#include "src/cli/options/options.h"

/* Returns -1 to go on, or the exit status after saying what is wrong. */
int cli_options_check(const struct cli_options *options, enum cli_command command);

#endif
