/* SPDX-License-Identifier: MIT
 * Dropout where nothing is trained: evaluating, predicting and passes of a pool have the bits of a
 * network without it, and validation changes no bit of the training around it.  And a training that
 * goes wrong: its step is repeated with its masks. */
#include "config.h"
#include "tests/nets.h"

#define WITH "dropout:0.1 linear:12 relu dropout linear:9 dropout:1 tanh linear:4 dropout:0.3"
#define WITHOUT "linear:12 relu linear:9 tanh linear:4"

enum { SAMPLES = 50, BATCH = 16, VALUES = SAMPLES * 4 };

static struct samples data;

/* A network and its trainer; its parameters are drawn by their numbers, so both networks have the
 * same. */
struct subject {
	struct plait_graph *net;
	struct plait_trainer *trainer;
};

static struct subject make(const char *words, enum plait_granularity grain, int shards,
			   const char *place)
{
	struct subject s = { .net = net_make(6, words, false) };

	if (place && plait_place_words(s.net, place) < 0)
		tap_bail_out("%s", plait_error_message());
	s.trainer = trainer_make(s.net, plait_adam(1e-2), grain, shards);
	return s;
}

static void destroy(struct subject *s)
{
	plait_trainer_destroy(s->trainer);
	plait_graph_destroy(s->net);
}

/* -- evaluating ------------------------------------------------------------------------------- */

struct outcome {
	double loss, accuracy, pass_loss;
	float predicted[VALUES], at_once[VALUES], passed[VALUES];
	float gradient[12 * 6];
};

static void compute(struct subject *s, struct outcome *o)
{
	struct plait_fit_options options = { .loader.batch_size = BATCH, .quiet = true };
	struct plait_fit_options whole = { .quiet = true };
	struct plait_predictor *predictor = NULL;
	struct plait_metrics metrics = { 0 };
	struct plait_tensor gradient;

	memset(o, 0, sizeof *o);
	if (plait_evaluate(s->trainer, data.set, &options, &metrics) < 0 ||
	    plait_predict(s->trainer, data.set, &options, o->predicted) < 0 ||
	    plait_predictor_of(&predictor, s->trainer, NULL) < 0 ||
	    plait_predictor_run(predictor, data.x, SAMPLES, o->at_once) < 0 ||
	    plait_pool_forward(&s->trainer, 1, data.set, &options, (float *[]){ o->passed }, NULL) <
		    0 ||
	    plait_pool_backward(&s->trainer, 1, data.set, &whole, &o->pass_loss) < 0 ||
	    plait_trainer_gradient(s->trainer, 0, &gradient) < 0)
		tap_bail_out("%s", plait_error_message());
	memcpy(o->gradient, gradient.data, sizeof o->gradient);
	o->loss = plait_metrics_loss(&metrics);
	o->accuracy = plait_metrics_accuracy(&metrics);
	plait_predictor_destroy(predictor);
}

static void test_evaluating(enum plait_granularity grain, const char *name, int shards)
{
	static struct outcome with, without;
	struct subject s = make(WITH, grain, shards, NULL);

	compute(&s, &with);
	destroy(&s);
	s = make(WITHOUT, grain, shards, NULL);
	compute(&s, &without);
	destroy(&s);
	ok(with.loss == without.loss && with.accuracy == without.accuracy,
	   "%s, %d shards: evaluating, the bits of a network without dropout", name, shards);
	ok(memcmp(with.predicted, without.predicted, sizeof with.predicted) == 0, "predicting");
	ok(memcmp(with.at_once, without.at_once, sizeof with.at_once) == 0, "a predictor");
	ok(memcmp(with.passed, without.passed, sizeof with.passed) == 0, "a pass forward");
	ok(with.pass_loss == without.pass_loss &&
		   memcmp(with.gradient, without.gradient, sizeof with.gradient) == 0,
	   "a pass backward: loss and gradient");
}

/* -- training with validation -------------------------------------------------------------------
 */

struct fitted {
	struct losses losses;
	uint64_t hash;
};

