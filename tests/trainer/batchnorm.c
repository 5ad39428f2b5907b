/* SPDX-License-Identifier: MIT
 * Networks with batch normalization.  Bits are those of the split of a batch, whatever computes it,
 * running values included.  These change in training alone, and not in a step that is halted;
 * evaluation, prediction and predictors read them; files hold them. */
#include "config.h"
#include "tests/files.h"
#include "tests/trainer/split.h"

#include <math.h>
#include <unistd.h>

#define WORDS \
	"reshape:3x1x2 batchnorm relu linear:12 batchnorm:momentum=0.3 relu " \
	"residual{ linear:12 batchnorm gelu linear:12 batchnorm:eps=1e-3 } relu linear:4"

static bool on_gpu;

static void start(const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
	on_gpu = plait_cuda_workers() > 0;
}

static struct plait_graph *net_of(const char *words)
{
	return net_make(6, words, false);
}

/* A buffer by its name. */
static struct plait_tensor buffer(struct plait_trainer *trainer, const char *name)
{
	struct plait_tensor t = { 0 };

	for (int i = 0; i < plait_trainer_buffers(trainer); i++)
		if (plait_trainer_buffer(trainer, i, &t) == 0 && strcmp(t.name, name) == 0)
			return t;
	tap_bail_out("no buffer %s", name);
}

/* -- bits --------------------------------------------------------------------------------- */

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct trained *r)
{
	struct plait_graph *net = net_of(WORDS);

	if (split->placed && plait_place_words(net, "0-3:cpu0 4-6:cpu1 7-:cpu0") < 0)
		tap_bail_out("%s", plait_error_message());
	trained_run(s, net, split_trainer(net, split, grain), split_batch(split), r);
}

static const struct {
	struct split split;
	int same; /* as this one, or -1: as none before */
} cases[] = {
	{ { .shards = 1, .name = "whole batches" }, -1 },
	{ { .shards = 2, .name = "2 shards" }, -1 },
	{ { .name = "2 replicas", .replicas = 2 }, 1 },
	{ { .shards = 1, .name = "2 microbatches", .microbatches = 2 }, 1 },
	{ { .shards = 1, .name = "2 batches of an update", .accumulate = 2 }, 1 },
	{ { .shards = 1, .name = "2 microbatches in stages", .microbatches = 2, .placed = true },
	  1 },
	{ { .shards = 3, .size = { 9, 1, 5 }, .name = "9,1,5" }, -1 },
	{ { .shards = 7, .name = "7 shards" }, -1 },
	{ { .shards = 1, .name = "7 microbatches", .microbatches = 7 }, 7 },
	{ { .shards = 1,
	    .name = "7 microbatches in stages, gpipe",
	    .microbatches = 7,
	    .schedule = PLAIT_PIPELINE_GPIPE,
	    .placed = true },
	  7 },
	{ { .name = "7 replicas", .replicas = 7, .bucket_bytes = 1 }, 7 },
};
enum { CASES = sizeof cases / sizeof *cases };

static struct trained result[CASES];

/* What is placed is computed on CPUs, which have other bits than a GPU. */
static bool elsewhere(int i)
{
	return on_gpu && cases[i].split.placed;
}

static void test_bits(const struct samples *s, const char *policy, int cpus, bool all)
{
	static struct trained other;

	start(policy, cpus);
	all &= !on_gpu; /* the virtual GPU takes long */
	for (int i = 0; i < CASES; i++)
		for (int g = 0; g < grains_of(2); g++) {
			bool first = result[i].losses.count == 0;

			if (!all && g != (i + cpus) % grains_of(2))
				continue;
			train(s, &cases[i].split, grains[g], first ? &result[i] : &other);
			ok(first || trained_equal(&other, &result[i]), "%s: %s, %d workers, %s: %s",
			   cases[i].split.name, policy, cpus, grain_name[g],
			   first ? "trained" : "the same bits");
		}
	plait_stop();
}

static void test_same(void)
{
	for (int i = 1; i < CASES; i++)
		for (int j = 0; j < i; j++) {
			if (elsewhere(i) || elsewhere(j))
				continue;
			if (cases[i].same == j)
				ok(trained_equal(&result[i], &result[j]), "%s: the bits of %s",
				   cases[i].split.name, cases[j].split.name);
			else if (cases[i].same < 0 && cases[j].same < 0)
				ok(!trained_equal(&result[i], &result[j]),
				   "%s: other bits than %s, as statistics are those of a part",
				   cases[i].split.name, cases[j].split.name);
		}
	ok(result[0].losses.train_loss < result[0].losses.loss[0],
	   "the loss went down, from %g to %g", (double)result[0].losses.loss[0],
	   result[0].losses.train_loss);
}

