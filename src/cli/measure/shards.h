/* SPDX-License-Identifier: MIT
 * --shards auto in two halves: a child measures numbers of shards in turn (turns.c), and from its
 * figures one of them is chosen (shards.c). */
#ifndef PLAIT_CLI_MEASURE_SHARDS_H
#define PLAIT_CLI_MEASURE_SHARDS_H

#include "src/cli/options/options.h"

/* Turns in which a number was faster must be this many at least, so no choice is made by fewer. */
#define CLI_LEAST_TURNS 3
#define CLI_MOST_TURNS 7
#define CLI_MOST_CANDIDATES 11 /* 1, 2, 4 ... 1024 */

struct cli_candidate {
	int64_t shards;
	double step_us[CLI_MOST_TURNS];
};

/* Why there is nothing to choose from. */
enum cli_shards_why {
	CLI_SHARDS_OPEN, /* there is */
	CLI_SHARDS_WORKER,
	CLI_SHARDS_GPU,
	CLI_SHARDS_BATCH,
	CLI_SHARDS_PLAN, /* the costs of the plan say that more are slower, or more do not fit */
	CLI_SHARDS_SLOW, /* steps take too long to be measured */
	CLI_SHARDS_TASK,
	CLI_SHARDS_POOL,
};

struct cli_shard_turns {
	enum cli_shards_why why;
	int candidates;                                      /* at least 1 */
	struct cli_candidate candidate[CLI_MOST_CANDIDATES]; /* from the least number upwards */
	int turns; /* in which all of them were measured; 0 where there is nothing to choose from */
};

/* Work of a child (child.h): user is a struct cli_options of train, result a struct
 * cli_shard_turns. */
int cli_shard_turns_run(void *user, void *result);

/* Whether what took us in each of so many turns is faster than what took than in the same turns, by
 * more than noise. */
bool cli_faster(const double *us, const double *than, int turns);

/* Whether more turns would say nothing else of any candidate beside the first. */
bool cli_clear(const struct cli_shard_turns *turns);

/* The candidate that is to be taken: the one with the fewest shards, unless another is faster than
 * it and than those between the two. */
int cli_fastest(const struct cli_shard_turns *turns);

#endif
