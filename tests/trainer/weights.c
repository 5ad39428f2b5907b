/* SPDX-License-Identifier: MIT
 * Training and evaluation with a last batch that is filled up: as with the short one, but for
 * rounding. */
#include "config.h"
#include "tests/nets.h"

/* The last batch has 13 of 16 samples, so that weights are no power of 2. */
enum { SAMPLES = 45, VALIDATION = 37, BATCH = 16, STEPS = 3, EPOCHS = 4 };

static struct plait_graph *net(bool mse, bool weighted)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 6 });

	x = branches(x, 4);
	if (mse && weighted)
		plait_mse_weighted(x, plait_targets(graph, 4), plait_weights(graph));
	else if (mse)
		plait_mse(x, plait_targets(graph, 4));
	else if (weighted)
		plait_cross_entropy_weighted(x, plait_labels(graph), plait_weights(graph));
	else
		plait_cross_entropy(x, plait_labels(graph));
	if (plait_graph_status(graph) < 0)
		tap_bail_out("%s", plait_error_message());
	return graph;
}

static struct plait_fit_options options_for(struct losses *losses, bool pad)
{
	return (struct plait_fit_options){ .epochs = EPOCHS,
					   .loader.batch_size = BATCH,
					   .loader.shuffle = true,
					   .loader.seed = 3,
					   .loader.pad_last = pad,
					   .log_every = 1,
					   .on_event = losses_take,
					   .user = losses };
}

struct work {
	struct samples train, validation;
	bool mse;
	enum plait_granularity grain;
	int shards;
	struct losses plain, losses;
};

/* A run of its own network. */
static void run(struct work *work, bool weighted, bool pad, struct losses *losses)
{
	struct plait_graph *graph = net(work->mse, weighted);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), work->grain, work->shards);
	struct plait_fit_options options = options_for(losses, pad);

	memset(losses, 0, sizeof *losses);
	options.validation = work->validation.set;
	if (plait_fit(trainer, work->train.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

/* The losses of two runs that differ most. */
static double largest_difference(const struct losses *a, const struct losses *b)
{
	double largest = 0;

	for (int i = 0; i < a->count; i++)
		largest = fmax(largest, fabs((double)a->loss[i] - (double)b->loss[i]));
	return largest;
}

/* Numbers are about 1.  A padded batch has the same terms, each times 16/13 and divided by 16
 * where it was divided by 13: two roundings more in the loss and in each gradient, and other
 * places where a sum is cut into lanes and shards, so some 1e-7; twelve steps of 0.1 along a
 * smooth slope keep it of that size.  A sample too many, or a weight that is wrong, is 1e-2. */
#define ROUNDING 2e-6

static void test_fit(struct work *work, const char *name)
{
	run(work, false, false, &work->plain);
	is_int(work->plain.count, EPOCHS * STEPS, "%s: three steps in each of four epochs", name);
	run(work, true, false, &work->losses);
	ok(losses_equal(&work->plain, &work->losses),
	   "a loss with weights, all of them 1, is the same bits");
	run(work, true, true, &work->losses);
	is_int(work->losses.count, work->plain.count, "with pad_last as many steps");
	ok(memcmp(work->plain.loss, work->losses.loss, (STEPS - 1) * sizeof(float)) == 0,
	   "the same bits while batches are full");
	is_near(largest_difference(&work->plain, &work->losses), 0, ROUNDING,
		"then the same losses but for rounding");
	ok(work->plain.loss[EPOCHS * STEPS - 1] < 0.98f * work->plain.loss[STEPS - 1],
	   "which change from %g to %g", work->plain.loss[STEPS - 1],
	   work->plain.loss[EPOCHS * STEPS - 1]);
	is_int(work->losses.train.samples, SAMPLES, "an epoch has the samples that count");
	is_near(work->losses.train_loss, work->plain.train_loss, ROUNDING, "and their mean loss");
	is_int(work->losses.train.correct, work->plain.train.correct, "and as many right answers");
	is_int(work->losses.validation.samples, VALIDATION, "and so has the validation");
	is_near(work->losses.validation_loss, work->plain.validation_loss, ROUNDING,
		"with the same loss");
	is_int(work->losses.validation.correct, work->plain.validation.correct,
	       "and as many right answers");
}

/* -- one network, evaluated and asked in both ways -------------------------------------------- */

static void test_evaluate(struct work *work)
{
	struct plait_graph *graph = net(work->mse, true);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), work->grain, work->shards);
	struct plait_fit_options options = { .loader.batch_size = BATCH };
	struct plait_metrics plain, padded;
	float out[2][VALIDATION * 4];

	for (int pad = 0; pad < 2; pad++) {
		options.loader.pad_last = pad;
		if (plait_evaluate(trainer, work->validation.set, &options,
				   pad ? &padded : &plain) < 0 ||
		    plait_predict(trainer, work->validation.set, &options, out[pad]) < 0)
			tap_bail_out("%s", plait_error_message());
	}
	is_int(padded.samples, VALIDATION, "evaluated with pad_last: all samples");
	is_int(padded.steps, plain.steps, "in as many steps");
	is_int(padded.correct, plain.correct, "as many right answers");
	is_near(plait_metrics_loss(&padded), plait_metrics_loss(&plain), ROUNDING,
		"the same loss but for rounding");
	ok(memcmp(out[0], out[1], sizeof out[0]) == 0, "predictions do not see pad_last");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

static void test_all(bool mse)
{
	static struct work work;

	work = (struct work){ .train = samples_make(SAMPLES, 6, mse ? 0 : 4, mse ? 4 : 0, 1),
			      .validation =
				      samples_make(VALIDATION, 6, mse ? 0 : 4, mse ? 4 : 0, 2),
			      .mse = mse };
	for (int shards = 1; shards <= 5; shards += 2)
		for (int g = 0; g < grains_of(shards); g++) {
			char name[80];

			work.grain = grains[g];
			work.shards = shards;
			snprintf(name, sizeof name, "%s, %s, %d shards",
				 mse ? "mse" : "cross-entropy", plait_granularity_name(grains[g]),
				 shards);
			test_fit(&work, name);
			test_evaluate(&work);
		}
	samples_free(&work.train);
	samples_free(&work.validation);
}

/* -- what is refused, and what is found -------------------------------------------------------- */

static void test_refused(bool mse, const char *builder)
{
	struct samples s = samples_make(SAMPLES, 6, mse ? 0 : 4, mse ? 4 : 0, 1);
	struct plait_graph *graph = net(mse, false);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = { .loader.pad_last = true, .quiet = true };
	struct plait_metrics metrics;

	refused(plait_fit(trainer, s.set, &options), PLAIT_EINVAL, builder,
		"pad_last with a loss without weights");
	refused(plait_evaluate(trainer, s.set, &options, &metrics), PLAIT_EINVAL, builder,
		"evaluating so");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

/* A NaN among the 13 samples of the filled batch is still found and named. */
static void test_bad_sample(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);
	struct plait_graph *graph = net(false, true);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = { .loader.batch_size = BATCH,
					     .loader.pad_last = true,
					     .quiet = true };

	s.x[(SAMPLES - 1) * 6] = NAN;
	refused(plait_fit(trainer, s.set, &options), PLAIT_ENAN, "sample 44 of",
		"a NaN in the last sample");
	ok(parameters_finite(trainer), "no parameter has seen it");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_all(false);
	test_all(true);
	test_refused(false, "plait_cross_entropy_weighted");
	test_refused(true, "plait_mse_weighted");
	test_bad_sample();
	plait_stop();
	return tap_done();
}
