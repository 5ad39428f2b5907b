/* SPDX-License-Identifier: MIT
 * plait train of several networks at once: --pool and --sweep. */
#ifndef PLAIT_CLI_POOL_H
#define PLAIT_CLI_POOL_H

#include "src/cli/display.h"
#include "src/cli/options/options.h"

struct cli_pool_member {
	struct cli_options options;
	char *name;
	char *save;      /* where its weights go; or NULL */
	char *save_best; /* and those of its best epoch; or NULL */
	struct cli_job job;
	struct cli_shown shown;
	int exit;     /* status, once it has ended: CLI_DONE if it is done */
	char *reason; /* why it has failed; or NULL */
	bool opened;  /* its network could be built */
	bool saved;
	double seconds;
};

/* As cli_train_run, of options that ask for a pool. */
int cli_pool_run(const struct cli_options *options, struct cli_record *record);

/* Prints a line for each member, then the mean loss and the best one. */
void cli_pool_print(const struct cli_pool_member *member, int count);

#endif
