/* SPDX-License-Identifier: MIT
 * Names of classes, where labels of weights, of training and of validation meet. */
#ifndef PLAIT_CLI_NAMES_H
#define PLAIT_CLI_NAMES_H

#include "src/cli/job/job.h"

/* Metadata of weights. */
#define CLI_KEY_CLASSES "plait.classes"
#define CLI_KEY_MODEL "plait.model"
#define CLI_KEY_LOSS "plait.loss" /* a word of --loss */

/* Numbers the classes of the job's data as the weights of --init do, and those of --val as the
 * data; then gives the trainer what is saved with its weights: the layers, the input's shape, the
 * loss and the names.  Where names are on one side only, numbers are all there is to compare: of
 * two data sets that is refused, of weights it is a doubt, and so are other layers than the weights
 * were saved with.  predict uses no labels: only features and layers are compared then.  Returns
 * CLI_DONE, or the exit status after saying what is wrong. */
int cli_names_settle(struct cli_job *job, const struct cli_options *options);

/* Names of the classes that a network's outputs stand for. */
struct cli_class_names {
	int64_t count;     /* the classes behind these have none */
	const char **name; /* [count] */
	char *text;        /* what they point into, or NULL: the data's */
};

/* The names of so many classes: those of the weights, or of data that have as many, which is a
 * doubt as above; or none.  They live as long as the job's data.  Returns CLI_DONE, or the exit
 * status after saying what is wrong.  cli_names_free in any case. */
int cli_names_of_classes(struct cli_job *job, const struct cli_options *options, int64_t classes,
			 struct cli_class_names *names);
void cli_names_free(struct cli_class_names *names);

#endif
