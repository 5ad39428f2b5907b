/* SPDX-License-Identifier: MIT
 * Inside a sampler: the order of an epoch, computed and not stored. */
#ifndef PLAIT__SAMPLER_H
#define PLAIT__SAMPLER_H

#include "src/sampler/permutation.h"
#include <plait/dataset.h>
#include <plait/sampler.h>

/* Streams of a loader's seed. */
enum plait__stream {
	PLAIT__STREAM_ORDER,
	PLAIT__STREAM_SAMPLE,
	PLAIT__STREAM_SUBSTITUTE,
};

struct plait__sampler {
	struct plait_sampler options;
	const char *spec;  /* the data set's, for messages */
	bool permuted;     /* positions are permuted: shuffled, no weights, no function */
	int64_t samples;   /* of the data set */
	int64_t choice;    /* samples to choose from: the subset's, or all */
	int64_t common;    /* positions of all ranks together, before filling up or cutting */
	int64_t positions; /* of this rank in an epoch */
	double *sum;       /* [choice], weights up to and with this one; or NULL */
	uint64_t hash;     /* of all that decides an order but seed and epoch: below */
};

/* Positions in an epoch, of options that are right. */
int64_t plait__sampler_positions(const struct plait_sampler *options, int64_t samples,
				 bool drop_last);

/* Checks options and copies the weights, which the caller may free then; the subset must stay.
 * plait__sampler_free in any case. Errors: PLAIT_EINVAL, PLAIT_ENOMEM. */
int plait__sampler_init(struct plait__sampler *sampler, const struct plait_sampler *options,
			const struct plait_dataset_info *info, bool shuffle, bool drop_last);
void plait__sampler_free(struct plait__sampler *sampler);

/* 64 bits from all that decides the order but seed and epoch: what is drawn from, the contents of
 * subset and weights, positions, rank.  Of a user's function only the number of draws is known. */
static inline uint64_t plait__sampler_hash(const struct plait__sampler *sampler)
{
	return sampler->hash;
}

/* What all positions of an epoch have in common; refers to the sampler. */
struct plait__epoch_order {
	const struct plait__sampler *sampler;
	uint64_t seed;
	int64_t epoch;
	uint64_t key, sample_key;
	struct plait__permutation permutation;
};

struct plait__epoch_order plait__sampler_epoch(const struct plait__sampler *sampler, uint64_t seed,
					       int64_t epoch);

/* The sample at a position, 0 to positions - 1, and in *key the key of what is random in it,
 * another for each draw where samples may be drawn again; key may be NULL.  PLAIT_EDATA. */
int64_t plait__sampler_at(const struct plait__epoch_order *order, int64_t position, uint64_t *key);

#endif
