/* SPDX-License-Identifier: MIT
 * What is faster and what is noise, where several ways to do the same took turns. */
#include "config.h"
#include "src/cli/measure/shards.h"
#include "src/base/assert.h"

/* Turns stand beside each other in time, so what else the machine does hits both alike, but for a
 * turn now and then: one of seven may say otherwise.  If both were equally fast, six of seven turns
 * would say the same once in 16 times at most, and three of three once in 8. */
#define ODD_TURN 7
/* A gain below this, in each of the turns, is not worth other bits than those of fewer shards. */
#define LEAST_GAIN 0.03

/* What no noise is: a difference of a tenth that is the same in each turn. */
#define CLEAR 0.1

/* In how many turns one is faster by such a part. */
static int count_faster(const double *us, const double *than, int turns, double gain)
{
	int faster = 0;

	PLAIT__ASSERT(turns >= CLI_LEAST_TURNS && turns <= CLI_MOST_TURNS,
		      "there are enough turns to compare");
	for (int t = 0; t < turns; t++)
		faster += us[t] < (1 - gain) * than[t];
	return faster;
}

bool cli_faster(const double *us, const double *than, int turns)
{
	return count_faster(us, than, turns, LEAST_GAIN) >= turns - turns / ODD_TURN;
}

bool cli_clear(const struct cli_shard_turns *turns)
{
	const double *first = turns->candidate[0].step_us;
	bool clear = true;

	for (int i = 1; i < turns->candidates; i++) {
		const double *us = turns->candidate[i].step_us;

		clear &= count_faster(us, first, turns->turns, CLEAR) == turns->turns ||
			 count_faster(first, us, turns->turns, CLEAR) == turns->turns;
	}
	return clear;
}

int cli_fastest(const struct cli_shard_turns *turns)
{
	int best = 0;

	for (int i = 1; i < turns->candidates && turns->turns > 0; i++)
		if (cli_faster(turns->candidate[i].step_us, turns->candidate[best].step_us,
			       turns->turns))
			best = i;
	return best;
}
