/* SPDX-License-Identifier: MIT
 * Training, and loaders that go on from a state, with bad samples. */
#include "config.h"
#include "tests/loader/bad_source.h"

#define WORDS "linear:8 relu linear:4"
#define EPOCHS 3
#define BATCH 25 /* which divides an epoch */

/* What the parameters are after so many epochs over set. */
static uint64_t train(struct plait_dataset *set, const struct plait_fit_options *options,
		      enum plait_granularity grain)
{
	struct plait_graph *net = net_make(WIDTH, WORDS, false);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-3), grain, 1);
	uint64_t hash;

	if (plait_fit(trainer, set, options) < 0)
		tap_bail_out("%s", plait_error_message());
	ok(parameters_finite(trainer), "the parameters are finite");
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

/* The epochs that a loader delivers, one behind the other, as a data set without bad samples. */
static struct plait_dataset *open_delivered(struct epoch *epoch, struct plait_dataset *set)
{
	struct plait_loader_options o = replacing(NULL, 0);
	static float x[EPOCHS * SAMPLES][WIDTH];
	static int32_t labels[EPOCHS * SAMPLES];
	struct plait_tensor inputs = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { EPOCHS * SAMPLES, WIDTH }, .data = x
	};
	struct plait_tensor answers = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { EPOCHS * SAMPLES }, .data = labels
	};
	struct plait_dataset *delivered = NULL;
	struct plait_loader *loader;

	o.shuffle = true;
	o.batch_size = BATCH;
	loader = loader_open(set, o);
	for (int e = 0; e < EPOCHS; e++) {
		read_epoch(loader, epoch);
		memcpy(x[e * SAMPLES], epoch->x, sizeof epoch->x);
		memcpy(labels + e * SAMPLES, epoch->labels, sizeof epoch->labels);
	}
	plait_loader_destroy(loader);
	if (plait_dataset_from_memory(&delivered, &inputs, &answers, 4) < 0)
		tap_bail_out("%s", plait_error_message());
	return delivered;
}

/* Training sees what a loader delivers, and validation shares the list. */
static void test_replace(void)
{
	static struct epoch epoch;
	struct source flaw = { { 150, -1, -1 }, 20 };
	struct plait_dataset *set = open_source(&three, "numbers");
	struct plait_dataset *validation = open_source(&flaw, "others");
	struct plait_dataset *delivered = open_delivered(&epoch, set);
	struct plait_fit_options plain = { .loader.batch_size = BATCH, .quiet = true };

	for (int g = 0; g < grains_of(1); g++) {
		struct plait_bad_samples *list = list_make();
		struct plait_fit_options o = {
			.epochs = EPOCHS,
			.loader.batch_size = BATCH,
			.loader.shuffle = true,
			.loader.seed = 5,
			.quiet = true,
			.validation = validation,
			.loader.bad = { .policy = PLAIT_BAD_REPLACE, .limit = 5, .list = list }
		};

		ok(train(set, &o, grains[g]) == train(delivered, &plain, grains[g]),
		   "training with substitutes is training on what the loader delivers");
		is_string(list_text(list, true),
			  "numbers:0*3 numbers:33*3 numbers:160*3 others:20*3 others:150*3 ",
			  "the list of training and validation: each once an epoch");
		plait_bad_samples_destroy(list);
	}
	plait_dataset_destroy(delivered);
	plait_dataset_destroy(validation);
	plait_dataset_destroy(set);
}

/* Numbers from -1 to 1: SGD then trains something. */
static const struct plait_normalize scale = { 1, { 100 }, { 100 } };

/* Step by step, each on what is good in its batch. */
static void train_on_good(const struct epoch *good, struct losses *losses)
{
	struct plait_graph *net = net_make(WIDTH, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);

	for (int64_t first = 0; first < SAMPLES; first += BATCH) {
		float x[BATCH][WIDTH];
		int32_t labels[BATCH];
		int64_t rows = 0;
		struct plait_dataset *batch = NULL;

		for (int64_t i = first; i < first + BATCH; i++) {
			if (i == 0 || i == 33 || i == 160)
				continue;
			memcpy(x[rows], good->x[i], sizeof *x);
			labels[rows++] = good->labels[i];
		}
		struct plait_tensor inputs = {
			.dtype = PLAIT_F32, .ndim = 2, .dim = { rows, WIDTH }, .data = x
		};
		struct plait_tensor answers = {
			.dtype = PLAIT_I32, .ndim = 1, .dim = { rows }, .data = labels
		};
		struct plait_fit_options o = {
			.loader.batch_size = rows,
			.loader.normalize = scale,
			.log_every = 1,
			.on_event = losses_take,
			.user = losses,
		};

		if (plait_dataset_from_memory(&batch, &inputs, &answers, 4) < 0 ||
		    plait_fit(trainer, batch, &o) < 0)
			tap_bail_out("%s", plait_error_message());
		plait_dataset_destroy(batch);
	}
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static struct plait_graph *weighted_net(void)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ WIDTH });

	plait_cross_entropy_weighted(plait_model(x, WORDS), plait_labels(net), plait_weights(net));
	if (plait_graph_status(net) < 0)
		tap_bail_out("%s", plait_error_message());
	return net;
}

