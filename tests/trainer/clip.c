/* SPDX-License-Identifier: MIT
 * Clipping and the leaving out of outliers in trainings: the same bits at every grain, in every
 * split of a batch, in stages and over calls; what is clipped is what the norm says; a step that is
 * left out leaves everything as it was; what is refused. */
#include "config.h"
#include "src/graph/graph.h"
#include "tests/trainer/split.h"

/* A batchnorm keeps values that no optimizer trains. */
#define WORDS "linear:12 relu linear:12 batchnorm tanh linear:4"
/* What goes around it becomes large where inputs are. */
#define AROUND "residual{batchnorm tanh} linear:4"

enum { LONG = 5 }; /* epochs, of 7 steps: no finite number is an outlier in the first 25 */

static const struct {
	const char *name;
	double norm, value, outliers;
} ways[] = {
	{ "clip_norm", 0.5, 0, 0 },
	{ "clip_value", 0, 0.02, 0 },
	{ "skip_outliers", 0, 0, 1 },
	{ "clip_norm and skip_outliers", 0.3, 0, 0.5 },
};
enum { WAYS = sizeof ways / sizeof *ways };

static const struct split splits[] = {
	{ .name = "2 shards", .shards = 2 },
	{ .name = "2 microbatches", .shards = 1, .microbatches = 2 },
	{ .name = "2 batches of an update", .shards = 1, .accumulate = 2 },
	{ .name = "2 replicas", .replicas = 2 },
	{ .name = "2 replicas with buckets of a layer", .replicas = 2, .bucket_bytes = 64 },
	{ .name = "2 microbatches in stages", .shards = 1, .microbatches = 2, .placed = true },
};
enum { SPLITS = sizeof splits / sizeof *splits };

static void start(const char *policy, int cpus)
{
	if (plait_start(&(struct plait_start_options){ .policy = policy, .cpu_workers = cpus }) < 0)
		tap_bail_out("%s", plait_error_message());
}

static struct split split_of(const struct split *split, int way)
{
	struct split with = *split;

	with.clip_norm = ways[way].norm;
	with.clip_value = ways[way].value;
	with.skip_outliers = ways[way].outliers;
	return with;
}

/* Stages are of any kind of worker: where there is a GPU one has both of them. */
static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct trained *r)
{
	struct plait_graph *net = net_make(6, WORDS, false);

	if (split->placed &&
	    plait_place_words(net, plait_cuda_workers() > 0 ? "0-2:cuda 3-:cuda0"
							    : "0-2:cpu 3-:cpu0") < 0)
		tap_bail_out("%s", plait_error_message());
	trained_run_for(s, net, split_trainer(net, split, grain), split_batch(split), LONG, r);
}

static bool equal(const struct trained *a, const struct trained *b)
{
	const struct plait_metrics *m = &a->losses.train, *n = &b->losses.train;

	return trained_equal(a, b) && m->skipped == n->skipped && m->norms == n->norms &&
	       memcmp(&m->grad_norm_sum, &n->grad_norm_sum, sizeof m->grad_norm_sum) == 0;
}

static void test_grains(const struct samples *s, int way)
{
	static struct trained first, other;
	const struct split none = { .shards = 1 }, whole = split_of(&none, way);

	start("eager", 1);
	train(s, &whole, grains[0], &first);
	for (int g = 1; g < grains_of(1); g++) {
		train(s, &whole, grains[g], &other);
		ok(equal(&other, &first), "%s, %s: the bits of grain op", ways[way].name,
		   grain_name[g]);
	}
	train(s, &none, grains[0], &other);
	ok(other.hash != first.hash, "%s: it is another training than without", ways[way].name);
	ok(first.losses.train.has_grad_norm && first.losses.train.grad_norm_sum > 0 &&
		   !other.losses.train.has_grad_norm && other.losses.train.norms == 0,
	   "%s: norms are told, and without are not", ways[way].name);
	ok((first.losses.train.skipped > 0) == (ways[way].outliers > 0) &&
		   other.losses.train.skipped == 0,
	   "%s: %d steps of the last epoch are left out", ways[way].name,
	   (int)first.losses.train.skipped);
	plait_stop();
}

static void test_splits(const struct samples *s, int way)
{
	static struct trained first, other;

	for (int cpus = 1; cpus <= 2; cpus++) {
		start(cpus == 1 ? "prio" : "lws", cpus);
		for (int i = 0; i < SPLITS; i++) {
			struct split split = split_of(&splits[i], way);
			bool is_first = cpus == 1 && i == 0;
			int g = (i + cpus) % grains_of(2);

			train(s, &split, grains[g], is_first ? &first : &other);
			ok(is_first || equal(&other, &first), "%s, %s, %d workers, %s: %s",
			   ways[way].name, split.name, cpus, grain_name[g],
			   is_first ? "trained" : "the bits of 2 shards");
		}
		plait_stop();
	}
}

/* -- what is clipped ------------------------------------------------------------------------- */