static void fit(const char *words, enum plait_granularity grain, const char *place, bool validates,
		bool beside, struct fitted *f)
{
	struct subject s = make(words, grain, 2, place);
	struct plait_fit_options options = { .epochs = 3,
					     .loader = { .batch_size = BATCH, .shuffle = true },
					     .validation = validates ? data.set : NULL,
					     .overlap_validation = beside,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &f->losses };

	memset(f, 0, sizeof *f);
	if (plait_fit(s.trainer, data.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	f->hash = parameters_hash(s.trainer);
	destroy(&s);
}

static bool same_training(const struct fitted *a, const struct fitted *b)
{
	return a->losses.count == b->losses.count && a->hash == b->hash &&
	       memcmp(a->losses.loss, b->losses.loss,
		      (size_t)a->losses.count * sizeof *a->losses.loss) == 0;
}

#define TRAINED "dropout:0.1 linear:12 relu dropout linear:4"

static void test_validation(void)
{
	static struct fitted alone, validated, beside, placed, off;

	fit(TRAINED, PLAIT_GRANULARITY_LAYER, NULL, false, false, &alone);
	fit(TRAINED, PLAIT_GRANULARITY_LAYER, NULL, true, false, &validated);
	ok(same_training(&alone, &validated), "validation changes no bit of training");
	fit(TRAINED, PLAIT_GRANULARITY_LAYER, NULL, true, true, &beside);
	ok(same_training(&alone, &beside) &&
		   beside.losses.validation_loss == validated.losses.validation_loss,
	   "nor does validation beside it, which has the same loss");
	fit("linear:12 relu linear:4", PLAIT_GRANULARITY_LAYER, NULL, true, false, &off);
	ok(off.losses.loss[0] != alone.losses.loss[0], "without dropout losses are others");
	/* The dropout of the input is a stage, in which validation has nothing to compute. */
	for (int g = 0; g < grains_of(2); g++) {
		fit(TRAINED, grains[g], "0:cpu0 1:cpu1 2-:cpu0", true, false, &placed);
		ok(same_training(&alone, &placed) &&
			   placed.losses.validation_loss == validated.losses.validation_loss,
		   "%s: a dropout that is a stage of its own", grain_name[g]);
	}
}

/* -- what goes wrong ----------------------------------------------------------------------------
 */

static void test_halted(bool lent)
{
	struct subject s = make(TRAINED, PLAIT_GRANULARITY_AUTO, 1, NULL);
	struct plait_run *run = NULL;
	struct plait_run_options options = { .loader.batch_size = BATCH };
	int status = 0;

	if (plait_run_open(&run, s.trainer, lent ? NULL : data.set, &options) < 0 ||
	    plait_run_set_lr(run, 1e30) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int step = 0; step < 3 && status == 0; step++) {
		struct plait_slot slot;

		if (!lent)
			status = plait_run_step(run);
		else if ((status = plait_run_slot(run, &slot)) == 0) {
			memcpy(slot.x, data.x, BATCH * 6 * sizeof(float));
			memcpy(slot.labels, data.labels, BATCH * sizeof(int32_t));
			status = plait_run_submit(run, BATCH);
		}
	}
	if (status == 0)
		status = plait_run_wait(run);
	refused(status, PLAIT_ENAN, "first seen in",
		lent ? "a loss that is not finite, of a program's batch" : "one of a data set");
	plait_run_close(run);
	destroy(&s);
}

/* What predicts nothing but its input has no task. */
static void test_nothing_to_do(const char *word)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_trainer *trainer = NULL;
	float out[SAMPLES * 6];

	plait_model(plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 }), word);
	if (plait_trainer_create(&trainer, net,
				 &(struct plait_trainer_options){ .forward_only = true }) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_predict(trainer, data.set, &(struct plait_fit_options){ .quiet = true }, out),
		PLAIT_EINVAL, "the output is the input", word);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

int main(void)
{
	if (plait_start(&(struct plait_start_options){ .cpu_workers = 2 }) < 0)
		tap_bail_out("%s", plait_error_message());
	data = samples_make(SAMPLES, 6, 4, 0, 1);
	for (int shards = 1; shards <= 3; shards++)
		for (int g = 0; g < grains_of(shards); g++)
			test_evaluating(grains[g], grain_name[g], shards);
	if (plait_cuda_workers() == 0)
		test_validation();
	test_halted(false);
	test_halted(true);
	test_nothing_to_do("dropout");
	test_nothing_to_do("flatten");
	samples_free(&data);
	plait_stop();
	return tap_done();
}
