/* SPDX-License-Identifier: MIT
 * Samplers: shares of ranks, the hash that tells two orders apart, the keys of samples. */
#include "config.h"
#include "tests/sampler/sampler.h"

/* PyTorch's DistributedSampler, as it is written there: a list of all, filled up from its beginning
 * or cut, of which a rank takes every world-th. */
static int compare_rank(struct plait_sampler options, int64_t samples, bool shuffle, bool drop_last,
			int64_t *total)
{
	struct plait_sampler alone = options;
	struct plait__sampler common, s = make(options, samples, shuffle, drop_last);
	int64_t world = options.world, padded, *list;
	int wrong = 0;

	alone.rank = alone.world = 0;
	common = make(alone, samples, shuffle, false);
	padded = drop_last ? common.positions / world * world
			   : (common.positions + world - 1) / world * world;
	list = malloc((size_t)padded * sizeof *list);
	for (int64_t i = 0; i < padded; i++)
		list[i] = i < common.positions ? at(&common, 4, i) : list[i - common.positions];
	for (int64_t i = options.rank, n = 0; i < padded; i += world, n++)
		wrong += n >= s.positions || at(&s, 4, n) != list[i];
	wrong += s.positions != padded / world;
	*total += s.positions;
	plait__sampler_free(&s);
	plait__sampler_free(&common);
	free(list);
	return wrong;
}

static void test_ranks(void)
{
	static const int64_t subset[] = { 4, 8, 15, 16, 23 };
	int64_t last = 60, total;
	const struct plait_sampler kinds[] = {
		{ 0 },
		{ .subset = subset, .subset_size = 5 },
		{ .weights = weight, .draws = 33 },
		{ .subset = subset, .subset_size = 5, .weights = weight + 2 },
		{ .order = backwards, .user = &last },
	};
	int wrong = 0, odd = 0;

	for (int kind = 0; kind < 5; kind++)
		for (int world = 1; world < 9; world++)
			for (int how = 0; how < 4; how++) {
				struct plait_sampler options = kinds[kind];
				bool drop_last = how & 2;
				int64_t all = options.draws         ? options.draws
					      : options.subset_size ? 5
								    : SAMPLES;

				if (drop_last && all < world)
					continue;
				total = 0;
				options.world = world;
				for (; options.rank < world; options.rank++)
					wrong += compare_rank(options, SAMPLES, how & 1, drop_last,
							      &total);
				odd += drop_last ? total > all || total <= all - world
						 : total < all || total >= all + world;
			}
	is_int(wrong, 0, "shares of 1 to 8 ranks, filled up or cut, are DistributedSampler's");
	is_int(odd, 0, "together they have all, but for fewer than world");
}

/* -- hash, keys --------------------------------------------------------------------------- */

static uint64_t hash_of(struct plait_sampler options, int64_t samples, bool shuffle, bool drop_last)
{
	struct plait__sampler s = make(options, samples, shuffle, drop_last);
	uint64_t hash = plait__sampler_hash(&s);

	plait__sampler_free(&s);
	return hash;
}

static void test_hash(void)
{
	int64_t a[] = { 1, 2, 3 }, b[] = { 1, 3, 2 }, user = 60;
	double w[] = { 1, 2, 3 }, v[] = { 1, 2, 4 };
	const struct plait_sampler kinds[] = {
		{ 0 },
		{ .subset = a, .subset_size = 3 },
		{ .subset = b, .subset_size = 3 },
		{ .subset = a, .subset_size = 2 },
		{ .subset = a, .subset_size = 3, .weights = w },
		{ .subset = a, .subset_size = 3, .weights = v },
		{ .subset = a, .subset_size = 3, .weights = w, .draws = 4 },
		{ .rank = 0, .world = 2 },
		{ .rank = 1, .world = 2 },
		{ .rank = 0, .world = 3 },
		{ .order = backwards, .user = &user },
		{ .order = backwards, .user = &user, .draws = 7 },
	};
	enum { KINDS = sizeof kinds / sizeof *kinds };
	uint64_t hash[2 * KINDS + 2];
	int equal = 0, n = 0, unequal = 0;

	for (int i = 0; i < KINDS; i++) {
		bool by_draws = kinds[i].weights || kinds[i].order;

		hash[n++] = hash_of(kinds[i], SAMPLES, false, false);
		if (by_draws)
			unequal += hash_of(kinds[i], SAMPLES, true, false) != hash[n - 1];
		else
			hash[n++] = hash_of(kinds[i], SAMPLES, true, false);
		unequal += hash_of(kinds[i], SAMPLES, false, false) !=
			   hash_of(kinds[i], SAMPLES, false, false);
	}
	hash[n++] = hash_of(kinds[0], SAMPLES + 1, false, false);
	hash[n++] = hash_of(kinds[7], SAMPLES, false, true);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			equal += hash[i] == hash[j];
	is_int(equal, 0, "%d samplers of different orders have different hashes", n);
	is_int(unequal, 0, "the same sampler has the same hash; shuffle has no say over draws");
}

static uint64_t key_at(const struct plait__sampler *s, int64_t position, int64_t *sample)
{
	struct plait__epoch_order order = plait__sampler_epoch(s, SEED, 0);
	uint64_t key;

	*sample = plait__sampler_at(&order, position, &key);
	return key;
}

static void test_keys(void)
{
	const int64_t subset[] = { 12, 12, 5 };
	struct plait__sampler all = make((struct plait_sampler){ 0 }, SAMPLES, true, false);
	struct plait__sampler some =
		make((struct plait_sampler){ .subset = subset, .subset_size = 3 }, SAMPLES, false,
		     false);
	struct plait__sampler drawn = make(
		(struct plait_sampler){ .weights = weight, .draws = 200 }, SAMPLES, false, false);
	uint64_t key[SAMPLES], drawn_key[200];
	int64_t sample;
	int wrong = 0, equal = 0;

	for (int i = 0; i < SAMPLES; i++) {
		uint64_t its = key_at(&all, i, &sample);

		key[sample] = its;
	}
	for (int i = 0; i < 3; i++) {
		uint64_t its = key_at(&some, i, &sample);

		wrong += its != key[sample];
	}
	is_int(wrong, 0, "what is random in a sample does not depend on which others are taken");
	for (int i = 0; i < 200; i++) {
		drawn_key[i] = key_at(&drawn, i, &sample);
		for (int j = 0; j < i; j++)
			equal += drawn_key[i] == drawn_key[j];
	}
	is_int(equal, 0, "but a sample drawn again is another");
	plait__sampler_free(&all);
	plait__sampler_free(&some);
	plait__sampler_free(&drawn);
}

int main(void)
{
	test_ranks();
	test_hash();
	test_keys();
	return tap_done();
}
