/* SPDX-License-Identifier: MIT
 * Losses of several terms, and losses made of ops: trained at all granularities and in shards,
 * stopped where they are not finite, refused where it is not clear what they are. */
#include "config.h"
#include "tests/nets.h"

enum { SAMPLES = 45, FEATURES = 6, CLASSES = 4, BATCH = 16, EPOCHS = 3 }; /* the last batch: 13 */
enum { STEPS = EPOCHS * ((SAMPLES + BATCH - 1) / BATCH) };

/* -- networks: each ends in a loss and leaves what it predicts as the output ------------------- */

static struct plait_node *input(struct plait_graph *graph)
{
	return plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
}

/* A cross entropy, and a mean of squares of an activation, which is built after it. */
static void penalty(struct plait_graph *graph)
{
	struct plait_node *h = plait_tanh(plait_linear(input(graph), 12));
	struct plait_node *loss =
		plait_cross_entropy(plait_linear(h, CLASSES), plait_labels(graph));

	plait_loss(plait_add(loss, plait_scale(plait_mean(plait_mul(h, h)), 0.25f)));
}

/* The same factor 0.5 before both terms; the terms are built in another order. */
static void half_penalty(struct plait_graph *graph)
{
	struct plait_node *h = plait_tanh(plait_linear(input(graph), 12));
	struct plait_node *x = plait_linear(h, CLASSES);
	struct plait_node *squares = plait_scale(plait_mean(plait_mul(h, h)), 0.25f);

	plait_loss(
		plait_scale(plait_add(plait_cross_entropy(x, plait_labels(graph)), squares), 0.5f));
}

/* Two losses of which one is subtracted, the sum of views of a hidden layer, a term read twice. */
static void many_terms(struct plait_graph *graph)
{
	struct plait_node *h = plait_linear(input(graph), CLASSES);
	struct plait_node *x = branches(h, CLASSES), *labels = plait_labels(graph);
	struct plait_node *one = plait_cross_entropy(x, labels);
	struct plait_node *two = plait_cross_entropy(h, labels);
	struct plait_node *all = plait_scale(plait_sum(plait_flatten(plait_relu(h))), 0.001f);

	plait_loss(plait_add(plait_sub(one, plait_scale(two, 0.125f)), plait_add(all, all)));
}

static void plain_mse(struct plait_graph *graph)
{
	plait_mse(branches(input(graph), CLASSES), plait_targets(graph, CLASSES));
}

static void composed_mse(struct plait_graph *graph)
{
	struct plait_node *x = plait_output(branches(input(graph), CLASSES));
	struct plait_node *t = plait_targets(graph, CLASSES);

	plait_loss(plait_mean(plait_mul(plait_sub(x, t), plait_sub(x, t))));
}

/* An mse that is a term, with a factor of 1/2 that a learning rate of twice the size makes good. */
static void half_mse(struct plait_graph *graph)
{
	plait_loss(plait_scale(
		plait_mse(branches(input(graph), CLASSES), plait_targets(graph, CLASSES)), 0.5f));
}

/* -- runs ---------------------------------------------------------------------------------------
 */

struct result {
	struct losses losses;
	uint64_t parameters;
};

struct run {
	void (*build)(struct plait_graph *graph);
	bool targets;
	double lr;
	enum plait_granularity grain;
	int shards;
};

static struct plait_graph *graph_of(const struct run *run)
{
	struct plait_graph *graph = plait_graph_create();

	run->build(graph);
	if (plait_graph_status(graph) < 0)
		tap_bail_out("%s", plait_error_message());
	return graph;
}

