/* SPDX-License-Identifier: MIT
 * The order of an epoch is a function of the position, so a sampler has no state.  Shuffling is a
 * permutation that is computed.  A weighted draw makes a random number of the position and searches
 * the sums of weights for it. */
#include "config.h"
#include "src/sampler/sampler.h"
#include "src/base/base.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number of draws is rounded up to a multiple of world, which would overflow for more. */
#define MOST_DRAWS (INT64_MAX / 2)

/* -- options ------------------------------------------------------------------------------ */

static int64_t common_positions(const struct plait_sampler *options, int64_t samples)
{
	if (options->draws > 0)
		return options->draws;
	return options->subset ? options->subset_size : samples;
}

int64_t plait__sampler_positions(const struct plait_sampler *options, int64_t samples,
				 bool drop_last)
{
	int64_t common = common_positions(options, samples);
	int world = options->world > 0 ? options->world : 1;

	return common / world + (common % world != 0 && !drop_last);
}

static int check_subset(const struct plait_sampler *o, const struct plait_dataset_info *info)
{
	if (!o->subset && o->subset_size != 0)
		return plait__error(PLAIT_EINVAL, "subset_size is %" PRId64 ", the subset NULL",
				    o->subset_size);
	if (o->subset && o->subset_size < 1)
		return plait__error(PLAIT_EINVAL,
				    "%s: a subset of %" PRId64 " samples, must be at least 1",
				    info->spec, o->subset_size);
	for (int64_t i = 0; i < o->subset_size; i++)
		if (o->subset[i] < 0 || o->subset[i] >= info->samples)
			return plait__error(PLAIT_EINVAL,
					    "%s: subset[%" PRId64 "] is sample %" PRId64
					    ", must be 0 to %" PRId64,
					    info->spec, i, o->subset[i], info->samples - 1);
	return 0;
}

static int check_options(const struct plait_sampler *o, const struct plait_dataset_info *info,
			 bool drop_last)
{
	int world = o->world == 0 ? 1 : o->world;
	int status = check_subset(o, info);

	if (status < 0)
		return status;
	if (o->order && (o->subset || o->weights))
		return plait__error(PLAIT_EINVAL,
				    "a sampler with an order of its own and %s: one excludes the "
				    "other",
				    o->subset ? "a subset" : "weights");
	if (o->draws < 0 || o->draws > MOST_DRAWS)
		return plait__error(PLAIT_EINVAL, "%" PRId64 " draws, must be 0 to %" PRId64,
				    o->draws, MOST_DRAWS);
	if (o->draws > 0 && !o->order && !o->weights)
		return plait__error(PLAIT_EINVAL,
				    "%" PRId64 " draws without weights or an order to draw by",
				    o->draws);
	if (world < 1)
		return plait__error(PLAIT_EINVAL, "a world of %d ranks, must be at least 1", world);
	if (o->rank < 0 || o->rank >= world)
		return plait__error(PLAIT_EINVAL, "rank %d in a world of %d, must be 0 to %d",
				    o->rank, world, world - 1);
	if (plait__sampler_positions(o, info->samples, drop_last) < 1)
		return plait__error(PLAIT_EINVAL,
				    "%s: %" PRId64
				    " samples are fewer than %d ranks, and drop_last cuts what "
				    "does not divide: nothing is left",
				    info->spec, common_positions(o, info->samples), world);
	return 0;
}

/* -- weights ------------------------------------------------------------------------------ */

static int check_weights(const struct plait__sampler *s, double *most)
{
	*most = 0;
	for (int64_t i = 0; i < s->choice; i++) {
		double weight = s->options.weights[i];

		if (!(weight >= 0 && weight <= DBL_MAX))
			return plait__error(PLAIT_EINVAL,
					    "%s: weight %" PRId64
					    " is %g, must be finite and not negative",
					    s->spec, i, weight);
		*most = fmax(*most, weight);
	}
	if (*most > 0)
		return 0;
	return plait__error(PLAIT_EINVAL, "%s: all %" PRId64 " weights are 0: nothing can be drawn",
			    s->spec, s->choice);
}

/* Neumaier's sum: what additions lose is added up separately, so that the error does not grow with
 * their number.  Weights are scaled by a power of two, which rounds nothing and makes all sums
 * finite. */
static int sum_weights(struct plait__sampler *s)
{
	double most, sum = 0, lost = 0, before = 0;
	int exponent, status = check_weights(s, &most);

	if (status < 0)
		return status;
	s->sum = plait__calloc((size_t)s->choice, sizeof *s->sum, "weights");
	if (!s->sum)
		return PLAIT_ENOMEM;
	frexp(most, &exponent);
	for (int64_t i = 0; i < s->choice; i++) {
		double weight = ldexp(s->options.weights[i], -exponent), next = sum + weight;

		lost += sum >= weight ? (sum - next) + weight : (weight - next) + sum;
		sum = next;
		before = s->sum[i] = fmax(before, sum + lost);
	}
	PLAIT__ASSERT(before > 0 && before <= DBL_MAX, "the sum of weights is positive and finite");
	return 0;
}

/* Finds the first sum above x.  x is below the last sum.  The weight of the result is not 0,
 * because its sum is larger than the one before. */
