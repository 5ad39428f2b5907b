/* SPDX-License-Identifier: MIT
 * The scale of numbers, where those of weights, of training and of validation meet. */
#ifndef PLAIT_CLI_SCALE_H
#define PLAIT_CLI_SCALE_H

#include "src/cli/job/job.h"

/* Compares whether samples are bytes, which become 0 to 1, or floats beyond 0 to 1: those of --val
 * with the job's data, and the data with those that the weights of --init were trained on.  A
 * difference is a doubt, since floats may be meant to be so; the job keeps it
 * for the log.  Then gives the trainer the scale, to be saved with its weights.  Returns CLI_DONE,
 * or the exit status after saying what is wrong. */
int cli_scale_settle(struct cli_job *job, const struct cli_options *options);

#endif