static void train(const struct run *run, struct result *result)
{
	struct samples s = samples_make(SAMPLES, FEATURES, run->targets ? 0 : CLASSES,
					run->targets ? CLASSES : 0, 1);
	struct plait_graph *graph = graph_of(run);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(run->lr), run->grain, run->shards);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = BATCH,
					     .validation = s.set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &result->losses };

	memset(result, 0, sizeof *result);
	if (plait_fit(trainer, s.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	result->parameters = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

static bool same(const struct result *a, const struct result *b)
{
	return losses_equal(&a->losses, &b->losses) && a->parameters == b->parameters;
}

/* Trains at all granularities in 1 to 3 shards; one: what came out of one shard. */
static void test_grains(const char *name, struct run run, struct result *one)
{
	static struct result first, other;

	for (run.shards = 1; run.shards <= 3; run.shards++) {
		for (int g = 0; g < grains_of(run.shards); g++) {
			run.grain = grains[g];
			train(&run, g == 0 ? &first : &other);
			ok(g == 0 ? first.losses.count == STEPS : same(&first, &other),
			   g == 0 ? "%s, %d shards, %s: all steps"
				  : "%s, %d shards: the same bits at granularity %s",
			   name, run.shards, plait_granularity_name(run.grain));
		}
		if (run.shards == 1)
			*one = first;
		/* Shards are added in another order: a few roundings of 6e-8 in each gradient, and
		 * nine steps of 0.1 and less along a smooth slope keep it of that size. */
		for (int i = 0; i < STEPS; i++)
			if (!(fabsf(first.losses.loss[i] - one->losses.loss[i]) <= 2e-6f))
				ok(false, "%s, %d shards: the loss of step %d is %g, %g of one",
				   name, run.shards, i + 1, (double)first.losses.loss[i],
				   (double)one->losses.loss[i]);
	}
	ok(one->losses.loss[STEPS - 1] < one->losses.loss[2], "%s: the loss falls from %g to %g",
	   name, (double)one->losses.loss[2], (double)one->losses.loss[STEPS - 1]);
}

/* A factor that is a power of 2 changes no bit but the exponents: with twice the learning rate all
 * is the same, and the losses are halves. */
static bool are_halves(const struct result *half, const struct result *whole)
{
	bool halves = half->parameters == whole->parameters;

	for (int i = 0; i < STEPS; i++)
		halves &= 2 * half->losses.loss[i] == whole->losses.loss[i];
	return halves;
}

static void test_terms(void)
{
	static struct result whole, half, many;

	test_grains("cross entropy and squares", (struct run){ penalty, .lr = 0.1 }, &whole);
	test_grains("half of it, in another order", (struct run){ half_penalty, .lr = 0.2 }, &half);
	ok(are_halves(&half, &whole), "half the loss at twice the rate is the same training");
	is_int(half.losses.train.correct, whole.losses.train.correct, "as many right answers");
	ok(whole.losses.train.correct > 0, "of which there are some: %d",
	   (int)whole.losses.train.correct);
	test_grains("many terms", (struct run){ many_terms, .lr = 0.05 }, &many);
}

static void test_mse(void)
{
	static struct result plain, composed, half;
	float off = 0;

	test_grains("mse", (struct run){ plain_mse, true, .lr = 0.1 }, &plain);
	test_grains("mse of ops", (struct run){ composed_mse, true, .lr = 0.1 }, &composed);
	test_grains("half an mse", (struct run){ half_mse, true, .lr = 0.2 }, &half);
	ok(are_halves(&half, &plain), "half the mse at twice the rate is the same training");
	for (int i = 0; i < STEPS; i++)
		off = fmaxf(off, fabsf(composed.losses.loss[i] / plain.losses.loss[i] - 1));
	/* Gradients differ by a factor 2 taken out, which rounds nothing, so only the sums differ.
	 * That of mse is in floats: of 64 terms, all positive, each takes part in 4 additions of a
	 * lane; and both results are rounded. */
	ok(off <= 6 * 0x1p-24f, "an mse of ops has its losses but for 6 roundings: %g of 2^-24",
	   (double)(off * 0x1p24f));
	ok(composed.parameters == plain.parameters, "and trains the same parameters, bit by bit");
}

/* -- losses that are not finite ------------------------------------------------------------------
 */

/* Sample 20, in the second step, has one. */
static void test_nan(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	struct run run = { penalty, .lr = 0.1 };

	for (int bad = 0; bad < 2; bad++) {
		for (run.shards = 1; run.shards <= 2; run.shards++)
			for (int g = 0; g < grains_of(run.shards); g++) {
				struct plait_graph *graph = graph_of(&run);
				struct plait_trainer *trainer =
					trainer_make(graph, plait_sgd(0.1), grains[g], run.shards);
				struct plait_fit_options options = { .epochs = 1,
								     .loader.batch_size = BATCH,
								     .quiet = true };

				s.x[20 * FEATURES] = bad ? NAN : 0;
				is_int(plait_fit(trainer, s.set, &options), bad ? PLAIT_ENAN : 0,
				       "%s, %d shards, granularity %s", bad ? "a NaN" : "no NaN",
				       run.shards, plait_granularity_name(grains[g]));
				ok(parameters_finite(trainer), "the parameters are finite");
				plait_trainer_destroy(trainer);
				plait_graph_destroy(graph);
			}
	}
	samples_free(&s);
}

/* A factor of infinity: no term is infinite, the loss is. */
static void test_infinite_factor(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, 0, CLASSES, 1);

	for (int g = 0; g < grains_of(1); g++) {
		struct plait_graph *graph = plait_graph_create();
		struct plait_node *x = plait_linear(input(graph), CLASSES);
		struct plait_trainer *trainer;
		struct plait_fit_options options = { .epochs = 1,
						     .loader.batch_size = BATCH,
						     .quiet = true };
		uint64_t before;

		plait_loss(plait_scale(plait_mse(x, plait_targets(graph, CLASSES)), INFINITY));
		trainer = trainer_make(graph, plait_sgd(0.1), grains[g], 1);
		before = parameters_hash(trainer);
		refused(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "the output of scale",
			plait_granularity_name(grains[g]));
		ok(parameters_hash(trainer) == before, "the parameters are as they were");
		plait_trainer_destroy(trainer);
		plait_graph_destroy(graph);
	}
	samples_free(&s);
}

/* -- what is refused -----------------------------------------------------------------------------
 */

static void test_refused(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_linear(input(graph), CLASSES);
	struct plait_node *one = plait_cross_entropy(x, plait_labels(graph));
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	struct plait_fit_options options = {
		.epochs = 1, .loader.batch_size = BATCH, .loader.pad_last = true, .quiet = true
	};
	struct plait_trainer *trainer = NULL;

	plait_mse(x, plait_targets(graph, CLASSES));
	refused(plait_trainer_create(&trainer, graph, NULL), PLAIT_EINVAL,
		"several losses, such as cross_entropy and mse", "two losses");
	plait_loss(one);
	is_int(plait_trainer_create(&trainer, graph, NULL), 0, "with plait_loss() it is clear");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);

	graph = plait_graph_create();
	x = plait_linear(input(graph), CLASSES);
	one = plait_cross_entropy_weighted(x, plait_labels(graph), plait_weights(graph));
	plait_loss(plait_add(one, plait_mean(plait_mul(x, x))));
	trainer = trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_STEP, 1);
	refused(plait_fit(trainer, s.set, &options), PLAIT_EINVAL, "mean counts all",
		"a mean with a batch that is filled up");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);

	graph = plait_graph_create();
	plait_sum(plait_linear(input(graph), CLASSES));
	refused(plait_trainer_create(&trainer, graph, NULL), PLAIT_EINVAL, "plait_loss",
		"a sum alone is no loss");
	plait_graph_destroy(graph);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_terms();
	test_mse();
	test_nan();
	test_infinite_factor();
	test_refused();
	plait_stop();
	return tap_done();
}
