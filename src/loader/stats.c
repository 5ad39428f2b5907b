/* SPDX-License-Identifier: MIT
 * Times of loading, and the verdict on them. */
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

/* Shares of the time that a consumer waited.  Less than this does not matter. */
#define WAIT_SHARE 0.01
/* If it is more than this, loading is too slow, whatever the number of cores. */
#define MUCH_SHARE 0.1
/* If loading needs less than this share of the cores that are left for it, the consumer waited for
 * something else, such as the first batch or a worker that computes. */
#define ENOUGH 0.8
/* A consumer that spends a smaller share than this on anything but waiting does not compute, so
 * that loading cannot be compared with computing. */
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
	/* If the consumer never waited: the cores that loading would need and the cores that
	 * computing would leave. */
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
	/* The share of waiting is told if the cores do not explain it. */
	if (wait > WAIT_SHARE && (!bound || needs < has) && used > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " (waited %.0f %%)", 100 * wait);
	return text;
}
