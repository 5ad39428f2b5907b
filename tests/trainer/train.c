/* SPDX-License-Identifier: MIT
 * Runs of the trainer: what goes on from run to run, what evaluate and predict see of it, how a
 * run ends, and what it tells meanwhile. */
#include "config.h"
#include "tests/nets.h"

#include <unistd.h>

#define WORDS "linear:16 relu linear:4"

/* -- one run goes on where the last ended -------------------------------------------- */

static struct plait_fit_options recorded(struct losses *losses, int epochs)
{
	return (struct plait_fit_options){ .epochs = epochs,
					   .loader.batch_size = 32,
					   .log_every = 1,
					   .on_event = losses_take,
					   .user = losses };
}

static void test_continue(struct plait_optimizer optimizer, const char *name)
{
	static struct losses once, twice;
	struct samples s = samples_make(200, 6, 4, 0, 1);
	struct plait_graph *a = net_make(6, WORDS, false), *b = net_make(6, WORDS, false);
	struct plait_trainer *one = trainer_make(a, optimizer, PLAIT_GRANULARITY_AUTO, 0);
	struct plait_trainer *two = trainer_make(b, optimizer, PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = recorded(&once, 4);

	once.count = twice.count = 0;
	plait_fit(one, s.set, &options);
	options = recorded(&twice, 1);
	plait_fit(two, s.set, &options);
	options.epochs = 3;
	plait_fit(two, s.set, &options);
	ok(once.count == 28 && twice.count == 28 &&
		   memcmp(once.loss, twice.loss, sizeof(float) * 28) == 0,
	   "%s: one epoch, then three more, are four epochs, bit for bit", name);
	ok(parameters_hash(one) == parameters_hash(two), "%s: and so are the parameters", name);
	ok(once.loss[27] < once.loss[0], "%s: the loss went down, from %g to %g", name,
	   once.loss[0], once.loss[27]);
	plait_trainer_destroy(one);
	plait_trainer_destroy(two);
	plait_graph_destroy(a);
	plait_graph_destroy(b);
	samples_free(&s);
}

/* -- evaluate and predict see the same network --------------------------------------- */

/* Loss and accuracy of logits, in double precision. */
static double reference_loss(const float *out, const int32_t *labels, int64_t n, int classes,
			     int64_t *correct)
{
	double sum = 0;

	*correct = 0;
	for (int64_t i = 0; i < n; i++) {
		const float *x = out + i * classes;
		double total = 0;
		int best = 0;

		for (int j = 0; j < classes; j++) {
			total += exp((double)x[j]);
			best = x[j] > x[best] ? j : best;
		}
		sum += log(total) - (double)x[labels[i]];
		*correct += best == labels[i];
	}
	return sum / (double)n;
}

static void test_evaluate(enum plait_granularity grain, int shards, const char *name)
{
	static struct losses losses;
	struct samples s = samples_make(203, 6, 4, 0, 2), v = samples_make(77, 6, 4, 0, 3);
	struct plait_graph *net = branching_net(6, 4);
	struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grain, shards);
	struct plait_fit_options options = recorded(&losses, 3);
	struct plait_metrics metrics;
	float out[77 * 4];
	uint64_t before;
	int64_t correct;
	double loss;

	memset(&losses, 0, sizeof losses);
	options.validation = v.set;
	is_int(plait_fit(trainer, s.set, &options), 0, "%s, %d shards: fit", name, shards);
	before = parameters_hash(trainer);
	is_int(plait_evaluate(trainer, v.set, &options, &metrics), 0, "evaluate");
	ok(parameters_hash(trainer) == before, "evaluating changes no parameter");
	ok(plait_metrics_loss(&metrics) == losses.validation_loss &&
		   metrics.correct == losses.validation.correct,
	   "it agrees with the validation after the last epoch, bit for bit");
	is_int(plait_predict(trainer, v.set, &options, out), 0, "predict");
	loss = reference_loss(out, v.labels, 77, 4, &correct);
	/* Logits are below 10 here: three batches' means of float32, a few units in the last place.
	 */
	is_near(plait_metrics_loss(&metrics), loss, 2e-6, "the loss follows from the predictions");
	is_int(metrics.correct, correct, "and so does the count of right answers");
	is_int(metrics.samples, 77, "of 77 samples");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
	samples_free(&v);
}

/* -- more shards than a StarPU task has room for handles ----------------------------- */

static void test_many_shards(void)
{
	static struct losses losses, first;
	struct samples s = samples_make(203, 6, 4, 0, 2);

	for (int g = 0; g < grains_of(12); g++) {
		struct plait_graph *net = branching_net(6, 4);
		struct plait_trainer *trainer = trainer_make(net, plait_adam(1e-2), grains[g], 12);
		struct plait_fit_options options = recorded(g ? &losses : &first, 2);

		memset(options.user, 0, sizeof losses);
		is_int(plait_fit(trainer, s.set, &options), 0, "%s, 12 shards", grain_name[g]);
		ok(g == 0 || losses_equal(&losses, &first),
		   "the same losses as at the first grain");
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
	}
	ok(first.loss[13] < first.loss[0], "the loss went down, from %g to %g", first.loss[0],
	   first.loss[13]);
	samples_free(&s);
}

/* -- an epoch's figures are its steps' ----------------------------------------------- */