static int take_norm(void *user, const struct plait_event *event)
{
	if (event->kind == PLAIT_EVENT_STEP)
		*(double *)user = event->has_grad_norm ? event->grad_norm : -1;
	return 0;
}

/* By how much one step of SGD with rate 1 changes all parameters, in their order. */
static int changes(const struct samples *s, struct plait_trainer_options options, float *change,
		   double *norm)
{
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_fit_options fit = {
		.steps = 1, .log_every = 1, .on_event = take_norm, .user = norm
	};
	struct plait_trainer *trainer = NULL;
	int count = 0;

	options.optimizer = plait_sgd(1);
	options.seed = 7;
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int pass = 0; pass < 2; pass++) {
		count = 0;
		if (pass == 1 && plait_fit(trainer, s->set, &fit) < 0)
			tap_bail_out("%s", plait_error_message());
		for (int p = 0; p < plait_trainer_parameters(trainer); p++) {
			struct plait_tensor t;

			plait_trainer_parameter(trainer, p, &t);
			for (int64_t i = 0; i < plait_shape_elements(t.ndim, t.dim); i++, count++) {
				float value = ((const float *)t.data)[i];

				change[count] = pass == 0 ? value : value - change[count];
			}
		}
	}
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return count;
}

/* Parameters are below 2, and so a change is off by 2^-23 at most in each of two trainings. */
static void test_formula(const struct samples *s)
{
	static float plain[1024], norm[1024], value[1024];
	double none, told, other, squares = 0, factor, off = 0;
	int count;

	start(NULL, 1);
	count = changes(s, (struct plait_trainer_options){ 0 }, plain, &none);
	changes(s, (struct plait_trainer_options){ .clip_norm = 0.1 }, norm, &told);
	changes(s, (struct plait_trainer_options){ .clip_value = 0.03 }, value, &other);
	for (int i = 0; i < count; i++)
		squares += (double)plain[i] * (double)plain[i];
	factor = 0.1 / (sqrt(squares) + 1e-6);
	ok(none == -1, "a step without clipping tells no norm");
	ok(factor < 1 && fabs(told - sqrt(squares)) < 1e-5, "the norm is %g, told %g",
	   sqrt(squares), told);
	ok(memcmp(&told, &other, sizeof told) == 0, "and is that before clipping");
	for (int i = 0; i < count; i++) {
		double clamped = fmin(fmax((double)plain[i], -0.03), 0.03);

		off = fmax(off, fabs((double)norm[i] - factor * (double)plain[i]));
		off = fmax(off, fabs((double)value[i] - clamped));
	}
	ok(off < 0x1p-21, "each number of a gradient is clipped, off by %g", off);
	plait_stop();
}

/* -- what is left out ------------------------------------------------------------------------ */

enum { EACH = 10, BATCHES = 40, BAD = 35, WIDTH = 6 };

/* A training over all batches but one, or all; 0: parameters are those of the beginning. */
static uint64_t hash_without(const struct samples *s, int batch, double outliers,
			     struct losses *losses)
{
	struct samples some = samples_make(EACH * (BATCHES - (batch > 0)), WIDTH, 4, 0, 1);
	struct plait_graph *net = net_make(WIDTH, AROUND, false);
	struct plait_trainer_options options = { .optimizer = { PLAIT_SGD, .lr = 0.05,
								.momentum = 0.9 },
						 .skip_outliers = outliers,
						 .seed = 7 };
	struct plait_fit_options fit = {
		.loader.batch_size = EACH, .log_every = 1, .on_event = losses_take, .user = losses
	};
	struct plait_trainer *trainer = NULL;
	uint64_t hash;

	for (int i = 0, to = 0; i < BATCHES; i++) {
		if (i + 1 == batch)
			continue;
		memcpy(some.x + to * EACH * WIDTH, s->x + i * EACH * WIDTH,
		       EACH * WIDTH * sizeof *some.x);
		memcpy(some.labels + to * EACH, s->labels + i * EACH, EACH * sizeof *some.labels);
		to++;
	}
	memset(losses, 0, sizeof *losses);
	if (plait_trainer_create(&trainer, net, &options) < 0 ||
	    plait_fit(trainer, some.set, &fit) < 0)
		tap_bail_out("%s", plait_error_message());
	hash = parameters_hash(trainer);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&some);
	return hash;
}

/* Momentum and the running values of a batchnorm must not have seen the batch either. */
static void test_left_out(double number, const char *what)
{
	static struct losses with, without;
	struct samples s = samples_make(EACH * BATCHES, WIDTH, 4, 0, 1);
	uint64_t hash;

	start(NULL, 2);
	for (int i = 0; i < EACH * WIDTH && number != 1; i++)
		s.x[(BAD - 1) * EACH * WIDTH + i] *= (float)number;
	for (int i = 0; i < EACH && number != 1; i++)
		s.labels[(BAD - 1) * EACH + i] = (s.labels[(BAD - 1) * EACH + i] + 2) % 4;
	hash = hash_without(&s, 0, 6, &with);
	ok(hash == hash_without(&s, number == 1 ? 0 : BAD, 0, &without),
	   "%s: trained as without it", what);
	is_int(with.train.skipped, number != 1, "%s: so many steps are left out", what);
	is_int(with.train.steps, BATCHES, "%s: all of them count", what);
	is_int(with.train.samples, EACH * (BATCHES - !isfinite(number)),
	       "%s: and samples whose loss is finite", what);
	ok(isfinite(plait_metrics_loss(&with.train)) &&
		   isfinite(plait_metrics_grad_norm(&with.train)),
	   "%s: the means are finite", what);
	samples_free(&s);
	plait_stop();
}

