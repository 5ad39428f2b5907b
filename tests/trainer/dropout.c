/* SPDX-License-Identifier: MIT
 * Dropout in training, seen in what it makes of ones: which elements it drops is the function that
 * ops.h promises, however a step is cut and wherever it is computed; and steps, layers and seeds
 * drop others. */
#include "config.h"
#include "src/sampler/sampler.h"
#include "tests/trainer/run.h"

/* Three batches an epoch, the last of 10 samples. */
enum { FEATURES = 37, SAMPLES = 70, BATCH = 30, BATCHES = 3, SEED = 7, LOADER_SEED = 3 };

static const float probability[2] = { 0.25f, 0.5f };
static const char *const kept[] = { "0.dropout", "1.dropout", NULL };

struct masks {
	float y[2][BATCH * FEATURES]; /* by layer */
};

static struct plait_dataset *ones;

static void make_ones(void)
{
	static float x[SAMPLES * FEATURES];
	static int32_t labels[SAMPLES];
	struct plait_tensor tx = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, FEATURES }, .data = x
	};
	struct plait_tensor ty = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = labels
	};

	for (int i = 0; i < SAMPLES * FEATURES; i++)
		x[i] = 1;
	for (int i = 0; i < SAMPLES; i++)
		labels[i] = i % 4;
	if (plait_dataset_from_memory(&ones, &tx, &ty, 4) < 0)
		tap_bail_out("%s", plait_error_message());
}

/* Two dropouts of the input. */
static struct plait_graph *net_of_two(void)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	struct plait_node *a = plait_dropout(x, probability[0]);

	plait_cross_entropy(plait_linear(plait_add(a, plait_dropout(x, probability[1])), 4),
			    plait_labels(net));
	return net;
}

static void expect(struct masks *m, uint64_t seed, uint64_t loader_seed, int64_t step)
{
	uint64_t batch =
		plait__random(plait__key(loader_seed, PLAIT__STREAM_BATCH), (uint64_t)step);

	for (int l = 0; l < 2; l++)
		for (int i = 0; i < BATCH; i++)
			for (int j = 0; j < FEATURES; j++) {
				uint64_t key = plait__key(plait__key(seed, (uint64_t)l), batch);
				uint32_t random = plait__random_32(plait__random(key, (uint64_t)i),
								   (uint32_t)j);
				bool drops = random < (uint32_t)((double)probability[l] * 0x1p32);

				m->y[l][i * FEATURES + j] = drops ? 0 : 1 / (1 - probability[l]);
			}
}

/* Whether both layers' values are these; of a short batch its rows. */
static bool has(struct plait_run *run, const struct masks *expected)
{
	bool equal = true;

	for (int l = 0; l < 2; l++) {
		struct plait_tensor t;

		if (plait_run_value(run, kept[l], &t) < 0)
			tap_bail_out("%s", plait_error_message());
		equal &= memcmp(t.data, expected->y[l],
				(size_t)(t.dim[0] * FEATURES) * sizeof(float)) == 0;
	}
	return equal;
}

static struct plait_run *open_ones(struct plait_trainer *trainer, int prefetch,
				   struct plait_dataset *set)
{
	struct plait_run *run = NULL;
	struct plait_run_options options = { .loader = { .batch_size = BATCH,
							 .shuffle = true,
							 .seed = LOADER_SEED,
							 .prefetch = prefetch },
					     .keep = kept };

