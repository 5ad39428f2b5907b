/* SPDX-License-Identifier: MIT
 * Names of classes, where labels of weights, of training and of validation meet. */
#ifndef PLAIT_CLI_NAMES_H
#define PLAIT_CLI_NAMES_H

#include "src/checkpoint/saved.h"
#include "src/cli/job/job.h"

/* Numbers the classes of the job's data as the weights of --init do, and those of --val as the
 * data; then gives the trainer what is saved with its weights: the layers, the input's shape, the
 * loss and the names.  Where names are on one side only, numbers are all there is to compare: of
 * two data sets that is refused, of weights it is a doubt, and so are other layers than the weights
 * were saved with.  predict uses no labels: only features and layers are compared then.  Returns
 * CLI_DONE, or the exit status after saying what is wrong. */
int cli_names_settle(struct cli_job *job, const struct cli_options *options);

/* The names of so many classes that a network's outputs stand for: those of the weights, or of data
 * that have as many, which is a doubt as above; or none.  Classes behind the last name have none.
 * They live as long as the job's data.  Returns CLI_DONE, or the exit status after saying what is
 * wrong.  plait__names_free in any case. */
int cli_names_of_classes(struct cli_job *job, const struct cli_options *options, int64_t classes,
			 struct plait__names *names);

#endif
