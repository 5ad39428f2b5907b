/* SPDX-License-Identifier: MIT
 * Opening data, and saying what opening met. */
#ifndef PLAIT_CLI_OPEN_H
#define PLAIT_CLI_OPEN_H

#include "src/cli/options/options.h"

/* Opens what every command that has data opens; for predict a table whose columns are as many as
 * the network's features has no label.  Says in one line what was left out, unless
 * --quiet; --strict makes that an error.  Returns CLI_DONE, or the exit status after saying what is
 * wrong. */
int cli_data_open(struct plait_dataset **dataset_p, const char *spec,
		  const struct cli_options *options);

/* For commands whose runs load plug-ins and open the data out of sight: loads them, and opens and
 * closes --data and --val once, so that what there is to say is said.  Returns as cli_data_open. */
int cli_data_look(const struct cli_options *options);

/* Says a doubt about the data, or with --strict makes it an error: CLI_DONE or CLI_FAILED. */
int cli_doubt(const char *spec, const char *text, const struct cli_options *options);

#endif
