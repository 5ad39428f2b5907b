/* SPDX-License-Identifier: MIT
 * Times of loading, and the verdict on them. */
#include "config.h"
#include "src/loader/ring.h"

#include <stdio.h>

void plait__load_stats_add(struct plait_load_stats *stats, const struct plait__load *load,
			   int batch, double seconds, double wait_seconds)
{
	double share = 1e-6 / load->batches;

	stats->batches++;
	stats->samples += load->valid[batch];
	stats->seconds += seconds;
	stats->wait_seconds += wait_seconds;
	stats->load_seconds += load->busy * share;
	stats->fetch_seconds += load->stage[PLAIT__FETCH] * share;
	stats->decode_seconds += load->stage[PLAIT__DECODE] * share;
	stats->transform_seconds += load->stage[PLAIT__TRANSFORM] * share;
	plait__ring_describe(load->ring, stats);
}

/* The verdict follows from the share of the time that the consumer waited.  Less than this does not
 * matter. */
#define WAIT_SHARE 0.01
/* If it is more than this, loading is too slow, whatever the number of cores. */
#define MUCH_SHARE 0.1
/* Between the two loading is too slow if it needs more than this share of the cores that are left
 * for it.  Otherwise the consumer waited for something else, such as the first batch or a worker
 * that computes. */
#define ENOUGH 0.8
/* A consumer that spends a smaller share than this on anything but waiting does not compute, so
 * that loading cannot be compared with computing. */
#define IDLE_SHARE 0.05
/* Loads that take less than this share of the time are not what was waited for. */
#define LOADS_SHARE 0.1
/* Computing that keeps about one worker busy is a chain of tasks, of which one runs at a time. */
#define CHAIN_LEAST 0.7
#define CHAIN_MOST 1.15
/* Shorter steps are not worth being cut into shards (plait__plan_granularity). */
#define SHARD_SECONDS 600e-6

/* What the explanation takes from the figures. */
struct sight {
	const struct plait_load_stats *stats;
	double own;   /* seconds not waited */
	double wait;  /* share of the time */
	double needs; /* cores that loading would take if the consumer never waited, */
	double has;   /* and those that computing would leave then */
};

static const char *longest_stage(const struct plait_load_stats *stats, int *percent)
{
	double longest = stats->fetch_seconds;
	const char *name = "fetch";

	if (stats->decode_seconds > longest) {
		longest = stats->decode_seconds;
		name = "decode";
	}
	if (stats->transform_seconds > longest) {
		longest = stats->transform_seconds;
		name = "transform";
	}
	*percent = (int)(100 * longest / stats->load_seconds + 0.5);
	return name;
}

static void explain_input(const struct sight *sight, char *text, size_t size)
{
	const struct plait_load_stats *stats = sight->stats;
	int percent;
	const char *stage = longest_stage(stats, &percent);
	bool loads = stats->load_seconds >= LOADS_SHARE * stats->seconds;

	if (loads && sight->own < IDLE_SHARE * stats->seconds)
		snprintf(text, size, "; %s is %d %% of loading, which keeps %.1f of %d cores busy",
			 stage, percent, stats->load_seconds / stats->seconds, stats->workers);
	else if (loads && sight->needs > ENOUGH * sight->has)
		snprintf(text, size,
			 "; %s is %d %% of loading, which would take %.1f cores to keep up and has "
			 "%.1f",
			 stage, percent, sight->needs, sight->has);
	else
		snprintf(text, size,
			 ", though not for want of cores: as for the first batches, or for workers "
			 "that compute");
}

static bool is_chain(const struct sight *sight)
{
	const struct plait_load_stats *stats = sight->stats;

	return stats->workers > 1 && !stats->divided &&
	       stats->compute_seconds > CHAIN_LEAST * sight->own &&
	       stats->compute_seconds < CHAIN_MOST * sight->own &&
	       sight->own / (double)stats->batches > SHARD_SECONDS;
}

static void explain_compute(const struct sight *sight, char *text, size_t size)
{
	double times = sight->has / sight->needs;

	if (is_chain(sight))
		snprintf(text, size,
			 "; one of %d workers computes at a time, shards would let more: --shards "
			 "%d",
			 sight->stats->workers, sight->stats->workers);
	else if (times < 1 / ENOUGH)
		snprintf(text, size, "; loading and computing keep all cores busy");
	else if (times > 100)
		snprintf(text, size, "; loading could be over 100 times as fast");
	else
		snprintf(text, size, "; loading could be %.*f times as fast", times < 10, times);
}

char *plait_load_verdict(const struct plait_load_stats *stats, char *text, size_t size)
{
	struct sight sight = { .stats = stats };
	bool bound;
	int used;

	if (!text)
		return NULL;
	if (!stats || stats->batches == 0 || stats->seconds <= 0 || stats->load_seconds <= 0) {
		snprintf(text, size, "nothing was loaded");
		return text;
	}
	sight.own = stats->seconds - stats->wait_seconds;
	sight.wait = stats->wait_seconds / stats->seconds;
	if (sight.own > 0) {
		sight.needs = stats->load_seconds / sight.own;
		sight.has = stats->workers - stats->compute_seconds / sight.own;
	}
	if (sight.has < 0)
		sight.has = 0;
	bound = sight.wait > MUCH_SHARE ||
		(sight.wait > WAIT_SHARE && sight.needs > ENOUGH * sight.has);
	used = snprintf(text, size, "%s: waited %.0f %% of the time",
			bound ? "input-bound" : "compute-bound", 100 * sight.wait);
	if (used > 0 && (size_t)used < size)
		(bound ? explain_input : explain_compute)(&sight, text + used, size - (size_t)used);
	return text;
}
