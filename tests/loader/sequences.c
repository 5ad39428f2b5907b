/* SPDX-License-Identifier: MIT
 * Batches of sequences: each as long as its longest sample, the rest zero. */
#include "config.h"
#include "tests/nets.h"

#include <starpu.h>

#define SAMPLES 101
#define WIDTH 3
#define BATCH 8
#define LONGEST 17

static int32_t lengths[SAMPLES], first[SAMPLES], labels[SAMPLES];
static uint8_t rows[SAMPLES * LONGEST * WIDTH];
static const float mean = 0.25f, std = 0.5f;

static struct plait_dataset *open_set(void)
{
	struct plait_tensor x = { .dtype = PLAIT_U8, .ndim = 2, .dim = { 0, WIDTH }, .data = rows };
	struct plait_tensor l = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = lengths
	};
	struct plait_tensor y = l;
	struct plait_dataset *set;

	for (int i = 0; i < SAMPLES; i++) {
		first[i] = (int32_t)x.dim[0];
		lengths[i] = 1 + (i * 7 + i / 9) % LONGEST;
		labels[i] = i % 4;
		x.dim[0] += lengths[i];
	}
	for (int64_t i = 0; i < x.dim[0] * WIDTH; i++)
		rows[i] = (uint8_t)(1 + i * 31 % 255); /* never zero */
	y.data = labels;
	if (plait_dataset_from_sequences(&set, &x, &l, &y, 0) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

static int64_t longest_of(const struct plait_loader *loader, const struct plait_batch *batch)
{
	int64_t longest = 0;

	for (int64_t row = 0; row < batch->valid; row++) {
		int64_t i = plait_loader_sample(loader, batch->epoch, batch->index * BATCH + row);

		longest = lengths[i] > longest ? lengths[i] : longest;
	}
	return longest;
}

static int check_row(const struct plait_batch *batch, int64_t row, int64_t i, bool normal)
{
	const float *x = batch->x + row * batch->length * WIDTH;
	int wrong = batch->lengths[row] != lengths[i] || batch->labels[row] != labels[i];

	for (int64_t k = 0; k < batch->length * WIDTH; k++) {
		float value = (float)rows[first[i] * WIDTH + k] / 255.0f;
		bool there = k < lengths[i] * WIDTH;

		if (normal)
			value = (value - mean) / std;
		/* A product and a sum instead of a difference and a quotient: some roundings
		 * of values up to 1.5. */
		wrong += there ? fabsf(x[k] - value) > 1e-6f : x[k] != 0;
	}
	return wrong;
}

static void test_batches(struct plait_dataset *set, struct plait_loader_options options,
			 const char *what)
{
	struct plait_loader *loader;
	struct plait_batch batch;
	int wrong = 0, shorter = 0, batches = 0;

	options.batch_size = BATCH;
	options.shuffle = true;
	loader = loader_open(set, options);
	for (int epoch = 0; epoch < 2; epoch++)
		while (plait_loader_next(loader, &batch) == 0) {
			int64_t longest = options.bad.policy == PLAIT_BAD_REPLACE
						  ? LONGEST
						  : longest_of(loader, &batch);

			batches++;
			wrong += batch.length != longest;
			shorter += batch.length < LONGEST;
			for (int64_t row = 0; row < batch.valid; row++)
				wrong += check_row(&batch, row,
						   plait_loader_sample(loader, epoch,
								       batch.index * BATCH + row),
						   options.normalize.channels > 0);
			for (int64_t row = batch.valid; row < batch.samples; row++)
				wrong += batch.lengths[row] != 0 || batch.labels[row] != -1;
			plait_loader_release(loader);
		}
	is_int(batches, 26, "%s: two epochs of 13 batches", what);
	is_int(wrong, 0, "%s: every value, length and label is right", what);
	ok((shorter > 0) == (options.bad.policy != PLAIT_BAD_REPLACE),
	   "%s: some batches are shorter than the longest sample", what);
	plait_loader_destroy(loader);
}

static void test_bytes(struct plait_dataset *set)
{
	struct plait_loader *loader = loader_open(
		set, (struct plait_loader_options){ .batch_size = BATCH, .dtype = PLAIT_U8 });
	struct plait_batch batch;
	int wrong = 0;

	while (plait_loader_next(loader, &batch) == 0) {
		for (int64_t row = 0; row < batch.samples; row++) {
			const uint8_t *x = batch.bytes + row * batch.length * WIDTH;
			int64_t i = batch.index * BATCH + row;

			for (int64_t k = 0; k < batch.length * WIDTH; k++)
				wrong += x[k] !=
					 (k < lengths[i] * WIDTH ? rows[first[i] * WIDTH + k] : 0);
		}
		plait_loader_release(loader);
	}
	is_int(wrong, 0, "bytes as they are");
	plait_loader_destroy(loader);
}

/* The network has one shape: samples are as long as the longest of the data set. */
static void test_predict(struct plait_dataset *set)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 2, (int64_t[]){ LONGEST, WIDTH });
	struct plait_trainer *trainer = NULL;
	static float out[SAMPLES];
	struct plait_tensor weight, bias;
	int wrong = 0;

	plait_mse(plait_linear(plait_flatten(x), 1), plait_targets(net, 1));
	if (plait_trainer_create(&trainer, net, NULL) < 0 ||
	    plait_trainer_parameter(trainer, 0, &weight) < 0 ||
	    plait_trainer_parameter(trainer, 1, &bias) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < LONGEST * WIDTH; i++)
		((float *)weight.data)[i] = 255;
	*(float *)bias.data = 0;
	if (plait_predict(trainer, set, NULL, out) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int i = 0; i < SAMPLES; i++) {
		int64_t sum = 0;

		for (int64_t k = 0; k < lengths[i] * WIDTH; k++)
			sum += rows[first[i] * WIDTH + k];
		/* 51 products of floats, each good to 2^-22 of at most 255. */
		wrong += fabs((double)out[i] - (double)sum) > 51 * 255 * 0x1p-22;
	}
	is_int(wrong, 0, "a network that adds gets the sums: behind each sample is zero");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

static void test_refused(struct plait_dataset *set)
{
	struct plait_transform *flip = NULL;
	struct plait_loader *loader;

	plait_transform_parse(&flip, "flip");
	is_int(plait_loader_create(&loader, set,
				   &(struct plait_loader_options){ .transform = flip }),
	       PLAIT_EINVAL, "no transform of sequences");
	contains(plait_error_message(), "sequences: samples of different lengths", "it says why");
	plait_transform_destroy(flip);
}

int main(void)
{
	struct plait_dataset *set;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	set = open_set();
	test_batches(set, (struct plait_loader_options){ 0 }, "plain");
	test_batches(set, (struct plait_loader_options){ .chunk = 3, .workers = 2 }, "chunks");
	test_batches(
		set,
		(struct plait_loader_options){ .chunk = 5, .normalize = { 1, { mean }, { std } } },
		"normalised");
	test_batches(set, (struct plait_loader_options){ .pad_last = true }, "last batch padded");
	test_batches(set, (struct plait_loader_options){ .bad = { .policy = PLAIT_BAD_REPLACE } },
		     "bad ones replaced");
	test_bytes(set);
	test_predict(set);
	test_refused(set);
	plait_dataset_destroy(set);
	plait_stop();
	return tap_done();
}