static void test_metrics(void)
{
	static struct losses losses;
	struct samples s = samples_make(100, 6, 4, 0, 4);
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_fit_options options = recorded(&losses, 1);
	struct plait_metrics metrics = { 0 };
	double sum;

	memset(&losses, 0, sizeof losses);
	options.metrics = &metrics;
	plait_fit(trainer, s.set, &options);
	sum = 32 * ((double)losses.loss[0] + losses.loss[1] + losses.loss[2]) +
	      4 * (double)losses.loss[3];
	is_int(losses.count, 4, "100 samples are four steps of 32");
	/* Sums of a few products in double precision: only their order may differ. */
	is_near(losses.train.loss_sum, sum, 1e-12 * sum,
		"the epoch's loss is the sum over its samples");
	is_int(losses.train.samples, 100, "of 100 samples");
	is_int(losses.train.steps, 4, "in 4 steps");
	ok(losses.train.seconds > 0 && losses.train.load.wait_seconds <= losses.train.seconds,
	   "they took time, and waiting is a part of it");
	ok(memcmp(&metrics, &losses.train, sizeof metrics) == 0,
	   "options.metrics are the last epoch's");
	is_int(losses.step[0], 1, "steps count from 1");
	is_int(losses.step[3], 4, "to 4");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
}

/* -- two trainers, two starts -------------------------------------------------------- */

static uint64_t train_alone(struct samples *s, const char *words, uint64_t *last)
{
	static struct losses losses;
	struct plait_graph *net = net_make(6, words, false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 2);
	struct plait_fit_options options = recorded(&losses, 2);
	uint64_t hash;

	losses.count = 0;
	options.loader.shuffle = true;
	plait_fit(trainer, s->set, &options);
	hash = parameters_hash(trainer);
	*last = 0;
	memcpy(last, &losses.loss[losses.count - 1], sizeof(float));
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return hash;
}

static void test_two_trainers(void)
{
	struct samples s = samples_make(150, 6, 4, 0, 5);
	struct plait_graph *a = net_make(6, WORDS, false),
			   *b = net_make(6, "linear:9 tanh linear:4", false);
	struct plait_trainer *one = trainer_make(a, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 2);
	struct plait_trainer *two = trainer_make(b, plait_adam(1e-2), PLAIT_GRANULARITY_LAYER, 2);
	struct plait_fit_options options = {
		.epochs = 1, .loader.batch_size = 32, .loader.shuffle = true, .quiet = true
	};
	uint64_t last, alone = train_alone(&s, WORDS, &last),
		       other = train_alone(&s, "linear:9 tanh linear:4", &last);

	options.epochs = 2;
	plait_fit(one, s.set, &options);
	plait_fit(two, s.set, &options);
	ok(parameters_hash(one) == alone, "a trainer is what it would be without the other");
	ok(parameters_hash(two) == other, "and so is the other");
	plait_trainer_destroy(one);
	plait_trainer_destroy(two);
	plait_graph_destroy(a);
	plait_graph_destroy(b);
	plait_stop();
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	ok(train_alone(&s, WORDS, &last) == alone,
	   "after plait_stop and plait_start the same again");
	samples_free(&s);
}

/* -- save and load ------------------------------------------------------------------- */

/* The state of SGD without momentum is nothing, so a file is enough to go on from.  (Momenta are
 * not in the file: it is PyTorch's state_dict of the network.) */
static void test_save(void)
{
	static struct losses straight, resumed;
	static const char path[] = "train-test.safetensors";
	struct samples s = samples_make(150, 6, 4, 0, 6);
	struct plait_graph *a = net_make(6, WORDS, false), *b = net_make(6, WORDS, false);
	struct plait_trainer *one = trainer_make(a, plait_sgd(0.1), PLAIT_GRANULARITY_STEP, 0);
	struct plait_trainer *two = trainer_make(b, plait_sgd(0.1), PLAIT_GRANULARITY_OP, 0);
	struct plait_fit_options options = recorded(&straight, 2);

	plait_fit(one, s.set, &options);
	is_int(plait_trainer_save(one, path), 0, "save");
	ok(parameters_hash(one) != parameters_hash(two), "another trainer has other parameters");
	is_int(plait_trainer_load(two, path), 0, "load");
	ok(parameters_hash(one) == parameters_hash(two), "now the same, bit for bit");
	memset(&straight, 0, sizeof straight);
	plait_fit(one, s.set, &options);
	options = recorded(&resumed, 2);
	plait_fit(two, s.set, &options);
	ok(losses_equal(&straight, &resumed),
	   "and it goes on with the same losses, at another granularity too");
	unlink(path);
	plait_trainer_destroy(one);
	plait_trainer_destroy(two);
	plait_graph_destroy(a);
	plait_graph_destroy(b);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_continue(plait_sgd(0.1), "sgd");
	test_continue(
		(struct plait_optimizer){
			.kind = PLAIT_SGD, .lr = 0.05, .momentum = 0.9, .nesterov = true },
		"sgd with momentum");
	test_continue(plait_adam(1e-2), "adam");
	test_continue(plait_adamw(1e-2), "adamw");
	for (int shards = 1; shards <= 3; shards += 2)
		for (int g = 0; g < grains_of(shards); g++)
			test_evaluate(grains[g], shards, grain_name[g]);
	test_many_shards();
	test_metrics();
	test_two_trainers();
	test_save();
	plait_stop();
	return tap_done();
}
