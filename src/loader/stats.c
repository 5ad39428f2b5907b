/* SPDX-License-Identifier: MIT
 * Where loading's time went, and what that says. */
#include "config.h"
#include "src/loader/ring.h"

#include <stdio.h>
#include <string.h>

void plait__load_stats_add(struct plait_load_stats *stats, const struct plait__load *load,
			   double seconds, double wait_seconds)
{
	stats->batches++;
	stats->samples += load->valid;
	stats->seconds += seconds;
	stats->wait_seconds += wait_seconds;
	stats->load_seconds += load->busy * 1e-6;
	stats->fetch_seconds += load->stage[PLAIT__FETCH] * 1e-6;
	stats->decode_seconds += load->stage[PLAIT__DECODE] * 1e-6;
	stats->transform_seconds += load->stage[PLAIT__TRANSFORM] * 1e-6;
	plait__ring_describe(load->ring, stats);
}

/* Waiting for less of the time than this is not felt. */
#define WAIT_SHARE 0.01
/* Waiting for more than this has loading for its cause, whatever the cores. */
#define MUCH_SHARE 0.1
/* Who waits though loading takes less than this of the cores left over waits for something else:
 * the first batch, a worker that computes. */
#define ENOUGH 0.8
/* A consumer that does less than this beside waiting has no pace to compare with. */
#define IDLE_SHARE 0.05

static const char *longest_stage(const struct plait_load_stats *stats, double *seconds)
{
	const char *name = "fetch";

	*seconds = stats->fetch_seconds;
	if (stats->decode_seconds > *seconds) {
		*seconds = stats->decode_seconds;
		name = "decode";
	}
	if (stats->transform_seconds > *seconds) {
		*seconds = stats->transform_seconds;
		name = "transform";
	}
	return name;
}

char *plait_load_verdict(const struct plait_load_stats *stats, char *text, size_t size)
{
	double own, wait, needs, has, longest;
	const char *stage;
	int used, percent;
	bool bound;

	if (!text)
		return NULL;
	if (!stats || stats->batches == 0 || stats->seconds <= 0 || stats->load_seconds <= 0) {
		snprintf(text, size, "nothing was loaded");
		return text;
	}
	own = stats->seconds - stats->wait_seconds;
	wait = stats->wait_seconds / stats->seconds;
	stage = longest_stage(stats, &longest);
	percent = (int)(100 * longest / stats->load_seconds + 0.5);
	if (own < IDLE_SHARE * stats->seconds) {
		snprintf(text, size, "input-bound: %s %d %%, %.1f of %d cores loading", stage,
			 percent, stats->load_seconds / stats->seconds, stats->workers);
		return text;
	}
	/* At the consumer's own pace: cores that loading takes, and cores it leaves. */
	needs = stats->load_seconds / own;
	has = stats->workers - stats->compute_seconds / own;
	if (has < 0)
		has = 0;
	bound = wait > MUCH_SHARE || (wait > WAIT_SHARE && needs > ENOUGH * has);
	if (bound)
		used = snprintf(text, size, "input-bound: %s %d %%, needs %.1f cores, has %.1f",
				stage, percent, needs, has);
	else
		used = snprintf(text, size, "compute-bound: loader headroom %.*fx",
				has / needs < 10, has / needs);
	/* Where the cores alone do not explain the waiting. */
	if (wait > WAIT_SHARE && (!bound || needs < has) && used > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " (waited %.0f %%)", 100 * wait);
	return text;
}
