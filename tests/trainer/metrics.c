/* SPDX-License-Identifier: MIT
 * Metrics of one's own: their values are what plain C finds from predictions and answers, the same
 * bits at every granularity, and the losses are those without metrics. */
#include "config.h"
#include "tests/nets.h"

/* The last batch has 13 of 16 samples. */
enum { SAMPLES = 45, FEATURES = 6, OUTPUTS = 4, BATCH = 16, EPOCHS = 3 };

static struct plait_node *input(struct plait_graph *graph)
{
	return plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
}

struct run {
	bool targets, metrics, weighted, pad, forward_only;
	enum plait_granularity grain;
	int shards;
};

/* -- networks ---------------------------------------------------------------------------------- */

/* Before the loss, of the network's values, and behind it, of the loss's. */
static void add_metrics(struct plait_graph *graph, struct plait_node *x, struct plait_node *loss,
			const struct run *run)
{
	struct plait_node *weights = run->weighted ? plait_weights(graph) : NULL;

	if (run->targets) {
		plait_metric_word(x, plait_targets(graph, OUTPUTS), weights, "mae");
	} else {
		plait_metric_word(x, plait_labels(graph), weights, "topk:2");
		plait_metric_word(x, plait_labels(graph), weights, "topk:1");
	}
	if (!run->weighted)
		plait_metric(plait_mean(plait_mul(x, x)), "square");
	plait_metric(loss, "term");
	plait_metric(plait_scale(loss, -2), "minus-twice");
}

static struct plait_graph *graph_of(const struct run *run)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = branches(input(graph), OUTPUTS), *loss;

	if (run->targets && run->weighted)
		loss = plait_mse_weighted(x, plait_targets(graph, OUTPUTS), plait_weights(graph));
	else if (run->targets)
		loss = plait_mse(x, plait_targets(graph, OUTPUTS));
	else if (run->weighted)
		loss = plait_cross_entropy_weighted(x, plait_labels(graph), plait_weights(graph));
	else
		loss = plait_cross_entropy(x, plait_labels(graph));
	if (run->metrics)
		add_metrics(graph, x, loss, run);
	if (plait_graph_status(graph) < 0)
		tap_bail_out("%s", plait_error_message());
	return graph;
}

struct result {
	struct losses losses;
	struct plait_metrics evaluated;
	float out[SAMPLES * OUTPUTS];
	uint64_t parameters;
};

static void train(const struct run *run, const struct samples *s, struct result *result)
{
	struct plait_graph *graph = graph_of(run);
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), run->grain, run->shards);
	struct plait_fit_options options = { .epochs = EPOCHS,
					     .loader.batch_size = BATCH,
					     .loader.pad_last = run->pad,
					     .validation = s->set,
					     .log_every = 1,
					     .on_event = losses_take,
					     .user = &result->losses };

	memset(result, 0, sizeof *result);
	if (plait_fit(trainer, s->set, &options) < 0 ||
	    plait_evaluate(trainer, s->set, &options, &result->evaluated) < 0 ||
	    plait_predict(trainer, s->set, &options, result->out) < 0)
		tap_bail_out("%s", plait_error_message());
	result->parameters = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

/* -- values ------------------------------------------------------------------------------------ */

/* Batches, and parts of them, are rounded to floats and added: a few roundings of numbers that are
 * all of one sign. */
static void is_value(const struct plait_metrics *metrics, const char *name, double expected)
{
	double value = plait_metrics_value(metrics, name);

	ok(fabs(value - expected) <= 8 * 0x1p-24 * fabs(expected), "%s is %.9g, %.9g expected",
	   name, value, expected);
}

static bool is_among(const float *row, int32_t label, int k)
{
	int larger = 0;

	for (int j = 0; j < OUTPUTS; j++)
		larger += row[j] > row[label] || (row[j] == row[label] && j < label);
	return larger < k;
}

