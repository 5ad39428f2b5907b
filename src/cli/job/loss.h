/* SPDX-License-Identifier: MIT
 * The loss of a job. */
#ifndef PLAIT_CLI_LOSS_H
#define PLAIT_CLI_LOSS_H

#include "src/cli/options/options.h"

/* Whether it compares scores of classes with labels; else outputs with targets. */
bool cli_loss_has_labels(const struct cli_options *options);

/* Whether the loss finds in the data what it compares with; whether the network has as many outputs
 * as it needs, output being its last node.  Returns CLI_DONE, or the exit status after saying what
 * is wrong. */
int cli_loss_check_data(const struct plait_dataset_info *info, const struct cli_options *options);
int cli_loss_check_outputs(const struct plait_dataset_info *info, const struct cli_options *options,
			   const struct plait_node *output);

/* Appends the loss of x.  weights: of samples, or NULL.  The graph keeps what a builder finds; the
 * rest is as above. */
int cli_loss_add(struct plait_node *x, const struct plait_dataset_info *info,
		 struct plait_node *weights, const struct cli_options *options);

#endif
