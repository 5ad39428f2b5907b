/* SPDX-License-Identifier: MIT
 * Shards, of unequal sizes too, replicas, microbatches and accumulated batches: a split has bits of
 * its own, which no policy, grain, schedule or number of workers changes.  What is cut in the same
 * places is the same split. */
#include "config.h"
#include "tests/trainer/split.h"

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct trained *r)
{
	struct plait_graph *net = dropping_net(6, 4, 0.1f);

	trained_run(s, net, split_trainer(net, split, grain), split_batch(split), r);
}

static void test_refused(const struct samples *s)
{
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-2),
						 .shard_sizes = (int[]){ 1, 1 } };
	struct plait_fit_options fit = { .loader.batch_size = BATCH, .quiet = true };

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "need their number",
		"sizes of no shards");
	options.shards = 2;
	options.shard_sizes = (int[]){ 1, 0 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "shard 1 has size 0",
		"a shard of nothing");
	options.shard_sizes = (int[]){ 1000001, 1 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "size 1000001",
		"a size that is too large");
	options =
		(struct plait_trainer_options){ .optimizer = plait_adam(1e-2), .microbatches = -1 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "-1 microbatches",
		"a negative number of microbatches");
	options = (struct plait_trainer_options){ .optimizer = plait_adam(1e-2),
						  .shards = 3,
						  .replicas = 2 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL,
		"3 shards of 2 replicas", "shards that are not as many of each replica");
	options = (struct plait_trainer_options){ .optimizer = plait_adam(1e-2), .replicas = -1 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "-1 replicas",
		"a negative number of replicas");
	options = (struct plait_trainer_options){ .optimizer = plait_adam(1e-2), .accumulate = -1 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "-1 batches",
		"a negative number of batches");
	options = (struct plait_trainer_options){
		.optimizer = plait_adam(1e-2), .shards = 16, .microbatches = 16, .accumulate = 16
	};
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "has 4096 shards",
		"more shards than there may be");
	options = (struct plait_trainer_options){ .optimizer = plait_adam(1e-2),
						  .pipeline_schedule =
							  (enum plait_pipeline_schedule)2 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "schedule 2",
		"a schedule that is none");
	options = (struct plait_trainer_options){ .optimizer = plait_adam(1e-2),
						  .granularity = PLAIT_GRANULARITY_RUN,
						  .steps_per_task = 2,
						  .accumulate = 2 };
	refused(plait_trainer_create(&trainer, net, &options), PLAIT_EINVAL, "2 shards",
		"several steps in a task, and several batches in a step");
	trainer = split_trainer(net, &(struct split){ .shards = 2, .size = { 1, 100 } },
				PLAIT_GRANULARITY_OP);
	refused(plait_fit(trainer, s->set, &fit), PLAIT_EINVAL,
		"shard 0 would always be empty; take fewer, or batches of 101 samples",
		"a shard that no batch of 16 has a sample for");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

/* Splits that are cut in the same places, and the first of them. */
static const struct {
	struct split split;
	int same; /* as this one, or -1: as none before */
} cases[] = {
	{ { .shards = 2, .name = "2 shards" }, -1 },
	{ { .shards = 2, .size = { 7, 7 }, .name = "7,7" }, 0 },
	{ { .shards = 1, .name = "2 microbatches", .microbatches = 2 }, 0 },
	{ { .shards = 1, .name = "2 batches of an update", .accumulate = 2 }, 0 },
	{ { .shards = 2, .size = { 3, 1 }, .name = "3,1" }, -1 },
	{ { .shards = 4, .size = { 1, 9, 2, 4 }, .name = "1,9,2,4" }, -1 },
	{ { .shards = 4, .name = "4 shards" }, -1 },
	{ { .shards = 1, .name = "4 microbatches", .microbatches = 4 }, 6 },
	{ { .shards = 1,
	    .name = "4 microbatches, gpipe",
	    .microbatches = 4,
	    .schedule = PLAIT_PIPELINE_GPIPE },
	  6 },
	{ { .shards = 2, .name = "2 shards of 2 microbatches", .microbatches = 2 }, 6 },
	{ { .shards = 1,
	    .name = "2 microbatches of 2 batches",
	    .microbatches = 2,
	    .accumulate = 2 },
	  6 },
	{ { .shards = 4, .size = { 3, 1, 3, 1 }, .name = "3,1,3,1" }, -1 },
	{ { .shards = 2, .size = { 3, 1 }, .name = "3,1 of 2 batches", .accumulate = 2 }, 11 },
	{ { .name = "2 replicas", .replicas = 2 }, 0 },
	{ { .name = "4 replicas", .replicas = 4, .bucket_bytes = 1 }, 6 },
	{ { .name = "4 replicas, one bucket", .replicas = 4, .bucket_bytes = 1 << 20 }, 6 },
	{ { .shards = 4, .name = "4 shards of 2 replicas", .replicas = 2 }, 6 },
	{ { .name = "2 replicas of 2 batches", .accumulate = 2, .replicas = 2 }, 6 },
	{ { .shards = 2, .size = { 3, 1 }, .name = "3,1 of 2 replicas", .replicas = 2 }, 4 },
	{ { .shards = 7, .name = "7 shards" }, -1 },
	{ { .shards = 1, .name = "7 microbatches", .microbatches = 7 }, 19 },
	{ { .shards = 1,
	    .name = "7 microbatches, gpipe",
	    .microbatches = 7,
	    .schedule = PLAIT_PIPELINE_GPIPE },
	  19 },
};
enum { CASES = sizeof cases / sizeof *cases };

static struct trained result[CASES];

/* Every split at every grain, or at one, under this policy with so many workers. */
static void test_bits(const struct samples *s, const char *policy, int cpus, bool all)
{
	static struct trained other;

	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	all &= plait_cuda_workers() == 0; /* the virtual GPU takes long */
	for (int i = 0; i < CASES; i++)
		for (int g = 0; g < grains_of(2); g++) {
			bool first = result[i].losses.count == 0;

			if (!all && g != i % grains_of(2))
				continue;
			train(s, &cases[i].split, grains[g], first ? &result[i] : &other);
			ok(first || trained_equal(&other, &result[i]), "%s: %s, %d workers, %s: %s",
			   cases[i].split.name, policy, cpus, grain_name[g],
			   first ? "trained" : "the same bits");
		}
	plait_stop();
}

static void test_same(int i)
{
	const char *name = cases[i].split.name;

	for (int j = 0; j < i; j++)
		if (cases[i].same == j)
			ok(trained_equal(&result[i], &result[j]), "%s: the bits of %s", name,
			   cases[j].split.name);
		else if (cases[i].same < 0 && cases[j].same < 0)
			ok(!trained_equal(&result[i], &result[j]), "%s: other bits than %s", name,
			   cases[j].split.name);
	/* float32 sums of 16 terms in another order, then 14 steps of a smooth optimizer. */
	is_near(result[i].losses.train_loss, result[0].losses.train_loss, 1e-4,
		"%s: and the same loss but for rounding", name);
}

int main(void)
{
	static const struct {
		const char *policy;
		int cpus;
	} runs[] = { { "eager", 1 }, { "eager", 2 },  { "lws", 2 },   { "prio", 2 },
		     { "dmdas", 2 }, { "random", 2 }, { "plait", 2 }, { "plait", 4 } };
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	for (size_t r = 0; r < sizeof runs / sizeof *runs; r++)
		test_bits(&s, runs[r].policy, runs[r].cpus, r < 2);
	for (int i = 0; i < CASES; i++)
		test_same(i);
	test_refused(&s);
	samples_free(&s);
	return tap_done();
}