static void check_values(const struct run *run, const struct samples *s,
			 const struct plait_metrics *metrics, const float *out)
{
	double mae = 0, square = 0, top[2] = { 0 };

	for (int i = 0; i < SAMPLES * OUTPUTS; i++) {
		mae += (double)fabsf(out[i] - s->targets[run->targets ? i : 0]);
		square += (double)(out[i] * out[i]);
	}
	for (int i = 0; i < SAMPLES && !run->targets; i++)
		for (int k = 0; k < 2; k++)
			top[k] += is_among(out + i * OUTPUTS, s->labels[i], k + 1);
	is_int(metrics->samples, SAMPLES, "all samples count once");
	if (run->targets) {
		is_value(metrics, "mae", mae / (SAMPLES * OUTPUTS));
	} else {
		is_value(metrics, "topk:1", top[0] / SAMPLES);
		is_value(metrics, "topk:1", plait_metrics_accuracy(metrics));
		is_value(metrics, "topk:2", top[1] / SAMPLES);
		ok(top[0] > 0 && top[0] < top[1] && top[1] < SAMPLES, "some are right, some not");
	}
	if (!run->weighted)
		is_value(metrics, "square", square / (SAMPLES * OUTPUTS));
	ok(plait_metrics_value(metrics, "term") == plait_metrics_loss(metrics), "term is the loss");
	is_value(metrics, "minus-twice", -2 * plait_metrics_loss(metrics));
}

static bool same_sums(const struct plait_metrics *a, const struct plait_metrics *b)
{
	return a->metrics == b->metrics &&
	       memcmp(a->metric_name, b->metric_name, sizeof a->metric_name) == 0 &&
	       memcmp(a->metric_sum, b->metric_sum, sizeof a->metric_sum) == 0;
}

static bool same(const struct result *a, const struct result *b)
{
	return losses_equal(&a->losses, &b->losses) && a->parameters == b->parameters &&
	       same_sums(&a->losses.train, &b->losses.train) &&
	       same_sums(&a->losses.validation, &b->losses.validation) &&
	       same_sums(&a->evaluated, &b->evaluated);
}

static void test_values(struct run run)
{
	static struct result without, first, other;
	struct samples s = samples_make(SAMPLES, FEATURES, run.targets ? 0 : OUTPUTS,
					run.targets ? OUTPUTS : 0, 1);

	for (run.shards = 1; run.shards <= 3; run.shards++)
		for (int g = 0; g < grains_of(run.shards); g++) {
			struct result *result = g == 0 ? &first : &other;

			run.grain = grains[g];
			run.metrics = false;
			train(&run, &s, &without);
			run.metrics = true;
			train(&run, &s, result);
			ok(losses_equal(&without.losses, &result->losses) &&
				   without.parameters == result->parameters,
			   "%s, weights %d, %d shards, %s: metrics change no bit",
			   run.targets ? "targets" : "labels", run.weighted, run.shards,
			   plait_granularity_name(run.grain));
			is_int(without.losses.train.metrics, 0, "and there are none without");
			ok(g == 0 || same(&first, &other), "the same bits at every granularity");
			check_values(&run, &s, &result->evaluated, result->out);
			ok(same_sums(&result->losses.validation, &result->evaluated),
			   "validation finds the same");
			ok(plait_metrics_value(&result->losses.train, "term") ==
				   result->losses.train_loss,
			   "training counts them as the loss");
		}
	samples_free(&s);
}

/* -- what does not count ----------------------------------------------------------------------- */

/* mean of a value counts what fills up a batch, so it is refused by name. */
static void test_weights_needed(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, OUTPUTS, 0, 1);
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_linear(input(graph), OUTPUTS);
	struct plait_fit_options options = { .loader.batch_size = BATCH,
					     .loader.pad_last = true,
					     .quiet = true };
	struct plait_trainer *trainer;
	struct plait_metrics metrics;

	plait_cross_entropy_weighted(x, plait_labels(graph), plait_weights(graph));
	plait_metric_word(x, plait_labels(graph), NULL, "topk:2");
	trainer = trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	refused(plait_fit(trainer, s.set, &options), PLAIT_EINVAL, "topk counts all",
		"pad_last and a metric without weights");
	refused(plait_evaluate(trainer, s.set, &options, &metrics), PLAIT_EINVAL, "topk counts all",
		"evaluating so");
	options.loader.pad_last = false;
	options.loader.bad.policy = PLAIT_BAD_MASK;
	refused(plait_fit(trainer, s.set, &options), PLAIT_EINVAL, "PLAIT_BAD_MASK", "masks");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

