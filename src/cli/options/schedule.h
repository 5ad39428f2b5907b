/* SPDX-License-Identifier: MIT
 * What --schedule and --warmup make of a training. */
#ifndef PLAIT_CLI_OPTIONS_SCHEDULE_H
#define PLAIT_CLI_OPTIONS_SCHEDULE_H

#include "src/cli/options/options.h"

struct plait_schedule cli_schedule(const struct cli_options *options);

/* SGD's.  As OneCycleLR gives an optimizer a momentum, so does --schedule onecycle. */
double cli_momentum(const struct cli_options *options);

/* Whether they go with the other options of the command of this name: -1, or CLI_USAGE after saying
 * what does not. */
int cli_schedule_check(const struct cli_options *options, const char *name);

#endif
