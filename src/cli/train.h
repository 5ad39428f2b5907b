/* SPDX-License-Identifier: MIT
 * A run of plait train, which plait trace records too. */
#ifndef PLAIT_CLI_TRAIN_H
#define PLAIT_CLI_TRAIN_H

#include "src/cli/options/options.h"

struct cli_recorded_step {
	int64_t step;
	float loss;
	double seconds; /* since the first submission, when it was done */
};

/* All steps of a run; zeroed at first, step is freed by the caller. */
struct cli_record {
	struct cli_recorded_step *step; /* [count]; NULL of a pool, which has no one curve */
	int64_t count;
	int64_t evaluated; /* steps of evaluation */
	bool divided;      /* as struct plait_load_stats has it */
	size_t room;
};

/* --batch-size auto becomes what cli_choose_batch chooses, of a pool for its first member; then
 * --shards auto what cli_choose_shards does. */
int cli_train_choose(struct cli_options *options);

/* Trains as the options say and records the steps, if record is not NULL.  Returns the exit
 * status. */
int cli_train_run(const struct cli_options *options, struct cli_record *record);

#endif
