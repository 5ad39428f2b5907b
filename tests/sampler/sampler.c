/* SPDX-License-Identifier: MIT
 * Samplers: every kind against its order computed in the simplest way. */
#include "config.h"
#include "tests/sampler/sampler.h"

#include <float.h>

static void test_plain(void)
{
	struct plait__sampler s = make((struct plait_sampler){ 0 }, SAMPLES, false, false);
	struct plait__sampler r = make((struct plait_sampler){ 0 }, SAMPLES, true, false);
	int wrong = 0, seen[SAMPLES] = { 0 }, twice = 0;

	is_int(s.positions, SAMPLES, "as many positions as samples");
	for (int i = 0; i < SAMPLES; i++) {
		wrong += at(&s, 3, i) != i;
		twice += seen[at(&r, 3, i)]++;
	}
	is_int(wrong, 0, "sequential: position i is sample i");
	is_int(twice, 0, "random: no sample twice");
	plait__sampler_free(&s);
	plait__sampler_free(&r);
}

static void test_subset(void)
{
	const int64_t subset[] = { 28, 3, 3, 17, 0, 9, 11 };
	enum { COUNT = sizeof subset / sizeof *subset };
	struct plait_sampler options = { .subset = subset, .subset_size = COUNT };
	struct plait__sampler s = make(options, SAMPLES, false, false);
	struct plait__sampler r = make(options, SAMPLES, true, false);
	int wrong = 0, count[SAMPLES] = { 0 }, moved = 0;

	is_int(s.positions, COUNT, "a subset: as many positions as it has");
	for (int i = 0; i < COUNT; i++) {
		wrong += at(&s, 1, i) != subset[i];
		count[subset[i]]++;
	}
	is_int(wrong, 0, "sequential: its samples, in its order");
	wrong = 0;
	for (int epoch = 0; epoch < 20; epoch++) {
		int left[SAMPLES];

		memcpy(left, count, sizeof left);
		for (int i = 0; i < COUNT; i++) {
			wrong += --left[at(&r, epoch, i)] < 0;
			moved += at(&r, epoch, i) != at(&r, epoch + 1, i);
		}
	}
	is_int(wrong, 0, "random: each of its samples as often as listed");
	ok(moved > 0, "random: another order in another epoch");
	plait__sampler_free(&s);
	plait__sampler_free(&r);
}

/* The order of weighted draws: a random number goes down the list until the weights use it up. */
static int64_t walk(const double *w, int64_t count, int64_t epoch, int64_t position)
{
	uint64_t key = plait__key(plait__key(SEED, PLAIT__STREAM_ORDER), (uint64_t)epoch);
	double total = 0, x;
	int64_t i = 0;

	for (int64_t j = 0; j < count; j++)
		total += w[j];
	x = (double)(plait__random(key, (uint64_t)position) >> 11) * 0x1p-53 * total;
	for (; x >= w[i]; i++)
		x -= w[i];
	return i;
}

static void test_weights(void)
{
	static const int64_t subset[] = { 6, 13, 2, 27 };
	static const double of_subset[] = { 0, 1, 5, 2 };
	struct plait_sampler options = { .weights = weight, .draws = 1000 };
	struct plait__sampler s = make(options, SAMPLES, false, false);
	struct plait__sampler t = make(
		(struct plait_sampler){
			.subset = subset, .subset_size = 4, .weights = of_subset, .draws = 500 },
		SAMPLES, true, false);
	struct plait__sampler u =
		make((struct plait_sampler){ .weights = weight }, SAMPLES, true, false);
	int wrong = 0, of_zero = 0;

	is_int(s.positions, 1000, "weights: as many positions as draws");
	is_int(u.positions, SAMPLES, "weights: as many as samples by default");
	for (int epoch = 0; epoch < 3; epoch++)
		for (int i = 0; i < 1000; i++) {
			wrong += at(&s, epoch, i) != walk(weight, SAMPLES, epoch, i);
			of_zero += weight[at(&s, epoch, i)] <= 0;
			wrong += i < SAMPLES && at(&u, epoch, i) != at(&s, epoch, i);
		}
	is_int(wrong, 0, "weights: the draws of a walk down the list, shuffled or not");
	is_int(of_zero, 0, "weights: a sample of weight 0 is never drawn");
	wrong = 0;
	for (int i = 0; i < 500; i++)
		wrong += at(&t, 1, i) != subset[walk(of_subset, 4, 1, i)];
	is_int(wrong, 0, "weights of a subset draw from it");
	plait__sampler_free(&s);
	plait__sampler_free(&t);
	plait__sampler_free(&u);
}

