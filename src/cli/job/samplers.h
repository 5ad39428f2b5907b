/* SPDX-License-Identifier: MIT
 * From the options to a sampler. */
#ifndef PLAIT_CLI_SAMPLERS_H
#define PLAIT_CLI_SAMPLERS_H

#include "src/cli/options/options.h"

struct cli_sampler {
	struct plait_sampler sampler;
	int64_t *subset; /* what sampler points to, or NULL */
	double *weights;
};

/* The sampler that --sampler, --subset and --rank ask for, of data.  Returns CLI_DONE, or the exit
 * status after saying what is wrong.  cli_sampler_free in any case. */
int cli_sampler_make(struct cli_sampler *sampler, const struct cli_options *options,
		     const struct plait_dataset *data);
void cli_sampler_free(struct cli_sampler *sampler);

#endif
