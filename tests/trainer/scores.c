/* SPDX-License-Identifier: MIT
 * Scores of an evaluation and of validation: they are those that a program makes of predictions,
 * the same bits under every policy, number of workers, granularity, shard and padded batch; losses
 * of samples add up to the loss; and nothing else changes where scores are wanted. */
#include "config.h"
#include "tests/nets.h"
#include <starpu.h>

enum { SAMPLES = 61, FEATURES = 6, CLASSES = 4, BATCH = 16, EPOCHS = 3 };

enum kind { LABELS, YES, NUMBERS, KINDS };
static const char *const kind_name[] = { "classes", "yes or no", "numbers" };

struct network {
	enum kind kind;
	bool weighted;
};

static struct plait_graph *graph_of(const struct network *n)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x =
		branches(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES }), CLASSES);
	struct plait_node *w = n->weighted ? plait_weights(graph) : NULL;
	struct plait_node *t =
		n->kind == LABELS ? plait_labels(graph) : plait_targets(graph, CLASSES);

	if (n->kind == LABELS)
		w ? plait_cross_entropy_weighted(x, t, w) : plait_cross_entropy(x, t);
	else if (n->kind == YES)
		w ? plait_bce_with_logits_weighted(x, t, w) : plait_bce_with_logits(x, t);
	else
		w ? plait_mse_weighted(x, t, w) : plait_mse(x, t);
	if (plait_graph_status(graph) < 0)
		tap_bail_out("%s", plait_error_message());
	return graph;
}

/* Products of features are as often above a half of their size as below. */
static struct samples data_of(enum kind kind, int64_t n, uint64_t seed)
{
	struct samples s = samples_make(n, FEATURES, kind == LABELS ? CLASSES : 0,
					kind == LABELS ? 0 : CLASSES, seed);

	for (int64_t i = 0; i < n * CLASSES && kind == YES; i++)
		s.targets[i] = s.targets[i] > 0;
	return s;
}

static struct plait_scores *make(struct plait_scores_options options)
{
	struct plait_scores *scores = NULL;

