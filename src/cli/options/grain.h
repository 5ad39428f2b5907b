/* SPDX-License-Identifier: MIT
 * How steps are cut into tasks.  A grain is one number: an enum plait_granularity or, for run:N, N
 * above PLAIT_GRANULARITY_RUN. */
#ifndef PLAIT_CLI_GRAIN_H
#define PLAIT_CLI_GRAIN_H

#include "src/cli/options/values.h"
#include <plait/plan.h>

cli_set_fn cli_set_grain;  /* int64_t */
cli_set_fn cli_set_grains; /* struct cli_list of them */

enum plait_granularity cli_grain_granularity(int64_t grain);
int cli_grain_steps(int64_t grain); /* steps_per_task of struct plait_trainer_options */

/* As it is given: "step", "run:32".  Returns text. */
const char *cli_grain_text(int64_t grain, char text[24]);

cli_set_fn cli_set_shards; /* struct cli_shards */

int64_t cli_shards(const struct cli_shards *shards); /* their number; 0: the least there can be */
/* Whether sizes are given, and not their number. */
bool cli_shards_sized(const struct cli_shards *shards);

/* Samples of a batch in which no shard of so many microbatches is empty. */
int64_t cli_shards_least(const struct cli_shards *shards, int64_t microbatches);

#endif
