/* SPDX-License-Identifier: MIT
 * The rules of optimizers in trainings: the same bits at every grain and with every number of
 * workers; 2 shards, replicas, microbatches and accumulated batches have the same bits; a training
 * goes on where another ended; a loss that is not finite leaves parameters as they were. */
#include "config.h"
#include "tests/trainer/split.h"

static const struct {
	const char *name;
	struct plait_optimizer optimizer;
} rules[] = {
	{ "rmsprop", { .kind = PLAIT_RMSPROP, .weight_decay = 0.01 } },
	{ "rmsprop, centered, with momentum",
	  { .kind = PLAIT_RMSPROP, .lr = 0.001, .eps = 1e-3, .centered = true, .momentum = 0.9 } },
	{ "adagrad",
	  { .kind = PLAIT_ADAGRAD,
	    .lr = 0.05,
	    .lr_decay = 0.1,
	    .initial_accumulator_value = 0.1 } },
	{ "nadam", { .kind = PLAIT_NADAM, .lr = 0.01 } },
	{ "lamb", { .kind = PLAIT_LAMB, .lr = 0.02 } },
	{ "lion", { .kind = PLAIT_LION, .lr = 0.005, .weight_decay = 0.1 } },
	{ "muon", { .kind = PLAIT_MUON, .lr = 0.02, .adam_lr_ratio = 0.5 } },
};
enum { RULES = sizeof rules / sizeof *rules };

/* Matrices, a convolution, gains of a norm that have three dimensions, and running values, whose
 * update is among those of parameters. */
#define WORDS "linear:24 reshape:2x3x4 conv:6,2 batchnorm layernorm:dims=3 gelu flatten linear:4"

static const struct split splits[] = {
	{ .name = "2 shards", .shards = 2 },
	{ .name = "2 microbatches", .shards = 1, .microbatches = 2 },
	{ .name = "2 batches of an update", .shards = 1, .accumulate = 2 },
	{ .name = "2 replicas", .replicas = 2 },
};
enum { SPLITS = sizeof splits / sizeof *splits };

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct trained *r)
{
	struct plait_graph *net = net_make(6, WORDS, false);

	trained_run(s, net, split_trainer(net, split, grain), split_batch(split), r);
}

static void start(const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
}

static double untrained_loss(const struct samples *s)
{
	struct split none = { .shards = 1 };
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer = split_trainer(net, &none, PLAIT_GRANULARITY_AUTO);
	struct plait_metrics metrics;

	if (plait_evaluate(trainer, s->set, NULL, &metrics) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return plait_metrics_loss(&metrics);
}

static void test_grains(const struct samples *s, int rule)
{
	static struct trained first, other;
	struct split whole = { .shards = 1, .optimizer = rules[rule].optimizer };

	start("eager", 1);
	train(s, &whole, grains[0], &first);
	for (int g = 1; g < grains_of(2); g++) {
		train(s, &whole, grains[g], &other);
		ok(trained_equal(&other, &first), "%s, %s: the bits of grain op", rules[rule].name,
		   grain_name[g]);
	}
	ok(first.losses.validation_loss < untrained_loss(s),
	   "%s: the loss went down, from %g to %g", rules[rule].name, untrained_loss(s),
	   first.losses.validation_loss);
	plait_stop();
}

static void test_splits(const struct samples *s, int rule)
{
	static struct trained first, other;

	for (int cpus = 1; cpus <= 2; cpus++) {
		start(cpus == 1 ? "eager" : "lws", cpus);
		for (int i = 0; i < SPLITS; i++) {
			struct split split = splits[i];
			bool is_first = cpus == 1 && i == 0;
			int g = (i + cpus) % grains_of(2);

			split.optimizer = rules[rule].optimizer;
			train(s, &split, grains[g], is_first ? &first : &other);
			ok(is_first || trained_equal(&other, &first), "%s, %s, %d workers, %s: %s",
			   rules[rule].name, split.name, cpus, grain_name[g],
			   is_first ? "trained" : "the bits of 2 shards");
		}
		plait_stop();
	}
}

/* -- state and the count of updates --------------------------------------------------------- */

static void fit(struct plait_trainer *trainer, const struct samples *s, int epochs,
		struct losses *losses)
{
	struct plait_fit_options options = { .epochs = epochs,
					     .loader.batch_size = BATCH,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = losses };

	if (plait_fit(trainer, s->set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
}

static void test_continue(const struct samples *s, int rule)
{
	static struct losses once, twice;
	struct plait_graph *a = net_make(6, WORDS, false), *b = net_make(6, WORDS, false);
	struct plait_trainer *one, *two;

	start(NULL, 2);
	one = trainer_make(a, rules[rule].optimizer, PLAIT_GRANULARITY_AUTO, 0);
	two = trainer_make(b, rules[rule].optimizer, PLAIT_GRANULARITY_AUTO, 0);
	once.count = twice.count = 0;
	fit(one, s, 3, &once);
	fit(two, s, 1, &twice);
	fit(two, s, 2, &twice);
	ok(once.count == 21 && twice.count == 21 &&
		   memcmp(once.loss, twice.loss, sizeof(float) * 21) == 0 &&
		   parameters_hash(one) == parameters_hash(two),
	   "%s: one epoch, then two more, are three epochs, bit for bit", rules[rule].name);
	plait_trainer_destroy(one);
	plait_trainer_destroy(two);
	plait_graph_destroy(a);
	plait_graph_destroy(b);
	plait_stop();
}

/* The third of ten batches has a number that is infinite. */
static void test_halt(int rule)
{
	struct samples s = samples_make(100, 6, 4, 0, 1);
	struct plait_fit_options options = { .epochs = 1, .loader.batch_size = 10, .quiet = true };
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer;
	uint64_t before;

	start(NULL, 2);
	before = hash_after(WORDS, &s, rules[rule].optimizer, PLAIT_GRANULARITY_AUTO, 1, 2);
	s.x[25 * 6] = INFINITY;
	trainer = trainer_make(net, rules[rule].optimizer, PLAIT_GRANULARITY_AUTO, 1);
	is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "%s: a loss that is not finite",
	       rules[rule].name);
	ok(parameters_hash(trainer) == before, "%s: parameters are those of the step before",
	   rules[rule].name);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
	samples_free(&s);
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	for (int rule = 0; rule < RULES; rule++) {
		test_grains(&s, rule);
		test_splits(&s, rule);
		test_continue(&s, rule);
		test_halt(rule);
	}
	samples_free(&s);
	return tap_done();
}
