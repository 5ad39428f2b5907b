/* SPDX-License-Identifier: MIT
 * Weights of classes and ignored labels in training: what they must not change, where nothing
 * counts, labels that no output stands for. */
#include "config.h"
#include "tests/nets.h"

enum { SAMPLES = 45, FEATURES = 6, CLASSES = 4, BATCH = 16, EPOCHS = 3 }; /* the last batch: 13 */

static const float ones[] = { 1, 1, 1, 1 };

static struct plait_graph *net_with(struct plait_cross_entropy_options options, bool weighted)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });

	options.weights = weighted ? plait_weights(graph) : NULL;
	plait_cross_entropy_with(branches(x, CLASSES), plait_labels(graph), &options);
	if (plait_graph_status(graph) < 0)
		tap_bail_out("%s", plait_error_message());
	return graph;
}

struct result {
	struct losses losses;
	uint64_t before, after; /* of the parameters */
};

/* Returns plait_fit's status; pad: so the loss has weights. */
static int train(struct plait_dataset *set, struct plait_cross_entropy_options options, bool pad,
		 int shards, struct result *result)
{
	struct plait_graph *graph = net_with(options, pad);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, shards);
	struct plait_fit_options fit = { .epochs = EPOCHS,
					 .loader.batch_size = BATCH,
					 .loader.shuffle = true,
					 .loader.pad_last = pad,
					 .validation = set,
					 .log_every = 1,
					 .quiet = true,
					 .on_event = losses_take,
					 .user = &result->losses };
	int status;

	memset(result, 0, sizeof *result);
	result->before = parameters_hash(trainer);
	status = plait_fit(trainer, set, &fit);
	result->after = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	return status;
}

static void trained(struct plait_dataset *set, struct plait_cross_entropy_options options, bool pad,
		    int shards, struct result *result)
{
	if (train(set, options, pad, shards, result) < 0)
		tap_bail_out("%s", plait_error_message());
}

static bool same(const struct result *a, const struct result *b)
{
	return losses_equal(&a->losses, &b->losses) && a->after == b->after;
}

/* What has no effect changes no bit, and what has one does. */
static void test_no_effect(int shards)
{
	static struct result plain, other;
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);

	trained(s.set, (struct plait_cross_entropy_options){ 0 }, false, shards, &plain);
	trained(s.set,
		(struct plait_cross_entropy_options){ .class_weights = ones, .classes = CLASSES },
		false, shards, &other);
	ok(same(&plain, &other), "%d shards: weights of 1 change no bit", shards);
	trained(s.set,
		(struct plait_cross_entropy_options){ .ignores = true, .ignore_index = CLASSES },
		false, shards, &other);
	ok(same(&plain, &other), "%d shards: nor does a label that no sample has", shards);
	trained(s.set, (struct plait_cross_entropy_options){ .ignores = true, .ignore_index = 1 },
		false, shards, &other);
	ok(!same(&plain, &other), "%d shards: one that some have does", shards);
	is_int(other.losses.train.samples, SAMPLES, "%d shards: all samples are counted", shards);
	samples_free(&s);
}

/* Numbers are about 1: a padded batch has the same terms with other roundings, as in
 * tests/trainer/weights.c. */
static void test_padded(int shards)
{
	static struct result plain, padded;
	const struct plait_cross_entropy_options options = {
		.label_smoothing = 0.1f,
		.class_weights = (float[]){ 1, 3, 0.5f, 0 },
		.classes = CLASSES,
		.ignores = true,
		.ignore_index = 2,
	};
	struct samples s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	double worst = 0;

	trained(s.set, options, false, shards, &plain);
	trained(s.set, options, true, shards, &padded);
	is_int(plain.losses.count, padded.losses.count, "%d shards: as many steps", shards);
	for (int i = 0; i < plain.losses.count; i++)
		worst = fmax(worst,
			     fabs((double)plain.losses.loss[i] - (double)padded.losses.loss[i]));
	is_near(worst, 0, 2e-6, "%d shards: what fills a batch up does not count", shards);
	samples_free(&s);
}

/* -- labels as they are given ------------------------------------------------------------------ */

struct labelled {
	struct samples s;
	int32_t label[SAMPLES];
	struct plait_dataset *set;
};

/* Sample i has label other if i is a multiple of every, else one of the classes. */
static void label(struct labelled *l, int32_t other, int every)
{
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, FEATURES } };
	struct plait_tensor y = { .dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES } };

	l->s = samples_make(SAMPLES, FEATURES, CLASSES, 0, 1);
	for (int i = 0; i < SAMPLES; i++)
		l->label[i] = i % every == 0 ? other : i % CLASSES;
	x.data = l->s.x;
	y.data = l->label;
	if (plait_dataset_from_memory(&l->set, &x, &y, 0) < 0)
		tap_bail_out("%s", plait_error_message());
}

static void labelled_free(struct labelled *l)
{
	plait_dataset_destroy(l->set);
	samples_free(&l->s);
}

static void test_nothing_counts(void)
{
	static struct result result;
	struct labelled l;
	bool zero = true;

	label(&l, 2, 1);
	trained(l.set, (struct plait_cross_entropy_options){ .ignores = true, .ignore_index = 2 },
		false, 3, &result);
	for (int i = 0; i < result.losses.count; i++)
		zero &= result.losses.loss[i] == 0;
	ok(zero && result.losses.count == 3 * EPOCHS, "without a label that counts losses are 0");
	ok(result.after == result.before, "and no parameter changes");
	trained(l.set,
		(struct plait_cross_entropy_options){ .label_smoothing = 0.5f,
						      .class_weights = (float[]){ 1, 1, 0, 1 },
						      .classes = CLASSES },
		false, 2, &result);
	ok(result.losses.loss[0] == 0 && result.after == result.before,
	   "nor where the classes of all labels have weight 0");
	labelled_free(&l);
}

static void test_beyond(void)
{
	static struct result result;
	struct plait_cross_entropy_options options = { .ignores = true, .ignore_index = 255 };
	struct labelled l;

	label(&l, 255, 5);
	trained(l.set, options, false, 2, &result);
	ok(isfinite(result.losses.train_loss) && result.losses.train_loss > 0.1,
	   "a label that no output stands for may be ignored");
	ok(result.losses.train.correct <= SAMPLES * 4 / 5, "it is no right answer");
	l.label[1] = CLASSES;
	refused(train(l.set, options, false, 1, &result), PLAIT_ELABEL, "labels are 0 to 4",
		"another one may not");
	options.ignore_index = 254;
	refused(train(l.set, options, false, 1, &result), PLAIT_ELABEL, "labels are 0 to 255",
		"nor if it is not ignored");
	labelled_free(&l);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int shards = 1; shards <= 3; shards += 2) {
		test_no_effect(shards);
		test_padded(shards);
	}
	test_nothing_counts();
	test_beyond();
	plait_stop();
	return tap_done();
}