/* -- a relu behind it --------------------------------------------------------------------- */

/* Its gradient is seen through.  A leaky relu of slope 0, which is not, computes the same. */
static void test_relu(const struct samples *s)
{
	static const char *const words[][2] = {
		{ "reshape:3x1x2 batchnorm relu linear:4",
		  "reshape:3x1x2 batchnorm leaky-relu:0 linear:4" },
		{ "linear:70 batchnorm relu residual{ linear:70 batchnorm } relu linear:4",
		  "linear:70 batchnorm leaky-relu:0 residual{ linear:70 batchnorm } relu "
		  "linear:4" },
		{ "reshape:6x1x1 conv:33,1 batchnorm relu conv:128,1 batchnorm relu linear:4",
		  "reshape:6x1x1 conv:33,1 batchnorm leaky-relu:0 conv:128,1 batchnorm "
		  "leaky-relu:0 linear:4" },
	};
	static const struct split split = { .shards = 2 };
	static struct trained r[2];

	start("eager", 2);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		for (int j = 0; j < 2; j++) {
			struct plait_graph *net = net_of(words[i][j]);

			trained_run(s, net, split_trainer(net, &split, PLAIT_GRANULARITY_LAYER),
				    split_batch(&split), &r[j]);
		}
		ok(trained_equal(&r[0], &r[1]), "%s: the bits of a leaky relu of slope 0",
		   words[i][0]);
	}
	plait_stop();
}

/* Several steps of a task, and loads far ahead. */
static void test_loading(const struct samples *s)
{
	start("eager", 2);
	for (int prefetch = 2; prefetch <= 6; prefetch += 4) {
		struct plait_graph *net = net_of(WORDS);
		struct plait_trainer *trainer =
			trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_RUN, 1);
		static struct trained r;
		struct plait_fit_options options = {
			.epochs = EPOCHS,
			.loader = { .batch_size = BATCH, .shuffle = true, .prefetch = prefetch },
			.validation = s->set,
			.overlap_validation = prefetch > 2,
			.log_every = 1,
			.on_event = losses_take,
			.user = &r.losses
		};

		memset(&r, 0, sizeof r);
		if (plait_fit(trainer, s->set, &options) < 0)
			tap_bail_out("%s", plait_error_message());
		ok(losses_equal(&r.losses, &result[0].losses) &&
			   parameters_hash(trainer) == result[0].hash,
		   "several steps a task, prefetch %d: the same bits", prefetch);
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
	}
	plait_stop();
}

/* -- running values --------------------------------------------------------------------------- */

