/* SPDX-License-Identifier: MIT
 * Samplers in a loader and in training: samples come in the sampler's order, whichever worker loads
 * them; and what is refused. */
#include "config.h"
#include "tests/nets.h"

enum { SAMPLES = 97 };

/* Sample i is i, and its label too. */
static struct plait_dataset *open_numbers(float *x, int32_t *labels)
{
	struct plait_tensor tx = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, 1 }, .data = x
	};
	struct plait_tensor ty = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = labels
	};
	struct plait_dataset *set = NULL;

	for (int i = 0; i < SAMPLES; i++)
		x[i] = (float)(labels[i] = i);
	if (plait_dataset_from_memory(&set, &tx, &ty, SAMPLES) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static int64_t strided(void *user, uint64_t seed, int64_t epoch, int64_t position)
{
	return (position * *(const int64_t *)user + epoch + (int64_t)seed) % SAMPLES;
}

/* Reads two epochs and counts the samples that are not those of plait_loader_sample. */
static int read_epochs(struct plait_loader *loader, uint64_t *hash, int64_t *count)
{
	struct plait_batch batch;
	int wrong = 0, status = 0;

	*count = 0;
	*hash = 0;
	for (int64_t epoch = 0; epoch < 2; epoch++) {
		int64_t position = 0;

		while ((status = plait_loader_next(loader, &batch)) == 0) {
			for (int64_t i = 0; i < batch.samples; i++) {
				int64_t sample = plait_loader_sample(loader, epoch, position++);

				wrong += batch.x[i] != (float)sample || batch.labels[i] != sample;
				*hash = plait__key(*hash, (uint64_t)batch.labels[i]);
			}
			plait_loader_release(loader);
		}
		*count += position;
	}
	return wrong + (status != PLAIT_END);
}

static void test_load(struct plait_dataset *set, const char *name, struct plait_sampler sampler,
		      bool drop_last, int64_t positions)
{
	uint64_t first = 0, hash;
	int wrong = 0, other = 0;
	int64_t count;

	for (int workers = 1; workers <= 2; workers++)
		for (int prefetch = 2; prefetch <= 5; prefetch += 3)
			for (int64_t chunk = 0; chunk <= 3; chunk += 3) {
				struct plait_loader *loader = loader_open(
					set, (struct plait_loader_options){ .batch_size = 8,
									    .shuffle = true,
									    .drop_last = drop_last,
									    .workers = workers,
									    .prefetch = prefetch,
									    .chunk = chunk,
									    .sampler = sampler,
									    .seed = 3 });

				wrong += plait_loader_positions(loader) != positions;
				wrong += plait_loader_batches(loader) !=
					 (positions + (drop_last ? 0 : 7)) / 8;
				wrong += read_epochs(loader, &hash, &count);
				wrong += count != 2 * (drop_last ? positions / 8 * 8 : positions);
				first = first ? first : hash;
				other += hash != first;
				plait_loader_destroy(loader);
			}
	is_int(wrong, 0, "%s: batches are what the order says", name);
	is_int(other, 0, "%s: the same by any workers, prefetch and chunk", name);
}

static void test_loads(struct plait_dataset *set)
{
	static const int64_t subset[] = { 90, 1, 44, 43, 42, 41, 0, 96, 12, 13, 14 };
	double weight[SAMPLES];
	int64_t stride = 5;

	for (int i = 0; i < SAMPLES; i++)
		weight[i] = i % 3;
	test_load(set, "all", (struct plait_sampler){ 0 }, false, SAMPLES);
	test_load(set, "subset", (struct plait_sampler){ .subset = subset, .subset_size = 11 },
		  false, 11);
	test_load(set, "weights", (struct plait_sampler){ .weights = weight, .draws = 150 }, false,
		  150);
	test_load(set, "rank", (struct plait_sampler){ .rank = 2, .world = 4 }, false, 25);
	test_load(set, "rank, cut", (struct plait_sampler){ .rank = 2, .world = 4 }, true, 24);
	test_load(
		set, "order of a rank",
		(struct plait_sampler){ .order = strided, .user = &stride, .world = 2, .rank = 1 },
		false, 49);
	test_load(set, "weights of a subset of a rank",
		  (struct plait_sampler){ .subset = subset,
					  .subset_size = 11,
					  .weights = weight + 1,
					  .draws = 60,
					  .world = 3 },
		  false, 20);
}

/* -- training ----------------------------------------------------------------------------- */

static void train(struct plait_dataset *set, struct plait_fit_options options,
		  struct losses *losses)
{
	struct plait_graph *net = net_make(6, "linear:8 relu linear:4", false);
	struct plait_trainer *trainer =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 1);

	memset(losses, 0, sizeof *losses);
	options.epochs = 3;
	options.loader.batch_size = 16;
	options.log_every = 1;
	options.on_event = losses_take;
	options.user = losses;
	if (plait_fit(trainer, set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_training(void)
{
	static struct losses part, whole;
	struct samples s = samples_make(64, 6, 4, 0, 8), few = { 0 };
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 2, .dim = { 21, 6 } };
	struct plait_tensor y = { .dtype = PLAIT_I32, .ndim = 1, .dim = { 21 } };
	int64_t subset[21];

	for (int i = 0; i < 21; i++)
		subset[i] = 40 + i;
	x.data = s.x + 40 * 6;
	y.data = s.labels + 40;
	if (plait_dataset_from_memory(&few.set, &x, &y, 4) < 0)
		tap_bail_out("%s", plait_error_message());
	train(few.set, (struct plait_fit_options){ .loader.shuffle = true }, &whole);
	train(s.set,
	      (struct plait_fit_options){ .loader.shuffle = true,
					  .loader.sampler = { .subset = subset, .subset_size = 21 },
					  .validation = s.set },
	      &part);
	is_int(part.count, 6, "training on 21 of 64 samples: two steps in each of three epochs");
	part.validation_loss = whole.validation_loss;
	ok(losses_equal(&part, &whole),
	   "and the losses of a data set of these samples alone, bit for bit");
	is_int(part.validation.samples, 64, "validation has every sample all the same");
	train(s.set,
	      (struct plait_fit_options){
		      .loader.shuffle = true,
		      .loader.sampler = { .subset = subset, .subset_size = 5 } },
	      &part);
	is_int(part.train.samples, 5, "a subset smaller than a batch is one batch");
	plait_dataset_destroy(few.set);
	samples_free(&s);
}

/* -- refusals ----------------------------------------------------------------------------- */

static void test_refusals(struct plait_dataset *set)
{
	static const int64_t low[] = { 1, -1 }, high[] = { SAMPLES - 1, SAMPLES };
	static double nan[SAMPLES], negative[SAMPLES], infinite[SAMPLES], zero[SAMPLES];
	int64_t stride = 1;
	const struct {
		struct plait_sampler sampler;
		const char *part;
	} cases[] = {
		{ { .subset = low, .subset_size = 2 }, "subset[1] is sample -1, must be 0 to 96" },
		{ { .subset = high, .subset_size = 2 }, "subset[1] is sample 97" },
		{ { .subset = low }, "a subset of 0 samples" },
		{ { .subset = low, .subset_size = -3 }, "a subset of -3 samples" },
		{ { .subset_size = 3 }, "subset_size is 3, the subset NULL" },
		{ { .weights = nan }, "weight 7 is nan" },
		{ { .weights = negative }, "weight 8 is -2" },
		{ { .weights = infinite }, "weight 9 is inf" },
		{ { .weights = zero }, "all 97 weights are 0" },
		{ { .draws = 5 }, "5 draws without weights" },
		{ { .weights = zero, .draws = -1 }, "-1 draws, must be" },
		{ { .order = strided, .user = &stride, .draws = INT64_MAX }, "draws, must be" },
		{ { .rank = 2, .world = 2 }, "rank 2 in a world of 2, must be 0 to 1" },
		{ { .rank = 1 }, "rank 1 in a world of 1, must be 0 to 0" },
		{ { .rank = -1, .world = 2 }, "rank -1 in" },
		{ { .world = -2 }, "a world of -2 ranks" },
		{ { .order = strided, .subset = high, .subset_size = 1 }, "and a subset" },
		{ { .order = strided, .weights = zero }, "and weights" },
	};
	struct plait_loader *loader = NULL;

	nan[7] = NAN;
	negative[8] = -2;
	infinite[9] = INFINITY;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(plait_loader_create(
				&loader, set,
				&(struct plait_loader_options){ .sampler = cases[i].sampler }),
			PLAIT_EINVAL, cases[i].part, "a sampler");
	refused(plait_loader_create(&loader, set,
				    &(struct plait_loader_options){ .drop_last = true,
								    .sampler = { .world = 98 } }),
		PLAIT_EINVAL, "97 samples are fewer than 98 ranks", "more ranks than samples");
	refused(plait_loader_create(&loader, set,
				    &(struct plait_loader_options){ .drop_last = true,
								    .sampler = { .world = 4 } }),
		PLAIT_EINVAL, "24 samples are fewer than the batch size 32",
		"a share smaller than a batch");
	ok(loader == NULL, "no loader was made");
}

/* Training ends when the wrong sample is loaded. */
static void test_wrong_order(struct plait_dataset *set)
{
	int64_t stride = -3;
	struct plait_loader *loader = loader_open(
		set,
		(struct plait_loader_options){ .batch_size = 4,
					       .sampler = { .order = strided, .user = &stride },
					       .seed = 12 });
	struct plait_batch batch;

	is_int(plait_loader_next(loader, &batch), 0, "samples 12, 9, 6, 3");
	plait_loader_release(loader);
	refused(plait_loader_next(loader, &batch), PLAIT_EDATA,
		"order(epoch 0, position 5) is sample -3, must be 0 to 96",
		"a user's order that leaves the data set");
	is_int(plait_loader_sample(loader, 0, 4), 0, "position 4 is sample 0");
	is_int(plait_loader_sample(loader, 0, 5), PLAIT_EDATA, "position 5 is none");
	plait_loader_destroy(loader);
}

int main(void)
{
	float x[SAMPLES];
	int32_t labels[SAMPLES];
	struct plait_dataset *set;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	set = open_numbers(x, labels);
	test_loads(set);
	test_training();
	test_refusals(set);
	test_wrong_order(set);
	plait_dataset_destroy(set);
	plait_stop();
	return tap_done();
}
