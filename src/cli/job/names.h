/* SPDX-License-Identifier: MIT
 * Names of classes, where labels of weights, of training and of validation meet. */
#ifndef PLAIT_CLI_NAMES_H
#define PLAIT_CLI_NAMES_H

#include "src/cli/job/job.h"

/* Numbers the classes of the job's data as the weights of --init do, and those of --val as the
 * data; then gives the trainer what is saved with its weights: the layers, the input's shape and
 * the names.  Where names are on one side only, numbers are all there is to compare: of two data
 * sets that is refused, of weights it is a doubt, and so are other layers than the weights were
 * saved with.  Returns CLI_DONE, or the exit status after
 * saying what is wrong. */
int cli_names_settle(struct cli_job *job, const struct cli_options *options);

#endif