/* Of data that have none a slot has no room for them. */
static void test_labels_needed(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, 0, OUTPUTS, 1);
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_linear(input(graph), OUTPUTS);
	struct plait_fit_options options = { .loader.batch_size = BATCH, .quiet = true };
	struct plait_trainer *trainer;

	plait_mse(x, plait_targets(graph, OUTPUTS));
	plait_metric_word(x, plait_labels(graph), NULL, "topk:2");
	trainer = trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	refused(plait_fit(trainer, s.set, &options), PLAIT_EINVAL,
		"no class labels, and topk needs them", "a metric of labels, and data without");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

/* A metric may be anything: only a loss that is not finite ends a run, on a GPU too. */
static void test_not_finite(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, OUTPUTS, 0, 1);
	struct plait_fit_options options = { .loader.batch_size = BATCH, .quiet = true };
	uint64_t hash[2];

	for (int bad = 0; bad < 2; bad++) {
		struct plait_graph *graph = plait_graph_create();
		struct plait_node *x = plait_linear(input(graph), OUTPUTS);
		struct plait_trainer *trainer;
		struct plait_metrics metrics;

		plait_loss(plait_cross_entropy(x, plait_labels(graph)));
		x = plait_scale(x, bad ? INFINITY : 1);
		plait_metric(plait_cross_entropy(x, plait_labels(graph)), "other");
		trainer = trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_STEP, 2);
		is_int(plait_fit(trainer, s.set, &options), 0, "a run with a metric that is %s",
		       bad ? "not finite" : "finite");
		hash[bad] = parameters_hash(trainer);
		is_int(plait_evaluate(trainer, s.set, &options, &metrics), 0, "evaluated");
		ok(isfinite(plait_metrics_value(&metrics, "other")) == !bad, "it is told as it is");
		plait_trainer_destroy(trainer);
		plait_graph_destroy(graph);
	}
	ok(hash[0] == hash[1], "training is the same");
	samples_free(&s);
}

/* -- runs, evaluation alone ----------------------------------------------------------------------
 */

/* A program's own loop sees those of the steps since it last asked. */
static void test_run(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, OUTPUTS, 0, 1);
	struct plait_graph *graph = graph_of(&(struct run){ .metrics = true });
	struct plait_trainer *trainer =
		trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	struct plait_run_options options = { .loader.batch_size = BATCH };
	struct plait_run *run;
	struct plait_metrics metrics;
	float loss;

	if (plait_run_open(&run, trainer, s.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_run_metrics(run, &metrics);
	ok(!plait_metrics_name(&metrics, 0) && isnan(plait_metrics_value(&metrics, "term")),
	   "before the first step there is none");
	for (int step = 1; step <= 2; step++) {
		if (plait_run_step(run) < 0 || plait_run_loss(run, step, &loss) < 0 ||
		    plait_run_metrics(run, &metrics) < 0)
			tap_bail_out("%s", plait_error_message());
		ok(plait_metrics_value(&metrics, "term") == (double)loss, "step %d: %g", step,
		   plait_metrics_value(&metrics, "term"));
	}
	is_int(plait_run_close(run), 0, "the run is closed");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

static void test_forward_only(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, OUTPUTS, 0, 1);
	struct run run = { .metrics = true };
	struct plait_trainer_options options = { .forward_only = true, .seed = 7 };
	struct plait_graph *graph = graph_of(&run);
	struct plait_trainer *trainer = NULL;
	struct plait_metrics metrics;
	float out[SAMPLES * OUTPUTS];

	is_int(plait_trainer_create(&trainer, graph, &options), 0, "a trainer that does not train");
	is_int(plait_evaluate(trainer, s.set, NULL, &metrics), 0, "evaluates");
	is_int(plait_predict(trainer, s.set, NULL, out), 0, "and predicts");
	check_values(&run, &s, &metrics, out);
	plait_trainer_destroy(trainer);
	is_int(plait_trainer_create(&trainer, graph, NULL), 0, "the graph can have another");
	is_int(plait_evaluate(trainer, s.set, NULL, &metrics), 0, "which evaluates");
	is_int(metrics.metrics, 5, "all metrics");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int targets = 0; targets < 2; targets++) {
		test_values((struct run){ .targets = targets });
		test_values((struct run){ .targets = targets, .weighted = true });
		test_values((struct run){ .targets = targets, .weighted = true, .pad = true });
	}
	test_weights_needed();
	test_labels_needed();
	test_not_finite();
	test_run();
	test_forward_only();
	plait_stop();
	return tap_done();
}