	if (plait_run_open(&run, trainer, set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return run;
}

/* Steps over two epochs that make what is expected; first: of the trainer's. */
static int right_steps(struct plait_run *run, uint64_t seed, int64_t first)
{
	static struct masks expected;
	int right = 0;

	for (int step = 0; step < 2 * BATCHES; step++) {
		expect(&expected, seed, LOADER_SEED, first + step);
		if (step == BATCHES && plait_run_step(run) != PLAIT_END)
			return -1;
		if (plait_run_step(run) < 0)
			tap_bail_out("%s", plait_error_message());
		right += has(run, &expected);
	}
	return right;
}

/* The same masks whatever else is chosen, and a second run goes on. */
static void test_cuts(void)
{
	static const struct {
		int shards, microbatches, prefetch;
	} cuts[] = { { 1, 1, 2 }, { 1, 1, 6 }, { 3, 1, 2 }, { 7, 1, 4 }, { 1, 3, 2 }, { 2, 2, 6 } };

	for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
		for (int g = 0; g < grains_of(cuts[c].shards * cuts[c].microbatches); g++) {
			struct plait_graph *net = net_of_two();
			struct plait_trainer *trainer = NULL;
			struct plait_trainer_options options = {
				.optimizer = plait_adam(1e-2),
				.granularity = grains[g],
				.steps_per_task = grains[g] == PLAIT_GRANULARITY_RUN,
				.shards = cuts[c].shards,
				.microbatches = cuts[c].microbatches,
				.seed = SEED
			};
			struct plait_run *run;

			if (plait_trainer_create(&trainer, net, &options) < 0)
				tap_bail_out("%s", plait_error_message());
			run = open_ones(trainer, cuts[c].prefetch, ones);
			is_int(right_steps(run, SEED, 0), 2 * BATCHES,
			       "%d shards, %d microbatches, prefetch %d, %s: both masks of each "
			       "step",
			       cuts[c].shards, cuts[c].microbatches, cuts[c].prefetch,
			       grain_name[g]);
			plait_run_close(run);
			run = open_ones(trainer, cuts[c].prefetch, ones);
			is_int(right_steps(run, SEED, 2 * BATCHES), 2 * BATCHES,
			       "another run of the trainer goes on");
			plait_run_close(run);
			plait_trainer_destroy(trainer);
			plait_graph_destroy(net);
		}
}

/* A program's batches: their loader has seed 0. */
static void test_lent(void)
{
	static struct masks expected;
	struct plait_graph *net = net_of_two();
	struct plait_trainer *trainer =
		trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	struct plait_run *run = open_ones(trainer, 2, NULL);
	int right = 0;

	for (int step = 0; step < 7; step++) {
		struct plait_slot slot;

		if (plait_run_slot(run, &slot) < 0)
			tap_bail_out("%s", plait_error_message());
		for (int64_t i = 0; i < slot.samples * FEATURES; i++)
			((float *)slot.x)[i] = 1;
		for (int64_t i = 0; i < slot.samples; i++)
			slot.labels[i] = (int32_t)(i % 4);
		plait_run_submit(run, step == 4 ? 5 : slot.samples);
		expect(&expected, SEED, 0, step);
		right += has(run, &expected);
	}
	is_int(right, 7, "batches of the program's memory");
	plait_run_close(run);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

/* -- chance ----------------------------------------------------------------------------------- */

/* Five standard deviations of a share of n: once in two million tests by chance, but the masks are
 * the same in each run. */
static double five_deviations(double share, double n)
{
	return 5 * sqrt(share * (1 - share) / n);
}

static void test_shares(void)
{
	enum { STEPS = 40 };
	static struct masks m;
	const double n = (double)STEPS * BATCH * FEATURES;

	for (int l = 0; l < 2; l++) {
		double p = (double)probability[l], kept_ones = 0, sum = 0;

		for (int step = 0; step < STEPS; step++) {
			expect(&m, SEED, LOADER_SEED, step);
			for (int i = 0; i < BATCH * FEATURES; i++) {
				kept_ones += m.y[l][i] != 0;
				sum += (double)m.y[l][i];
			}
		}
		is_near(kept_ones / n, 1 - p, five_deviations(p, n),
			"p = %g: the share that is kept", p);
		is_near(sum / n, 1, five_deviations(p, n) / (1 - p), "p = %g: the mean of ones", p);
	}
}

/* Elements of the second layer's mask that are equal in both. */
static double equal_share(const float *a, const float *b)
{
	double equal = 0;

	for (int i = 0; i < BATCH * FEATURES; i++)
		equal += (a[i] != 0) == (b[i] != 0);
	return equal / (BATCH * FEATURES);
}

static void test_differences(void)
{
	static struct masks one, other;
	const double half = five_deviations(0.5, BATCH * FEATURES);
	/* Kept by both, or dropped by both. */
	const double layers = 0.75 * 0.5 + 0.25 * 0.5;

	expect(&one, SEED, LOADER_SEED, 0);
	is_near(equal_share(one.y[0], one.y[1]), layers, five_deviations(layers, BATCH * FEATURES),
		"another layer drops others");
	expect(&other, SEED, LOADER_SEED, 1);
	is_near(equal_share(one.y[1], other.y[1]), 0.5, half, "so does another step");
	expect(&other, SEED, LOADER_SEED, BATCHES);
	is_near(equal_share(one.y[1], other.y[1]), 0.5, half,
		"so does the same batch of another epoch");
	expect(&other, SEED + 1, LOADER_SEED, 0);
	is_near(equal_share(one.y[1], other.y[1]), 0.5, half,
		"so does another seed of the trainer");
	expect(&other, SEED, LOADER_SEED + 1, 0);
	is_near(equal_share(one.y[1], other.y[1]), 0.5, half, "so does another seed of the loader");
}

/* That seeds are used as expect() says. */
static void test_seeds(void)
{
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct plait_graph *net = net_of_two();
		struct plait_trainer *trainer = NULL;
		struct plait_run *run;

		if (plait_trainer_create(&trainer, net,
					 &(struct plait_trainer_options){
						 .optimizer = plait_sgd(0.1), .seed = seed }) < 0)
			tap_bail_out("%s", plait_error_message());
		run = open_ones(trainer, 0, ones);
		is_int(right_steps(run, seed, 0), 2 * BATCHES, "masks of seed %d", (int)seed);
		plait_run_close(run);
		plait_trainer_destroy(trainer);
		plait_graph_destroy(net);
	}
}

/* -- gradients ----------------------------------------------------------------------------------
 */

/* What is dropped forward is dropped backward, and nothing else is. */
static void test_gradient(enum plait_granularity grain, const char *name)
{
	static const char *const values[] = { "0.linear", "1.dropout", "0.linear.grad",
					      "1.dropout.grad", NULL };
	struct plait_graph *net = net_make(FEATURES, "linear:16 dropout:0.75 linear:4", false);
	struct plait_trainer *trainer = trainer_make(net, plait_sgd(0.1), grain, 2);
	struct plait_run *run = NULL;
	struct plait_run_options options = { .loader.batch_size = BATCH, .keep = values };
	struct plait_tensor t[4];
	int dropped = 0, wrong = 0;

	if (plait_run_open(&run, trainer, ones, &options) < 0 || plait_run_step(run) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int v = 0; v < 4; v++)
		if (plait_run_value(run, values[v], &t[v]) < 0)
			tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < BATCH * 16; i++) {
		const float *h = t[0].data, *y = t[1].data, *dh = t[2].data, *dy = t[3].data;
		bool drops = y[i] == 0 && dh[i] == 0;

		dropped += drops;
		wrong += !drops && (y[i] != 4 * h[i] || dh[i] != 4 * dy[i]);
	}
	is_int(wrong, 0, "%s: an element is dropped in both directions, or four times as large",
	       name);
	ok(dropped > 0.6 * BATCH * 16 && dropped < 0.9 * BATCH * 16, "%s: %d of %d are dropped",
	   name, dropped, BATCH * 16);
	plait_run_close(run);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	make_ones();
	test_cuts();
	test_lent();
	test_shares();
	test_differences();
	test_seeds();
	for (int g = 0; g < grains_of(2); g++)
		test_gradient(grains[g], grain_name[g]);
	plait_dataset_destroy(ones);
	plait_stop();
	return tap_done();
}