static void test_nothing_left(void)
{
	struct samples s = samples_make(EACH, WIDTH, 4, 0, 1);
	struct plait_graph *net = net_make(WIDTH, WORDS, false);
	struct plait_trainer_options options = { .skip_outliers = 3, .seed = 7 };
	struct plait_fit_options fit = { .quiet = true };
	struct plait_trainer *trainer = NULL;
	uint64_t before;

	start(NULL, 1);
	s.x[3] = NAN;
	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	before = parameters_hash(trainer);
	refused(plait_fit(trainer, s.set, &fit), PLAIT_ENAN, "no loss of the epoch is finite",
		"an epoch of which nothing is left");
	ok(parameters_hash(trainer) == before, "it leaves parameters as they were");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&s);
	plait_stop();
}

/* Running values go on from call to call. */
static void test_continue(const struct samples *s)
{
	struct plait_trainer_options options = { .clip_norm = 0.5,
						 .skip_outliers = 0.5,
						 .seed = 7 };
	static const int epochs[2][2] = { { 6, 0 }, { 4, 2 } };
	struct losses *losses = calloc(2, sizeof *losses);
	uint64_t hash[2];

	start(NULL, 2);
	for (int i = 0; i < 2; i++) {
		struct plait_graph *net = net_make(6, WORDS, false);
		struct plait_trainer *trainer = NULL;
		struct plait_fit_options fit = { .loader.batch_size = BATCH,
						 .log_every = 1,
						 .on_event = losses_take,
						 .user = &losses[i] };

		if (plait_trainer_create(&trainer, net, &options) < 0)
			tap_bail_out("%s", plait_error_message());
		for (int call = 0; call < 2 && (fit.epochs = epochs[i][call]) > 0; call++)
			if (plait_fit(trainer, s->set, &fit) < 0)
				tap_bail_out("%s", plait_error_message());
		hash[i] = parameters_hash(trainer);
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
	}
	ok(hash[0] == hash[1] && losses_equal(&losses[0], &losses[1]) &&
		   losses[0].train.skipped == losses[1].train.skipped &&
		   losses[0].train.skipped > 0,
	   "two calls are one: %d and %d are left out", (int)losses[0].train.skipped,
	   (int)losses[1].train.skipped);
	free(losses);
	plait_stop();
}

/* -- options --------------------------------------------------------------------------------- */

static void test_options(void)
{
	static const struct {
		struct plait_trainer_options options;
		const char *part;
	} wrong[] = {
		{ { .clip_norm = -1 }, "clip_norm is -1" },
		{ { .clip_norm = INFINITY }, "clip_norm is inf" },
		{ { .clip_value = NAN }, "clip_value is" },
		{ { .skip_outliers = -0.5 }, "skip_outliers is -0.5" },
		{ { .clip_norm = 1, .clip_value = 1 }, "clipped by one of them" },
	};
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer_options options = { .clip_norm = 1, .skip_outliers = 3 };
	struct plait_trainer *trainer = NULL;
	int nodes = net->nodes, clipped;

	start(NULL, 1);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refused(plait_trainer_create(&trainer, net, &wrong[i].options), PLAIT_EINVAL,
			wrong[i].part, "a wrong option");
	is_int(plait_trainer_create(&trainer, net, &options), 0, "both of another kind are right");
	clipped = net->nodes;
	ok(net->clip != NULL, "the graph clips");
	plait_trainer_destroy(trainer);
	ok(net->nodes == nodes && !net->clip && !net->outlier_state,
	   "and no longer without its trainer");
	is_int(plait_trainer_create(&trainer, net, NULL), 0, "it can have another one");
	/* 8 norms, the copy of the loss, the state, and two that make something of them. */
	is_int(clipped - net->nodes, 12, "which appends nothing for clipping");
	plait_trainer_destroy(trainer);
	options.forward_only = true;
	options.clip_norm = -1;
	is_int(plait_trainer_create(&trainer, net, &options), 0, "forward_only ignores it");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	test_options();
	test_formula(&s);
	for (int way = 0; way < WAYS; way++) {
		test_grains(&s, way);
		test_splits(&s, way);
	}
	test_left_out(1, "no batch");
	test_left_out(30, "a batch of large numbers");
	test_left_out(INFINITY, "a batch of infinite numbers");
	test_nothing_left();
	test_continue(&s);
	samples_free(&s);
	return tap_done();
}
