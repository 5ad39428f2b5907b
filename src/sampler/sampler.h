/* SPDX-License-Identifier: MIT
 * The order of an epoch, which is computed and not stored. */
#ifndef PLAIT__SAMPLER_H
#define PLAIT__SAMPLER_H

#include "src/sampler/permutation.h"
#include <plait/dataset.h>
#include <plait/sampler.h>

/* What random numbers of a loader's seed are for.  Each has a stream of its own. */
enum plait__stream {
	PLAIT__STREAM_ORDER,
	PLAIT__STREAM_SAMPLE,
	PLAIT__STREAM_SUBSTITUTE,
	PLAIT__STREAM_BATCH,
};

struct plait__sampler {
	struct plait_sampler options;
	const char *spec;  /* the data set's, for messages */
	bool permuted;     /* positions are shuffled: there are no weights and no user's function */
	int64_t samples;   /* of the data set */
	int64_t choice;    /* samples to choose from: those of the subset, or all */
	int64_t common;    /* positions of all ranks together, before they are rounded to world */
	int64_t positions; /* of this rank in an epoch */
	double *sum;       /* [choice]: sums of the weights up to each sample; NULL: no weights */
	uint64_t hash;     /* what plait__sampler_hash returns */
};

/* Positions of a rank in an epoch; options must be valid. */
int64_t plait__sampler_positions(const struct plait_sampler *options, int64_t samples,
				 bool drop_last);

/* Checks the options.  The weights may be freed afterwards; the subset must outlive the sampler.
 * plait__sampler_free in any case.  PLAIT_EINVAL, PLAIT_ENOMEM. */
int plait__sampler_init(struct plait__sampler *sampler, const struct plait_sampler *options,
			const struct plait_dataset_info *info, bool shuffle, bool drop_last);
void plait__sampler_free(struct plait__sampler *sampler);

/* A hash of what decides the order, without seed and epoch: the samples to choose from, the subset,
 * the weights, the number of positions, the rank.  Of a user's function only the number of draws is
 * hashed. */
static inline uint64_t plait__sampler_hash(const struct plait__sampler *sampler)
{
	return sampler->hash;
}

/* The order of one epoch.  The sampler must outlive it. */
struct plait__epoch_order {
	const struct plait__sampler *sampler;
	uint64_t seed;
	int64_t epoch;
	uint64_t key;        /* of the order */
	uint64_t sample_key; /* of what is random in a sample */
	struct plait__permutation permutation;
};

struct plait__epoch_order plait__sampler_epoch(const struct plait__sampler *sampler, uint64_t seed,
					       int64_t epoch);

/* Returns the sample at a position, which is 0 to positions - 1, or PLAIT_EDATA.  *key becomes the
 * key of what is random in the sample.  If a sample can be drawn several times, each draw has a key
 * of its own.  key may be NULL. */
int64_t plait__sampler_at(const struct plait__epoch_order *order, int64_t position, uint64_t *key);

#endif