/* Of n cells, n - 1 are free.  A true sampler is above the limit with probability one in a
 * million, for each of the two statistics. */
static void test_proportions(void)
{
	enum { CELLS = 8, EPOCHS = 100, DRAWS = 1000, ALL = EPOCHS * DRAWS };
	static const double w[CELLS] = { 1, 2, 0.5, 3, 1.25, 4, 1.75, 2.5 };
	struct plait__sampler s =
		make((struct plait_sampler){ .weights = w, .draws = DRAWS }, CELLS, false, false);
	static int count[CELLS], pairs[CELLS][CELLS];
	double single = 0, pair = 0;

	for (int epoch = 0; epoch < EPOCHS; epoch++)
		for (int64_t i = 0, last = 0; i < DRAWS; i++) {
			int64_t now = at(&s, epoch, i);

			count[now]++;
			if (i % 2 == 1)
				pairs[last][now]++;
			last = now;
		}
	for (int i = 0; i < CELLS; i++) {
		double expected = w[i] / 16 * ALL;

		single += (count[i] - expected) * (count[i] - expected) / expected;
		for (int j = 0; j < CELLS; j++) {
			expected = w[i] / 16 * w[j] / 16 * ALL / 2;
			pair += (pairs[i][j] - expected) * (pairs[i][j] - expected) / expected;
		}
	}
	ok(single < 40.6, "drawn in proportion to the weights: chi^2 %.1f, limit 40.6", single);
	ok(pair < 131.4, "neighbours are independent: chi^2 %.1f, limit 131.4", pair);
	plait__sampler_free(&s);
}

/* Weights for which a simple sum of doubles would be wrong. */
static void test_sums(void)
{
	enum { COUNT = 1000000 };
	static const double extreme[] = { 0, DBL_TRUE_MIN, 0, DBL_MAX, DBL_MAX, 0 };
	struct plait__sampler s =
		make((struct plait_sampler){ .weights = extreme, .draws = 2000 }, 6, false, false);
	double *equal = malloc(COUNT * sizeof *equal), unit;
	int second = 0, third = 0;

	for (int i = 0; i < 2000; i++) {
		second += at(&s, 0, i) == 3;
		third += at(&s, 0, i) == 4;
	}
	is_int(second + third, 2000, "the greatest double twice: nothing else is drawn");
	/* 1000 +- 5 standard deviations of 22: further off once in two million times. */
	ok(second > 888 && second < 1112, "and both alike: %d of 2000 are the first", second);
	plait__sampler_free(&s);
	for (int i = 0; i < COUNT; i++)
		equal[i] = 0.1;
	s = make((struct plait_sampler){ .weights = equal }, COUNT, false, false);
	unit = s.sum[0];
	/* Half a unit in the last place from rounding, half from the compensation. */
	is_near(s.sum[COUNT - 1], unit * COUNT, unit * COUNT * DBL_EPSILON,
		"a million weights of 0.1 add up to a million times 0.1");
	plait__sampler_free(&s);
	free(equal);
}

static void test_order(void)
{
	int64_t last = 60;
	struct plait_sampler options = { .order = backwards, .user = &last, .draws = 50 };
	struct plait__sampler s = make(options, SAMPLES, true, false);
	int wrong = 0;

	is_int(s.positions, 50, "a user's order has as many positions as draws");
	for (int i = 0; i < 50; i++)
		wrong += at(&s, 7, i) != (59 - i + 7 + SEED) % SAMPLES;
	is_int(wrong, 0, "and gets its pointer, seed, epoch and position");
	plait__sampler_free(&s);
	last = -1000;
	s = make(options, SAMPLES, false, false);
	refused((int)at(&s, 2, 30), PLAIT_EDATA,
		"data: the sampler's order(epoch 2, position 30) is sample -9, must be 0 to 28",
		"an order that leaves the data set");
	plait__sampler_free(&s);
}

int main(void)
{
	test_plain();
	test_subset();
	test_weights();
	test_proportions();
	test_sums();
	test_order();
	return tap_done();
}