	if (plait_scores_create(&scores, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return scores;
}

static struct plait_scores *make_all(void)
{
	return make((struct plait_scores_options){
		.confusion = true, .calibration = true, .auroc = true, .worst = 9 });
}

static struct plait_scores_result result_of(struct plait_scores *scores)
{
	struct plait_scores_result r;

	if (plait_scores_result(scores, &r) < 0)
		tap_bail_out("%s", plait_error_message());
	return r;
}

/* -- comparing -------------------------------------------------------------------------------- */

static uint64_t hash_of(uint64_t hash, const void *memory, size_t bytes)
{
	for (size_t i = 0; memory && i < bytes; i += sizeof hash) {
		uint64_t word;

		memcpy(&word, (const char *)memory + i, sizeof word);
		hash = plait__key(hash, word);
	}
	return hash;
}

/* Of all figures, bit for bit. */
static uint64_t hash_scores(struct plait_scores *scores)
{
	struct plait_scores_result r = result_of(scores);
	size_t classes = (size_t)r.classes;
	double figure[] = { (double)r.samples, r.accuracy,          r.macro.f1,
			    r.macro.recall,    r.macro.precision,   r.micro.f1,
			    r.auroc,           r.calibration_error, r.numbers.mae,
			    r.numbers.rmse,    r.numbers.r2,        plait_scores_top(scores, 2) };
	uint64_t hash = hash_of(1, figure, sizeof figure);

	hash = hash_of(hash, r.by_class, classes * sizeof *r.by_class);
	hash = hash_of(hash, r.confusion, classes * classes * sizeof *r.confusion);
	hash = hash_of(hash, r.by_output, (size_t)r.outputs * sizeof *r.by_output);
	return hash_of(hash, r.worst_sample, (size_t)r.worst * sizeof *r.worst_sample);
}

/* -- evaluating ------------------------------------------------------------------------------- */

struct way {
	enum plait_granularity grain;
	int shards, microbatches;
	int64_t batch;
	bool pad;
};

static struct plait_trainer *trainer_of(struct plait_graph *graph, const struct way *way)
{
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options options = {
		.optimizer = plait_adam(1e-2),
		.granularity = way->grain,
		.steps_per_task = way->grain == PLAIT_GRANULARITY_RUN ? STEPS_PER_TASK : 0,
		.shards = way->shards,
		.microbatches = way->microbatches,
		.seed = 7
	};

	if (plait_trainer_create(&trainer, graph, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

static uint64_t evaluate(enum kind kind, const struct samples *s, const struct way *way)
{
	struct network n = { .kind = kind, .weighted = way->pad };
	struct plait_graph *graph = graph_of(&n);
	struct plait_trainer *trainer = trainer_of(graph, way);
	struct plait_scores *scores = make_all();
	struct plait_fit_options options = { .loader.batch_size = way->batch,
					     .loader.pad_last = way->pad,
					     .scores = scores };
	struct plait_metrics metrics;
	uint64_t hash;

	if (plait_evaluate(trainer, s->set, &options, &metrics) < 0)
		tap_bail_out("%s", plait_error_message());
	if (kind == LABELS)
		is_near(result_of(scores).accuracy, plait_metrics_accuracy(&metrics), 1e-15,
			"the accuracy is that of the metrics");
	hash = hash_scores(scores);
	plait_scores_destroy(scores);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	return hash;
}

/* What a program makes of predictions, but for the losses. */
static void test_predictions(enum kind kind, const struct samples *s)
{
	struct network n = { .kind = kind };
	struct way way = { .grain = PLAIT_GRANULARITY_STEP };
	struct plait_graph *graph = graph_of(&n);
	struct plait_trainer *trainer = trainer_of(graph, &way);
	struct plait_scores_options all = { .confusion = true, .calibration = true, .auroc = true };
	struct plait_scores *evaluated = make(all), *predicted;
	float *out = malloc(SAMPLES * CLASSES * sizeof *out);
	struct plait_metrics metrics;

	all.kind = (enum plait_scores_kind)(kind + 1);
	all.outputs = CLASSES;
	predicted = make(all);
	if (plait_evaluate(trainer, s->set, &(struct plait_fit_options){ .scores = evaluated },
			   &metrics) < 0 ||
	    plait_predict(trainer, s->set, NULL, out) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_scores_add(predicted, &(struct plait_scores_rows){ .rows = SAMPLES,
								 .outputs = out,
								 .labels = s->labels,
								 .targets = s->targets });
	ok(hash_scores(evaluated) == hash_scores(predicted),
	   "%s: the scores of an evaluation are those of predictions", kind_name[kind]);
	is_int(result_of(evaluated).samples, SAMPLES, "%s: of all samples", kind_name[kind]);
	free(out);
	plait_scores_destroy(evaluated);
	plait_scores_destroy(predicted);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

static void test_ways(enum kind kind, const struct samples *s, uint64_t *first, const char *policy)
{
	for (int shards = 1; shards <= 7; shards++)
		for (int g = 0; g < grains_of(shards); g++)
			for (int p = 0; p < 2; p++) {
				struct way way = { .grain = grains[g],
						   .shards = shards,
						   .batch = p ? 3 * BATCH / 2 : BATCH,
						   .pad = p };
				uint64_t hash = evaluate(kind, s, &way);

				if (*first == 0)
					*first = hash;
				ok(hash == *first, "%s, %s: %s, %d shards%s: the same bits", policy,
				   kind_name[kind], grain_name[g], shards, p ? ", padded" : "");
			}
	ok(evaluate(kind, s, &(struct way){ .shards = 2, .microbatches = 3, .batch = SAMPLES }) ==
		   *first,
	   "%s, %s: in microbatches of one batch", policy, kind_name[kind]);
}

static void test_policies(void)
{
	static const char *const policies[] = { "eager", "plait", "dmda" };
	uint64_t first[KINDS] = { 0 };

	for (int p = 0; p < 3; p++) {
		struct plait_start_options start = { .policy = policies[p],
						     .cpu_workers = 1 + p % 2 };

		if (plait_start(&start) < 0)
			tap_bail_out("%s", plait_error_message());
		for (int kind = LABELS; kind < KINDS; kind++) {
			struct samples s = data_of((enum kind)kind, SAMPLES, 1);

			test_predictions((enum kind)kind, &s);
			test_ways((enum kind)kind, &s, &first[kind], policies[p]);
			samples_free(&s);
		}
		plait_stop();
	}
	ok(first[0] != first[1] && first[1] != first[2], "and other data have others");
}

/* -- losses of samples ------------------------------------------------------------------------ */

enum { PLAIN, SMOOTH, WEIGHTED, IGNORES, NLL, L1, HUBER, BCE, SUM, TWO, LOSSES };
static const char *const loss_name[] = { "cross_entropy",   "smoothed", "weighted",
					 "ignoring",        "nll",      "l1",
					 "huber",           "bce",      "sum",
					 "of another layer" };

static bool has_labels(int loss)
{
	return loss < L1 || loss == TWO;
}

static void add_loss(struct plait_node *x, int loss)
{
	struct plait_graph *graph = plait_node_graph(x);
	struct plait_node *labels = has_labels(loss) ? plait_labels(graph) : NULL;
	struct plait_node *targets = labels ? NULL : plait_targets(graph, CLASSES);
	const float weights[CLASSES] = { 1, 2, 0.5f, 3 };
	struct plait_cross_entropy_options o = { .classes = CLASSES };

	if (loss == SMOOTH)
		o.label_smoothing = 0.1f;
	if (loss == WEIGHTED)
		o.class_weights = weights;
	o.ignores = loss == IGNORES;
	o.ignore_index = 2;
	if (loss < NLL)
		plait_cross_entropy_with(x, labels, &o);
	else if (loss == NLL)
		plait_nll(plait_log_softmax(x), labels);
	else if (loss == L1)
		plait_l1(x, targets);
	else if (loss == HUBER)
		plait_huber(x, targets, 0.1f);
	else if (loss == BCE)
		plait_bce_with_logits(x, targets);
	else if (loss == SUM)
		plait_loss(
			plait_add(plait_scale(plait_mse(x, targets), 0.5f), plait_l1(x, targets)));
	else /* the output is not what the loss reads */
		plait_output(plait_softmax(x)), plait_cross_entropy(x, labels);
}

/* The mean of the losses of all samples that count, each alone.  What weighs by class has another
 * mean, so it is left out. */
static double mean_of(const struct plait_scores_result *r)
{
	double sum = 0;

	for (int64_t i = 0; i < r->worst; i++)
		sum += r->worst_sample[i].loss;
	return sum / (double)r->worst;
}

static void test_loss(int loss)
{
	struct samples s = samples_make(SAMPLES, FEATURES, has_labels(loss) ? CLASSES : 0,
					has_labels(loss) ? 0 : CLASSES, 4);
	struct plait_graph *graph = plait_graph_create();
	struct plait_trainer *trainer;
	struct plait_scores *scores =
		make((struct plait_scores_options){ .worst = SAMPLES, .calibration = true });
	struct plait_fit_options options = { .loader.batch_size = 7, .scores = scores };
	struct plait_scores_result r;
	struct plait_metrics metrics;

	add_loss(branches(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES }), CLASSES),
		 loss);
	trainer = trainer_of(graph, &(struct way){ .shards = 2 });
	if (plait_evaluate(trainer, s.set, &options, &metrics) < 0)
		tap_bail_out("%s: %s", loss_name[loss], plait_error_message());
	r = result_of(scores);
	is_int(r.worst, r.samples, "%s: each sample has a loss", loss_name[loss]);
	ok(loss == IGNORES ? r.samples < SAMPLES : r.samples == SAMPLES,
	   "%s: so many samples count", loss_name[loss]);
	/* Floats of each batch, and of each sample. */
	if (loss != WEIGHTED && loss != IGNORES)
		is_near(mean_of(&r), plait_metrics_loss(&metrics),
			1e-6 * plait_metrics_loss(&metrics), "%s: their mean is the loss",
			loss_name[loss]);
	for (int64_t i = 1; i < r.worst; i++)
		if (!(r.worst_sample[i].loss <= r.worst_sample[i - 1].loss))
			ok(false, "%s: the largest first", loss_name[loss]);
	if (loss == WEIGHTED || loss == PLAIN || loss == TWO)
		is_near(r.worst_sample[0].loss, 1.5, 1.5, "%s: a loss without its class's weight",
			loss_name[loss]);
	plait_scores_destroy(scores);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

/* A softmax at the end gives probabilities, which are not made anew: those of the same network. */
static void test_probabilities(void)
{
	struct samples s = data_of(LABELS, SAMPLES, 1);
	uint64_t hash[2];

	for (int ends = 0; ends < 2; ends++) {
		struct plait_graph *graph = plait_graph_create();
		struct plait_node *x = branches(
			plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES }), CLASSES);
		struct plait_scores *scores =
			make((struct plait_scores_options){ .calibration = true, .auroc = true });
		struct plait_scores_result r;
		struct plait_metrics metrics;
		struct plait_trainer *trainer;

		if (ends)
			plait_output(plait_softmax(x));
		plait_cross_entropy(x, plait_labels(graph));
		trainer = trainer_of(graph, &(struct way){ 0 });
		if (plait_evaluate(trainer, s.set, &(struct plait_fit_options){ .scores = scores },
				   &metrics) < 0)
			tap_bail_out("%s", plait_error_message());
		r = result_of(scores);
		/* A float of softmax is off by a few UNITs. */
		hash[ends] = (uint64_t)llrint(r.calibration_error * 1e5) * 100000 +
			     (uint64_t)llrint(r.auroc * 1e4);
		plait_scores_destroy(scores);
		plait_trainer_destroy(trainer);
		plait_graph_destroy(graph);
	}
	is_int(hash[1], hash[0], "the network's output is scored: probabilities as they are");
	samples_free(&s);
}

/* -- training -------------------------------------------------------------------------------- */

struct told {
	struct losses losses;
	struct plait_scores *scores;
	int epochs;
	double accuracy[64]; /* of validation, as scores have it */
	double expected[64]; /* as metrics have it */
	uint64_t hash[64];
	bool slow;
};

static int tell(void *user, const struct plait_event *event)
{
	struct told *told = user;

	if (event->kind == PLAIT_EVENT_EPOCH && event->validation && told->scores) {
		if (told->slow)
			starpu_sleep(0.02f);
		told->accuracy[told->epochs] = result_of(told->scores).accuracy;
		told->hash[told->epochs] = hash_scores(told->scores);
		told->expected[told->epochs++] = plait_metrics_accuracy(event->validation);
	}
	return losses_take(&told->losses, event);
}

static uint64_t train(struct told *told, const struct samples *s, const struct samples *validation,
		      bool overlaps, int epochs)
{
	struct network n = { .kind = LABELS };
	struct plait_graph *graph = graph_of(&n);
	struct plait_trainer *trainer = trainer_of(graph, &(struct way){ .shards = 2 });
	struct plait_fit_options options = { .epochs = epochs,
					     .loader.batch_size = BATCH,
					     .validation = validation->set,
					     .overlap_validation = overlaps,
					     .scores = told->scores,
					     .log_every = 1,
					     .on_event = tell,
					     .user = told };
	uint64_t hash, last = 0;
	struct plait_metrics metrics;

	if (plait_fit(trainer, s->set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	if (told->scores)
		last = hash_scores(told->scores);
	if (told->scores && plait_evaluate(trainer, validation->set, &options, &metrics) < 0)
		tap_bail_out("%s", plait_error_message());
	if (told->scores) {
		ok(last == told->hash[epochs - 1],
		   "after the run they are those of the last epoch");
		ok(hash_scores(told->scores) == last, "and those of an evaluation");
	}
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	return hash;
}

static void test_validation(bool overlaps, int64_t samples, int epochs, bool slow)
{
	struct samples s = data_of(LABELS, samples, 1),
		       validation = data_of(LABELS, samples / 2 + 1, 2);
	struct told *plain = calloc(1, sizeof *plain), *told = calloc(1, sizeof *told);
	int wrong = 0, same = 0;
	uint64_t hash = train(plain, &s, &validation, overlaps, epochs);

	told->scores = make_all();
	told->slow = slow;
	ok(train(told, &s, &validation, overlaps, epochs) == hash,
	   "parameters have the bits that they have without scores");
	ok(losses_equal(&plain->losses, &told->losses), "and so have losses");
	is_int(told->epochs, epochs, "each validation is scored");
	for (int e = 0; e < told->epochs; e++) {
		wrong += fabs(told->accuracy[e] - told->expected[e]) > 1e-15;
		same += e > 0 && told->hash[e] == told->hash[e - 1];
	}
	is_int(wrong, 0, "each epoch is told its own scores");
	ok(same < told->epochs / 2, "which change from epoch to epoch");
	plait_scores_destroy(told->scores);
	free(told);
	free(plain);
	samples_free(&s);
	samples_free(&validation);
}

/* -- refused --------------------------------------------------------------------------------- */

static void test_wrong(struct plait_graph *graph, struct plait_scores_options o,
		       const struct samples *s, const char *part)
{
	struct plait_trainer *trainer = trainer_of(graph, &(struct way){ 0 });
	struct plait_scores *scores = make(o);
	struct plait_fit_options options = { .scores = scores,
					     .validation = s->set,
					     .quiet = true };
	struct plait_metrics metrics;

	refused(plait_evaluate(trainer, s->set, &options, &metrics), PLAIT_EINVAL, part,
		"an evaluation");
	refused(plait_fit(trainer, s->set, &options), PLAIT_EINVAL, part, "a training");
	options.validation = NULL;
	is_int(plait_fit(trainer, s->set, &options), 0, "without validation nothing is scored");
	plait_scores_destroy(scores);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

static void test_refused(void)
{
	struct samples s = data_of(NUMBERS, SAMPLES, 1);
	struct network n = { .kind = NUMBERS };
	struct plait_scores_options o = { .kind = PLAIT_SCORES_CLASSES, .outputs = CLASSES };
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x =
		branches(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES }), CLASSES);

	test_wrong(graph_of(&n), o, &s,
		   "they are of classes, and the loss compares outputs with "
		   "targets");
	o = (struct plait_scores_options){ .kind = PLAIT_SCORES_NUMBERS, .outputs = 3 };
	test_wrong(graph_of(&n), o, &s, "of 3 outputs, and the network has 4");
	o = (struct plait_scores_options){ 0 };
	plait_loss(plait_mean(plait_mul(x, x)));
	test_wrong(graph, o, &s, "compares no output with labels or targets");
	graph = plait_graph_create();
	x = branches(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES }), CLASSES);
	plait_mse(x, plait_targets(graph, CLASSES));
	plait_output(plait_linear(x, 2));
	test_wrong(graph, o, &s, "output has 2 numbers, and the loss compares 4");
	samples_free(&s);
}

int main(void)
{
	test_policies();
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int loss = 0; loss < LOSSES; loss++)
		test_loss(loss);
	test_probabilities();
	test_validation(false, SAMPLES, EPOCHS, false);
	test_validation(true, SAMPLES, EPOCHS, false);
	/* Epochs of a step or two, told late: they wait for each other. */
	test_validation(false, BATCH + 1, 40, true);
	test_validation(true, BATCH, 40, true);
	test_refused();
	plait_stop();
	return tap_done();
}
