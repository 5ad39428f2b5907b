/* SPDX-License-Identifier: MIT
 * Validation beside the next epoch tells the numbers of validation after each epoch, bit for bit,
 * under every policy, number of workers, granularity, number of shards and prefetch depth, and
 * whatever the lengths of the two. */
#include "config.h"
#include "tests/trainer/val_overlap.h"

static const char *const policies[] = { "eager", "lws", "prio", "dmdas", "random", "plait" };

/* Of training and of validation; a batch has 8 samples. */
enum { SAMPLES = 51, VALIDATION = 29, SHARDS = 2 };

/* -- every way to run it ------------------------------------------------------------------- */

struct work {
	struct samples train, validation;
	struct told apart[SHARDS + 1]; /* by shards: validated after each epoch */
	struct told told;
};

/* More workers than cores take turns, and a GPU of the host's takes long: fewer runs save time. */
static bool leaves_out(int cpus, int grain, int parity)
{
	bool gpu = plait_cuda_workers() > 0;

	return (cpus > 2 || gpu) &&
	       (grains[grain] == PLAIT_GRANULARITY_LAYER ||
		grains[grain] == PLAIT_GRANULARITY_PHASE || (grain + cpus + parity) % 2 == 0);
}

static void test_policy(struct work *work, const char *policy, int cpus)
{
	struct plait_fit_options options = { .epochs = 3,
					     .validation = work->validation.set,
					     .loader.shuffle = true,
					     .loader.seed = 3 };

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= SHARDS; shards++) {
		struct told *apart = &work->apart[shards];
		int differ = 0, runs = 0;

		if (apart->epochs == 0)
			run_told(work->train.set, plait_adam(1e-2), grains[0], shards, options,
				 apart);
		options.overlap_validation = true;
		for (int g = 0; g < grains_of(shards); g++)
			for (int prefetch = 0; prefetch <= 2; prefetch += 2) {
				if (leaves_out(cpus, g, shards + (prefetch > 0)))
					continue;
				options.loader.prefetch = prefetch; /* 0: auto */
				run_told(work->train.set, plait_adam(1e-2), grains[g], shards,
					 options, &work->told);
				differ += !told_equal(&work->told, apart);
				runs++;
			}
		options.overlap_validation = false;
		options.loader.prefetch = 0;
		ok(runs > 0 && differ == 0,
		   "%s, %d CPU workers, %d shards: %d runs of the same bits", policy, cpus, shards,
		   runs);
	}
	plait_stop();
}

/* The comparison above must be able to fail, and to see what it compares. */
static void test_comparison(const struct work *work)
{
	const struct told *one = &work->apart[1], *two = &work->apart[2];

	is_int(one->epochs, 3, "three epochs were compared");
	is_int(one->validated, 3, "each with a validation");
	is_int(one->out_of_turn, 0, "told in their order");
	is_int(one->validation[0].samples, VALIDATION, "of all samples");
	ok(one->validation[0].metrics == 1 && one->validation[0].metric_sum[0] > 0,
	   "with a metric");
	ok(!metrics_equal(&one->validation[0], &one->validation[1]),
	   "the validations of two epochs differ");
	ok(!told_equal(one, two), "two shards have other bits than one");
}

/* -- lengths ---------------------------------------------------------------------------------- */

static void test_lengths(int64_t train_steps, int64_t validation_steps, int64_t limit)
{
	static struct told apart, beside;
	struct samples train = samples_make(train_steps * BATCH - 3, FEATURES, CLASSES, 0, 1);
	struct samples validation =
		samples_make(validation_steps * BATCH - 5, FEATURES, CLASSES, 0, 2);
	struct plait_fit_options options = { .epochs = limit > 0 ? 0 : 4,
					     .steps = limit,
					     .validation = validation.set };
	int differ = 0;

	for (int g = 0; g < grains_of(1); g++) {
		options.overlap_validation = false;
		run_told(train.set, plait_sgd(0.1), grains[g], 1, options, &apart);
		options.overlap_validation = true;
		run_told(train.set, plait_sgd(0.1), grains[g], 1, options, &beside);
		differ +=
			apart.status != 0 || beside.out_of_turn > 0 || !told_equal(&apart, &beside);
	}
	is_int(differ, 0,
	       "%d steps an epoch, %d of validation, %d in all: %d epochs, %d validated, the same",
	       (int)train_steps, (int)validation_steps, beside.losses.count, beside.epochs,
	       beside.validated);
	samples_free(&train);
	samples_free(&validation);
}

/* -- times ----------------------------------------------------------------------------------- */

/* What may be said of times: each is of its own steps, and none is before the one before it. */
static void test_times(const struct work *work)
{
	static struct told told;
	double done[21] = { 0 }, sum = 0;
	struct plait_metrics last = { 0 };
	int early = 0;

	run_told(work->train.set, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 1,
		 (struct plait_fit_options){ .steps = 21,
					     .validation = work->validation.set,
					     .overlap_validation = true,
					     .metrics = &last,
					     .step_seconds = done },
		 &told);
	for (int i = 0; i < 21; i++)
		early += !(done[i] > 0) || (i > 0 && done[i] < done[i - 1]);
	is_int(early, 0, "no training step is done before the one before it");
	for (int e = 0; e < told.epochs; e++)
		sum += told.train[e].seconds;
	/* Both are sums of the same differences, in another order. */
	is_near(sum, done[20], 1e-6, "the seconds of all epochs are those of the training");
	ok(metrics_equal(&last, &told.train[2]), "the last epoch's metrics are handed out");
	ok(told.validation[0].seconds > 0, "a validation takes time");
	ok(told.validation[0].load.wait_seconds <= 0, "and nobody waits for its batches");
}

int main(void)
{
	static struct work work;

	work.train = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	work.validation = samples_make(VALIDATION, FEATURES, CLASSES, 0, 2);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 4; cpus++)
			test_policy(&work, policies[p], cpus);
	test_comparison(&work);
	if (plait_start(&(struct plait_start_options){ .policy = "prio" }) < 0)
		tap_bail_out("%s", plait_error_message());
	test_lengths(12, 1, 0);
	test_lengths(1, 1, 0);
	test_lengths(1, 12, 0);
	test_lengths(5, 23, 0);
	test_lengths(7, 7, 0);
	test_lengths(12, 5, 8);  /* the first epoch is cut */
	test_lengths(12, 5, 12); /* none is */
	test_lengths(12, 5, 25); /* the third has one step, */
	test_lengths(12, 30, 25);
	test_lengths(12, 5, 31); /* or seven */
	test_times(&work);
	plait_stop();
	samples_free(&work.train);
	samples_free(&work.validation);
	return tap_done();
}