static void test_mask(int shards)
{
	static struct epoch good;
	static struct losses masked, control;
	struct plait_dataset *set = open_source(&three, "numbers");
	struct plait_dataset *whole = open_source(&none, "numbers");
	struct plait_loader *loader = loader_open(whole, replacing(NULL, 0));
	struct plait_graph *net = weighted_net(), *plain = net_make(WIDTH, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, shards);
	struct plait_bad_samples *list = list_make();
	struct plait_fit_options o = { .loader.batch_size = BATCH,
				       .loader.seed = 5,
				       .loader.normalize = scale,
				       .log_every = 1,
				       .on_event = losses_take,
				       .user = &masked,
				       .loader.bad = { .policy = PLAIT_BAD_MASK, .list = list } };
	double worst = 0;

	memset(&masked, 0, sizeof masked);
	memset(&control, 0, sizeof control);
	read_epoch(loader, &good);
	train_on_good(&good, &control);
	if (plait_fit(trainer, set, &o) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(masked.count, SAMPLES / BATCH, "%d shards: a step for every batch", shards);
	is_int(masked.train.samples, SAMPLES - 3, "masked samples do not count");
	for (int i = 0; i < masked.count; i++)
		worst = fmax(worst, fabs((double)(masked.loss[i] - control.loss[i])) /
					    (double)control.loss[i]);
	/* Weights are rounded, 25/24 is none of binary, and sums have another order: some 2^-24 a
	 * step.  A batch that is weighted wrongly has a gradient that is wrong by a 25th. */
	ok(isfinite(masked.loss[7]) && worst < 1e-5,
	   "each loss is that of the batch without them: off by %g", worst);
	is_string(list_text(list, true), "numbers:0*1 numbers:33*1 numbers:160*1 ", "the list");
	plait_trainer_destroy(trainer);
	trainer = trainer_make(plain, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	refused(plait_fit(trainer, set, &o), PLAIT_EINVAL, "plait_cross_entropy_weighted",
		"a loss without weights");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(plain);
	plait_graph_destroy(net);
	plait_loader_destroy(loader);
	plait_bad_samples_destroy(list);
	plait_dataset_destroy(set);
	plait_dataset_destroy(whole);
}

/* The limit ends a run; a prediction for another sample would be none. */
static void test_fails(void)
{
	struct plait_dataset *set = open_source(&three, "numbers");
	struct plait_graph *net = net_make(WIDTH, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-3), PLAIT_GRANULARITY_LAYER, 1);
	struct plait_bad_samples *list = list_make();
	struct plait_metrics metrics;
	struct plait_fit_options o = {
		.loader.batch_size = BATCH,
		.quiet = true,
		.loader.bad = { .policy = PLAIT_BAD_REPLACE, .limit = 2, .list = list }
	};
	static float out[SAMPLES][4];

	refused(plait_fit(trainer, set, &o), PLAIT_EDATA, "3 samples are bad, the limit is 2",
		"training beyond the limit");
	ok(parameters_finite(trainer), "the parameters are finite");
	o.loader.bad.limit = 3;
	is_int(plait_evaluate(trainer, set, &o, &metrics), 0, "an evaluation within the limit");
	is_int(metrics.samples, SAMPLES, "counts as many samples as there are");
	refused(plait_predict(trainer, set, &o, out[0]), PLAIT_EDATA, "numbers: sample 0",
		"predicting a bad sample");
	plait_bad_samples_destroy(list);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(set);
}

/* Of `three`, with one that is infinite. */
static int read_infinite(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			 float *target)
{
	int status = read_sample((void *)&three, index, key, x, label, target);

	if (index == *(const int64_t *)user)
		*(float *)x = INFINITY;
	return status;
}

/* Sample 33's substitute is no number: it is the one to name, and looking for it is no new
 * meeting with the bad ones. */
static void test_infinite_substitute(void)
{
	static struct epoch epoch;
	struct plait_dataset *set = open_source(&three, "numbers"), *infinite = NULL;
	struct plait_loader *loader = loader_open(set, replacing(NULL, 0));
	struct plait_graph *net = net_make(WIDTH, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	struct plait_bad_samples *list = list_make();
	struct plait_fit_options o = { .loader.batch_size = SAMPLES,
				       .loader.seed = 5,
				       .quiet = true,
				       .loader.bad = { .policy = PLAIT_BAD_REPLACE,
						       .list = list } };
	char name[64];
	int64_t substitute;

	read_epoch(loader, &epoch);
	substitute = (int64_t)epoch.x[33][0];
	ok(substitute > 33, "sample %d comes as a substitute first", (int)substitute);
	if (plait_dataset_from_callback(&infinite, plait_dataset_info(set), read_infinite,
					&substitute) < 0)
		tap_bail_out("%s", plait_error_message());
	snprintf(name, sizeof name, "sample %d of numbers has an input", (int)substitute);
	refused(plait_fit(trainer, infinite, &o), PLAIT_ENAN, name, "an infinite substitute");
	is_string(list_text(list, true), "numbers:0*1 numbers:33*1 numbers:160*1 ",
		  "the list has each bad sample once");
	plait_bad_samples_destroy(list);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_loader_destroy(loader);
	plait_dataset_destroy(infinite);
	plait_dataset_destroy(set);
}

/* A mean loss of nothing would be no number, and the run would look as if it had trained. */
static void test_nothing_counts(void)
{
	struct plait_dataset *whole = open_source(&none, "numbers"), *bad = NULL;
	struct plait_dataset_info info = *plait_dataset_info(whole);
	struct plait_graph *net = weighted_net();
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	static struct losses losses;
	struct plait_metrics metrics;
	struct plait_fit_options o = { .epochs = 2,
				       .on_event = losses_take,
				       .user = &losses,
				       .loader.bad = { .policy = PLAIT_BAD_MASK } };

	info.spec = "first";
	info.samples = 1;
	if (plait_dataset_from_callback(&bad, &info, read_sample, (void *)&three) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_fit(trainer, bad, &o), PLAIT_EDATA, "first: all samples of the epoch",
		"training on bad samples only");
	o.validation = bad;
	refused(plait_fit(trainer, whole, &o), PLAIT_EDATA, "first: all samples of the epoch",
		"validation with bad samples only");
	is_int(losses.epochs, 0, "no epoch is told of");
	refused(plait_evaluate(trainer, bad, &o, &metrics), PLAIT_EDATA, "first: all samples",
		"evaluating bad samples only");
	ok(parameters_finite(trainer), "the parameters are finite");
	o.validation = NULL;
	is_int(plait_fit(trainer, whole, &o), 0, "training on others goes on");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(bad);
	plait_dataset_destroy(whole);
}

/* From a state in the middle of the second epoch, with substitutes before and behind. */
static void test_resume(void)
{
	static struct epoch rest[2];
	struct plait_dataset *set = open_source(&three, "numbers");
	struct plait_loader_options o = replacing(NULL, 0);
	struct plait_loader_state state = { 0 };
	struct plait_batch batch;

	o.shuffle = true;
	struct plait_loader *loader = loader_open(set, o);

	for (int i = 0; i < 13; i++) {
		if (plait_loader_next(loader, &batch) < 0)
			tap_bail_out("%s", plait_error_message());
		plait_loader_release(loader);
	}
	is_int(plait_loader_state_save(loader, &state), 0, "a state in the second epoch");
	read_epoch(loader, &rest[0]);
	plait_loader_destroy(loader);
	loader = loader_open(set, o);
	is_int(plait_loader_state_restore(loader, &state), 0, "a new loader takes it");
	read_epoch(loader, &rest[1]);
	ok(memcmp(&rest[0], &rest[1], sizeof rest[0]) == 0, "the rest is the same, bit by bit");
	plait_loader_destroy(loader);
	o.bad.policy = PLAIT_BAD_FAIL;
	loader = loader_open(set, o);
	is_int(plait_loader_state_restore(loader, &state), PLAIT_EINVAL,
	       "a loader with another policy does not");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_replace();
	test_mask(1);
	test_mask(3);
	test_fails();
	test_infinite_substitute();
	test_nothing_counts();
	test_resume();
	plait_stop();
	return tap_done();
}
