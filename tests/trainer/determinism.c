/* SPDX-License-Identifier: MIT
 * The promise of a reproducible run: losses, validation losses and parameters have the same bits
 * under every policy, number of workers, granularity, prefetch depth and number of load workers.
 * Splitting a batch into shards changes the order of sums, so each number of shards has bits of
 * its own. */
#include "config.h"
#include "tests/nets.h"

static const char *const policies[] = { "eager", "plait", "lws", "prio", "dmda", "dmdas" };

/* Batches of 16: the last of 98 training samples has 2, so with three shards one is empty. */
enum { SAMPLES = 98, VALIDATION = 37, BATCH = 16, EPOCHS = 2, SHARDS = 3 };

struct work {
	struct samples train, validation;
	struct losses first[SHARDS + 1];
	uint64_t hash[SHARDS + 1]; /* of the parameters after the first run */
	struct losses losses;
};

static uint64_t train(struct work *work, enum plait_granularity grain, int shards, int prefetch,
		      int workers, struct losses *losses)
{
	struct plait_graph *net = dropping_net(6, 4, 0.1f);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = BATCH,
					     .loader.shuffle = true,
					     .loader.seed = 3,
					     .loader.workers = workers,
					     .loader.prefetch = prefetch,
					     .validation = work->validation.set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = losses };
	uint64_t hash;

	memset(losses, 0, sizeof *losses);
	if (plait_fit(trainer, work->train.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* Whether a run is the first one of its number of shards, or like it. */
static bool as_first(struct work *work, enum plait_granularity grain, int shards, int prefetch,
		     int workers)
{
	struct losses *first = &work->first[shards];
	uint64_t hash;

	if (first->count == 0) {
		work->hash[shards] = train(work, grain, shards, prefetch, workers, first);
		return true;
	}
	hash = train(work, grain, shards, prefetch, workers, &work->losses);
	return losses_equal(&work->losses, first) && hash == work->hash[shards];
}

static void test_policy(struct work *work, const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= SHARDS; shards++)
		for (int g = 0; g < grains_of(shards); g++) {
			int differ = 0, runs = 0;

			for (int prefetch = 2; prefetch <= 6; prefetch += 4)
				for (int workers = 1; workers <= 4; workers *= 2) {
					/* With shards only the ends of the range, to save time. */
					if (shards > 1 && (workers == 1) != (prefetch == 2))
						continue;
					differ += !as_first(work, grains[g], shards, prefetch,
							    workers);
					runs++;
				}
			is_int(differ, 0,
			       "%s, %d CPU workers, %s, %d shards: %d runs of the same bits",
			       policy, cpus, grain_name[g], shards, runs);
		}
	plait_stop();
}

/* The comparison above must be able to fail, and a sum in another order is not the same bits. */
static void test_difference(const struct work *work)
{
	const struct losses *one = &work->first[1], *two = &work->first[2];

	is_int(one->count, EPOCHS * 7, "7 steps in each epoch were compared");
	ok(one->loss[one->count - 1] < one->loss[0], "the loss went down, from %g to %g",
	   one->loss[0], one->loss[one->count - 1]);
	ok(!losses_equal(one, two), "two shards have other bits than one");
	/* float32 sums of 16 terms in another order, then 14 steps of a smooth optimizer. */
	is_near(two->loss[two->count - 1], one->loss[one->count - 1], 1e-4,
		"and the same loss but for rounding");
}

int main(void)
{
	struct work *work = calloc(1, sizeof *work);

	work->train = samples_make(SAMPLES, 6, 4, 0, 1);
	work->validation = samples_make(VALIDATION, 6, 4, 0, 2);
	for (size_t p = 0; p < sizeof policies / sizeof *policies; p++)
		for (int cpus = 1; cpus <= 2; cpus++)
			test_policy(work, policies[p], cpus);
	test_difference(work);
	samples_free(&work->train);
	samples_free(&work->validation);
	free(work);
	return tap_done();
}