static void test_running(const struct samples *s)
{
	struct plait_graph *net = net_of("batchnorm:momentum=0.25 linear:4");
	struct plait_fit_options options = {
		.epochs = 1, .steps = 1, .loader.batch_size = BATCH, .quiet = true
	};
	struct plait_trainer *trainer;
	struct plait_metrics metrics;
	const float *mean, *var;
	float out[SAMPLES * 4];
	uint64_t hash;
	int wrong = 0;

	start(NULL, 2);
	trainer = trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	is_int(plait_trainer_parameters(trainer), 4,
	       "weight and bias of both layers are parameters");
	is_int(plait_trainer_buffers(trainer), 3, "what else the layer keeps is no parameter");
	mean = buffer(trainer, "0.running_mean").data;
	var = buffer(trainer, "0.running_var").data;
	ok(mean[5] == 0 && var[5] == 1, "mean 0 and variance 1 at first");
	plait_fit(trainer, s->set, &options);
	for (int j = 0; j < 6; j++) {
		double m = 0, v = 0;

		for (int i = 0; i < BATCH; i++)
			m += (double)s->x[i * 6 + j] / BATCH;
		for (int i = 0; i < BATCH; i++)
			v += pow((double)s->x[i * 6 + j] - m, 2) / (BATCH - 1);
		/* Some 20 roundings of numbers below 1. */
		wrong += fabs((double)mean[j] - 0.25 * m) > 20 * 0x1p-24 ||
			 fabs((double)var[j] - (0.75 + 0.25 * v)) > 20 * 0x1p-24;
	}
	is_int(wrong, 0, "a step takes a quarter of the batch's");
	is_int(*(int64_t *)buffer(trainer, "0.num_batches_tracked").data, 1, "and counts it");
	hash = parameters_hash(trainer);
	is_int(plait_evaluate(trainer, s->set, &options, &metrics), 0, "evaluates");
	is_int(plait_predict(trainer, s->set, &options, out), 0, "predicts");
	ok(parameters_hash(trainer) == hash, "which changes no running value");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

/* A predictor is on CPUs, and has other bits than a GPU: rounding of sums of some 20 numbers about
 * 1, in four layers. */
static bool predicts_same(const float *out, const float *predicted)
{
	bool same = true;

	for (int i = 0; i < SAMPLES * 4; i++)
		same &= on_gpu ? fabsf(out[i] - predicted[i]) < 100 * 0x1p-23f
			       : memcmp(&out[i], &predicted[i], sizeof *out) == 0;
	return same;
}

/* A sample's output is its own, whatever else is in its batch, and a predictor has the same. */
static void test_prediction(const struct samples *s)
{
	struct plait_graph *net = net_of(WORDS), *again = net_of(WORDS);
	struct plait_fit_options options = { .epochs = 2,
					     .loader.batch_size = BATCH,
					     .quiet = true };
	const char *path = files_path("batchnorm.safetensors");
	struct plait_trainer *trainer, *other;
	struct plait_predictor *of = NULL, *file = NULL;
	struct plait_predictor_options at_once = { .samples = BATCH };
	float out[SAMPLES * 4], alone[SAMPLES * 4];
	uint64_t hash;
	double worst = 0;

	start(NULL, 2);
	trainer = trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);
	plait_fit(trainer, s->set, &options);
	plait_predict(trainer, s->set, &options, out);
	is_int(plait_predictor_of(&of, trainer, &at_once), 0, "a predictor of the trainer");
	plait_predictor_run(of, s->x, SAMPLES, alone);
	ok(predicts_same(out, alone), "has the bits of prediction");
	plait_predictor_destroy(of);
	hash = parameters_hash(trainer);
	is_int(plait_trainer_save(trainer, path), 0, "saves");
	other = trainer_make(again, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);
	ok(parameters_hash(other) != hash, "another trainer has other numbers");
	is_int(plait_trainer_load(other, path), 0, "loads");
	ok(parameters_hash(other) == hash, "running values and their count too");
	plait_trainer_destroy(other);
	is_int(plait_predictor_create(&file, again, path, &at_once), 0, "a predictor of the file");
	plait_predictor_run(file, s->x, SAMPLES, alone);
	ok(predicts_same(out, alone), "has the bits of prediction");
	for (int i = 0; i < SAMPLES; i++)
		plait_predictor_run(file, s->x + (size_t)i * 6, 1, alone + (size_t)i * 4);
	for (int i = 0; i < SAMPLES * 4; i++)
		worst = fmax(worst, fabs((double)(out[i] - alone[i])));
	/* Products of some 20 numbers about 1 are added in another order, in four layers. */
	ok(worst < 100 * 0x1p-23, "one by one they are the same but for rounding, to %g", worst);
	plait_predictor_destroy(file);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_graph_destroy(again);
	plait_stop();
	unlink(path);
}

/* An infinite number in the third batch: what is kept is as after two steps, at any grain. */
static void test_halt(void)
{
	struct samples s = samples_make(50, 6, 4, 0, 1);
	static const char words[] = "linear:8 batchnorm relu linear:4";
	struct plait_fit_options options = { .loader.batch_size = 10, .quiet = true };

	start(NULL, 2);
	for (int shards = 1; shards <= 2; shards++)
		for (int g = 0; g < grains_of(shards); g++) {
			uint64_t two = hash_after(words, &s, plait_sgd(0.1), grains[g], shards, 2);
			struct plait_graph *net = net_of(words);
			struct plait_trainer *trainer =
				trainer_make(net, plait_sgd(0.1), grains[g], shards);
			float kept = s.x[25 * 6];

			s.x[25 * 6] = INFINITY;
			is_int(plait_fit(trainer, s.set, &options), PLAIT_ENAN,
			       "%s, %d shards: not finite", grain_name[g], shards);
			ok(parameters_hash(trainer) == two, "and all is as after two steps");
			s.x[25 * 6] = kept;
			plait_trainer_destroy(trainer);
			plait_graph_destroy(net);
		}
	plait_stop();
	samples_free(&s);
}

