/* SPDX-License-Identifier: MIT
 * Samplers without a loader, and what they are given. */
#ifndef PLAIT_TESTS_SAMPLER_H
#define PLAIT_TESTS_SAMPLER_H

#include "src/sampler/sampler.h"
#include "tests/nets.h"

enum { SAMPLES = 29, SEED = 5 };

static inline struct plait__sampler make(struct plait_sampler options, int64_t samples,
					 bool shuffle, bool drop_last)
{
	struct plait_dataset_info info = { .spec = "data", .samples = samples };
	struct plait__sampler s;

	if (plait__sampler_init(&s, &options, &info, shuffle, drop_last) < 0)
		tap_bail_out("%s", plait_error_message());
	return s;
}

static inline int64_t at(const struct plait__sampler *s, int64_t epoch, int64_t position)
{
	struct plait__epoch_order order = plait__sampler_epoch(s, SEED, epoch);

	return plait__sampler_at(&order, position, NULL);
}

/* Whole numbers, whose sums are exact in any order. */
static const double weight[SAMPLES] = { 0, 0, 3, 1, 0, 7, 40, 0, 0, 1, 2, 0, 9, 100 };

static inline int64_t backwards(void *user, uint64_t seed, int64_t epoch, int64_t position)
{
	return (*(const int64_t *)user - 1 - position + epoch + (int64_t)seed) % SAMPLES;
}

#endif
