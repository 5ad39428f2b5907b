/* SPDX-License-Identifier: MIT
 * The transforms that options ask for. */
#ifndef PLAIT_CLI_TRANSFORMS_H
#define PLAIT_CLI_TRANSFORMS_H

#include "src/cli/options/options.h"

/* The words of an option; NULL gives NULL.  Returns an exit status. */
int cli_transform_parse(struct plait_transform **transform_p, const char *option,
			const char *words);

/* For validation: --val-transform, or what is not random of --transform, or NULL.  Samples of
 * val must then have the shape of those of data.  Returns an exit status. */
int cli_transform_fixed(struct plait_transform **transform_p, const struct cli_options *options,
			const struct plait_transform *training, const struct plait_dataset *data,
			const struct plait_dataset *val);

#endif