static int64_t search(const double *sum, int64_t count, double x)
{
	int64_t low = 0, high = count - 1;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (sum[middle] > x)
			high = middle;
		else
			low = middle + 1;
	}
	PLAIT__ASSERT(sum[low] > x && (low == 0 || sum[low - 1] <= x),
		      "a draw is a sample whose weight is not 0");
	return low;
}

/* The random number has 53 bits and is below 1, so that its product with the sum of all weights is
 * below that sum, even rounded: the largest product is smaller by at least half a unit in the last
 * place of the sum.  It is smaller by only half a unit if the sum is a power of two, and below a
 * power of two units are half as large. */
static int64_t draw(const struct plait__sampler *s, uint64_t random)
{
	double total = s->sum[s->choice - 1];

	return search(s->sum, s->choice, (double)(random >> 11) * 0x1p-53 * total);
}

/* -- the sampler --------------------------------------------------------------------------- */

static uint64_t hash_all(const struct plait__sampler *s)
{
	enum { IN_ORDER, PERMUTED, WEIGHTED, USERS };
	uint64_t kind = s->options.order ? USERS
			: s->sum         ? WEIGHTED
			: s->permuted    ? PERMUTED
					 : IN_ORDER;
	uint64_t part[] = { (uint64_t)s->samples,
			    (uint64_t)s->choice,
			    (uint64_t)s->common,
			    (uint64_t)s->positions,
			    kind,
			    (uint64_t)s->options.rank,
			    (uint64_t)s->options.world };
	uint64_t hash = 0, bits;

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		hash = plait__key(hash, part[i]);
	for (int64_t i = 0; i < s->choice && s->options.subset; i++)
		hash = plait__key(hash, (uint64_t)s->options.subset[i]);
	for (int64_t i = 0; i < s->choice && s->sum; i++) {
		memcpy(&bits, &s->sum[i], sizeof bits);
		hash = plait__key(hash, bits);
	}
	return hash;
}

int plait__sampler_init(struct plait__sampler *sampler, const struct plait_sampler *options,
			const struct plait_dataset_info *info, bool shuffle, bool drop_last)
{
	int status;

	*sampler = (struct plait__sampler){ .options = *options, .spec = info->spec };
	status = check_options(options, info, drop_last);
	if (status < 0)
		return status;
	sampler->samples = info->samples;
	sampler->choice = options->subset ? options->subset_size : info->samples;
	sampler->common = common_positions(options, info->samples);
	sampler->positions = plait__sampler_positions(options, info->samples, drop_last);
	sampler->permuted = shuffle && !options->order && !options->weights;
	if (options->world == 0)
		sampler->options.world = 1;
	PLAIT__ASSERT(!sampler->permuted || sampler->common == sampler->choice,
		      "the permutation has as many positions as the epoch");
	PLAIT__ASSERT(sampler->positions <= sampler->common / sampler->options.world + 1,
		      "a rank has its share of the positions, rounded up at most");
	if (options->weights)
		status = sum_weights(sampler);
	sampler->options.weights = NULL; /* the caller may free them now */
	if (status == 0)
		sampler->hash = hash_all(sampler);
	return status;
}

void plait__sampler_free(struct plait__sampler *sampler)
{
	free(sampler->sum);
	sampler->sum = NULL;
}

struct plait__epoch_order plait__sampler_epoch(const struct plait__sampler *sampler, uint64_t seed,
					       int64_t epoch)
{
	uint64_t key = plait__key(seed, PLAIT__STREAM_ORDER);
	uint64_t sample_key = plait__key(seed, PLAIT__STREAM_SAMPLE);
	struct plait__epoch_order order = { .sampler = sampler,
					    .seed = seed,
					    .epoch = epoch,
					    .key = plait__key(key, (uint64_t)epoch),
					    .sample_key = plait__key(sample_key, (uint64_t)epoch) };

	if (sampler->permuted)
		order.permutation = plait__permutation_make((uint64_t)sampler->choice, order.key);
	return order;
}

static int64_t users_sample(const struct plait__epoch_order *order, int64_t position)
{
	const struct plait__sampler *s = order->sampler;
	int64_t sample = s->options.order(s->options.user, order->seed, order->epoch, position);

	if (sample >= 0 && sample < s->samples)
		return sample;
	return plait__error(PLAIT_EDATA,
			    "%s: the sampler's order(epoch %" PRId64 ", position %" PRId64
			    ") is sample %" PRId64 ", must be 0 to %" PRId64,
			    s->spec, order->epoch, position, sample, s->samples - 1);
}

int64_t plait__sampler_at(const struct plait__epoch_order *order, int64_t position, uint64_t *key)
{
	const struct plait__sampler *s = order->sampler;
	bool again = s->options.order || s->sum;
	int64_t sample;

	position = s->options.rank + s->options.world * position;
	position %= s->common;
	if (s->options.order)
		sample = users_sample(order, position);
	else if (s->sum)
		sample = draw(s, plait__random(order->key, (uint64_t)position));
	else if (s->permuted)
		sample = (int64_t)plait__permute(&order->permutation, (uint64_t)position);
	else
		sample = position;
	if (s->options.subset)
		sample = s->options.subset[sample];
	if (key) {
		*key = plait__key(order->sample_key, (uint64_t)sample);
		if (again)
			*key = plait__key(*key, (uint64_t)position);
	}
	return sample;
}
