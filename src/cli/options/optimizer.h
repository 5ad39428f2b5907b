/* SPDX-License-Identifier: MIT
 * --optimizer, and the options of its numbers. */
#ifndef PLAIT_CLI_OPTIONS_OPTIMIZER_H
#define PLAIT_CLI_OPTIONS_OPTIMIZER_H

#include "src/cli/options/options.h"

#include <plait/optimizer.h>

/* What the options say, with the rule's defaults for those that were not given. */
struct plait_optimizer cli_optimizer(const struct cli_options *options);

/* Whether all that were given are of the rule.  Returns -1, or CLI_USAGE after saying what is
 * wrong. */
int cli_optimizer_check(const struct cli_options *options);

#endif
