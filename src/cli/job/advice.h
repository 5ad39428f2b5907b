/* SPDX-License-Identifier: MIT
 * What is allowed in a job, and most often a mistake. */
#ifndef PLAIT_CLI_ADVICE_H
#define PLAIT_CLI_ADVICE_H

#include "src/cli/options/options.h"

/* Says so in a line, unless --quiet was given, if the network has more outputs than there are
 * classes, or a softmax before a loss that has one inside. */
void cli_advise(const struct cli_options *options, const struct plait_dataset_info *info,
		struct plait_node *output);

#endif
