/* SPDX-License-Identifier: MIT
 * The network of a job. */
#ifndef PLAIT_CLI_NET_H
#define PLAIT_CLI_NET_H

#include "src/cli/job/job.h"

/* Builds the network that the options ask for, on the job's data as transform leaves them: with the
 * loss behind it, or for predict with a softmax where it gives scores of classes.  Sets net,
 * scores, output, ndim and dim of the job.  Returns CLI_DONE, or the exit status after saying what
 * is wrong. */
int cli_net_build(struct cli_job *job, const struct plait_transform *transform,
		  const struct cli_options *options);

#endif