/* -- pools, and what is refused ------------------------------------------------------------------
 */

static void test_pool(const struct samples *s)
{
	struct plait_fit_options options = { .epochs = 2,
					     .loader.batch_size = BATCH,
					     .quiet = true };
	struct plait_graph *net[3];
	struct plait_trainer *trainer[3];

	start(NULL, 2);
	for (int m = 0; m < 3; m++) {
		net[m] = net_of(WORDS);
		trainer[m] = trainer_make(net[m], plait_sgd(m == 1 ? 0.01 : 0.1),
					  PLAIT_GRANULARITY_STEP, 1);
	}
	is_int(plait_pool_fit(trainer, 2, s->set, &options, NULL), 0, "a pool trains");
	plait_fit(trainer[2], s->set, &options);
	ok(parameters_hash(trainer[0]) == parameters_hash(trainer[2]), "a member as alone");
	ok(memcmp(buffer(trainer[0], "4.running_mean").data,
		  buffer(trainer[1], "4.running_mean").data, 12 * sizeof(float)) != 0,
	   "and each has running values of its own");
	for (int m = 0; m < 3; m++) {
		plait_trainer_destroy(trainer[m]);
		plait_graph_destroy(net[m]);
	}
	plait_stop();
}

static void test_weights(const struct samples *s)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 });
	struct plait_fit_options options = { .loader = { .batch_size = BATCH, .pad_last = true },
					     .epochs = 1,
					     .quiet = true };
	struct plait_trainer *trainer;
	struct plait_metrics metrics;

	start(NULL, 2);
	x = plait_linear(plait_batchnorm(x, 1e-5, 0.1), 4);
	plait_cross_entropy_weighted(x, plait_labels(net), plait_weights(net));
	trainer = trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	refused(plait_fit(trainer, s->set, &options), PLAIT_EINVAL, "batchnorm_stats counts all",
		"training with samples that do not count");
	is_int(plait_evaluate(trainer, s->set, &options, &metrics), 0,
	       "evaluation reads running values, and such samples are welcome");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

static void test_builder(void)
{
	static const struct {
		const char *words, *part;
		int status;
	} wrong[] = {
		{ "batchnorm:0.1", "there is no argument 0.1", PLAIT_EINVAL },
		{ "batchnorm:eps=0", "eps is 0, must be a float above 0", PLAIT_EINVAL },
		{ "batchnorm:eps=1e-60", "eps is 1e-60", PLAIT_EINVAL },
		{ "batchnorm:momentum=1.5", "momentum is 1.5, must be from 0 to 1", PLAIT_EINVAL },
		{ "reshape:2x3 batchnorm", "[2,3], must be [C] or [C,H,W]", PLAIT_ESHAPE },
	};
	struct plait_graph *net;
	struct plait_node *y;
	double worst = 1;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		net = plait_graph_create();
		plait_model(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 }), wrong[i].words);
		refused(plait_graph_status(net), wrong[i].status, wrong[i].part, wrong[i].words);
		plait_graph_destroy(net);
	}
	net = plait_graph_create();
	y = plait_batchnorm(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 5 }), 0.1, 0.1);
	is_int(plait_gradient_check(y, 12, &worst), 0, "gradients in training, to %g", worst);
	plait_graph_destroy(net);
	net = plait_graph_create();
	y = plait_batchnorm(plait_input(net, PLAIT_F32, 3, (int64_t[]){ 3, 4, 2 }), 0.1, 0.1);
	is_int(plait_gradient_check(y, 3, &worst), 0, "and of images, to %g", worst);
	plait_graph_destroy(net);
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	test_builder();
	test_running(&s);
	test_prediction(&s);
	test_halt();
	test_pool(&s);
	test_weights(&s);
	test_bits(&s, "prio", 2, true);
	test_bits(&s, "lws", 3, false);
	test_bits(&s, "eager", 2, false);
	test_bits(&s, "plait", 4, false);
	test_bits(&s, "random", 2, false);
	test_same();
	test_relu(&s);
	test_loading(&s);
	samples_free(&s);
	return tap_done();
}
