/* SPDX-License-Identifier: MIT
 * The loader: the order of samples, what is in a batch, and what happens out of turn. */
#include "config.h"
#include "tests/nets.h"

/* -- the loader's order --------------------------------------------------------------- */

/* Positions at which two random permutations agree: 1 on average, Poisson's distribution, so more
 * than 9 once in ten million. */
static int agreements(struct plait_loader *a, int64_t ea, struct plait_loader *b, int64_t eb,
		      int64_t n)
{
	int count = 0;

	for (int64_t i = 0; i < n; i++)
		count += plait_loader_sample(a, ea, i) == plait_loader_sample(b, eb, i);
	return count;
}

static void test_order(void)
{
	struct samples s = samples_make(1000, 1, 2, 0, 1);
	struct plait_loader *a =
		loader_open(s.set, (struct plait_loader_options){ .shuffle = true, .seed = 1 });
	struct plait_loader *b =
		loader_open(s.set, (struct plait_loader_options){ .shuffle = true, .seed = 2 });
	struct plait_loader *plain = loader_open(s.set, (struct plait_loader_options){ .seed = 1 });
	int epochs = 0, seeds = 0, identity = 0, moved = 0;

	for (int64_t e = 0; e < 50; e++) {
		epochs += agreements(a, e, a, e + 1, 1000) > 9;
		seeds += agreements(a, e, b, e, 1000) > 9;
		identity += agreements(a, e, plain, e, 1000) > 9;
		moved += agreements(plain, 0, plain, e, 1000) != 1000;
	}
	is_int(epochs, 0, "another order in each of 50 epochs");
	is_int(seeds, 0, "another order from another seed");
	is_int(identity, 0, "none is the data set's own");
	is_int(moved, 0, "without shuffle it is the data set's own");
	is_int(agreements(a, 3, a, 3, 1000), 1000,
	       "the same epoch of the same seed is the same order");
	is_int(plait_loader_batches(a), 32,
	       "1000 samples in batches of 32, the default, are 32 batches");
	plait_loader_destroy(a);
	plait_loader_destroy(b);
	plait_loader_destroy(plain);
	samples_free(&s);
}

/* -- what is in a batch --------------------------------------------------------------- */

static void test_batches(bool drop_last)
{
	struct samples s = samples_make(50, 3, 4, 0, 2);
	struct plait_loader *loader = loader_open(
		s.set, (struct plait_loader_options){ .batch_size = 16, .drop_last = drop_last });
	struct plait_batch batch;
	int wrong = 0, status = 0, batches = 0, samples = 0;

	is_int(plait_loader_batches(loader), drop_last ? 3 : 4, "50 samples in sixteens: %s",
	       drop_last ? "3 batches with drop_last" : "4 batches");
	for (int epoch = 0; epoch < 3; epoch++) {
		int index = 0;

		while ((status = plait_loader_next(loader, &batch)) == 0) {
			wrong += batch.epoch != epoch || batch.index != index ||
				 batch.targets != NULL;
			wrong += batch.samples != (index == 3 ? 2 : 16);
			wrong += memcmp(batch.x, s.x + index * 16 * 3,
					(size_t)batch.samples * 3 * sizeof(float)) != 0;
			wrong += memcmp(batch.labels, s.labels + index * 16,
					(size_t)batch.samples * 4) != 0;
			samples += (int)batch.samples;
			index++;
			plait_loader_release(loader);
		}
		batches += index;
		wrong += status != PLAIT_END;
	}
	is_int(wrong, 0, "three epochs of batches are the data, in order, each ended by PLAIT_END");
	is_int(batches, drop_last ? 9 : 12, "as many batches as there should be");
	is_int(samples, drop_last ? 144 : 150, "as many samples");
	plait_loader_destroy(loader);
	samples_free(&s);
}

static void test_targets(void)
{
	struct samples s = samples_make(7, 2, 0, 3, 3);
	struct plait_loader *loader =
		loader_open(s.set, (struct plait_loader_options){ .batch_size = 4 });
	struct plait_batch batch;

	plait_loader_next(loader, &batch);
	ok(batch.labels == NULL && batch.targets != NULL,
	   "a set with targets delivers targets, no labels");
	plait_loader_release(loader);
	plait_loader_next(loader, &batch);
	is_int(batch.samples, 3, "the last batch has 3 of 7 samples");
	ok(memcmp(batch.targets, s.targets + 4 * 3, 3 * 3 * sizeof(float)) == 0,
	   "its targets are those of samples 4 to 6");
	plait_loader_destroy(loader); /* while a batch is out */
	samples_free(&s);
}

static void test_bytes(void)
{
	uint8_t byte[256];
	struct plait_tensor x = { .dtype = PLAIT_U8, .ndim = 2, .dim = { 1, 256 }, .data = byte };
	struct plait_dataset *set = NULL;
	struct plait_loader *loader;
	struct plait_batch batch;
	int differ = 0, off = 0;
	const float mean = 0.2860f, std = 0.3530f;

	for (int i = 0; i < 256; i++)
		byte[i] = (uint8_t)i;
	plait_dataset_from_memory(&set, &x, NULL, 0);
	loader = loader_open(set, (struct plait_loader_options){ 0 });
	plait_loader_next(loader, &batch);
	for (int i = 0; i < 256; i++) {
		float exact = (float)i / 255.0f;

		differ += memcmp(&batch.x[i], &exact, sizeof exact) != 0;
	}
	is_int(differ, 0, "all 256 bytes become x / 255.0f, bit for bit");
	ok(batch.labels == NULL && batch.targets == NULL,
	   "neither labels nor targets where the set has none");
	plait_loader_destroy(loader);
	loader = loader_open(
		set, (struct plait_loader_options){
			     .normalize = { .channels = 1, .mean = { mean }, .std = { std } } });
	plait_loader_next(loader, &batch);
	for (int i = 0; i < 256; i++) {
		double exact = ((double)i / 255 - (double)mean) / (double)std;

		/* A product and a sum: roundings of x / 255, of scale and shift, of both
		 * results, of at most 2^-24 of the largest value each, 3.5 here. */
		off += fabs((double)batch.x[i] - exact) > 5 * 0x1p-24 * 3.5;
	}
	is_int(off, 0, "and (x - mean) / std of that, but for rounding");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

static void test_channels(void)
{
	float data[2 * 3 * 4];
	struct plait_tensor x = { .dtype = PLAIT_F32, .ndim = 3, .dim = { 2, 3, 4 }, .data = data };
	struct plait_normalize norm = { .channels = 3, .mean = { 1, 2, 3 }, .std = { 1, 0.5f, 4 } };
	struct plait_dataset *set = NULL;
	struct plait_loader *loader;
	struct plait_batch batch;
	int off = 0;

	for (int i = 0; i < 24; i++)
		data[i] = (float)i;
	plait_dataset_from_memory(&set, &x, NULL, 0);
	loader = loader_open(set, (struct plait_loader_options){ .normalize = norm });
	plait_loader_next(loader, &batch);
	for (int i = 0; i < 24; i++)
		off += batch.x[i] != ((float)i - norm.mean[i / 4 % 3]) / norm.std[i / 4 % 3];
	is_int(off, 0, "each channel has its own mean and std");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* -- misuse --------------------------------------------------------------------------- */

static void test_misuse(void)
{
	struct samples s = samples_make(10, 2, 2, 0, 4);
	struct plait_loader *loader =
		loader_open(s.set, (struct plait_loader_options){ .batch_size = 4 });
	struct plait_batch batch;

	plait_loader_release(loader); /* no batch is out: nothing happens */
	is_int(plait_loader_next(loader, &batch), 0, "the first batch");
	is_int(plait_loader_next(loader, &batch), PLAIT_ESTATE,
	       "no second one while the first is out");
	contains(plait_error_message(), "released", "and the message says why");
	plait_loader_release(loader);
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), 0, "the second one after the release");
	is_int(batch.index, 1, "a release too many has lost none");
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), 0, "the third");
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), PLAIT_END, "then the end");
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), 0, "then the next epoch");
	is_int(batch.epoch, 1, "which is number 1");
	plait_loader_destroy(
		loader); /* in the middle of an epoch, with a batch out and loads under way */
	loader = loader_open(s.set, (struct plait_loader_options){ .batch_size = 4 });
	plait_loader_destroy(loader); /* before the first batch */
	plait_loader_destroy(NULL);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_order();
	test_batches(false);
	test_batches(true);
	test_targets();
	test_bytes();
	test_channels();
	test_misuse();
	plait_stop();
	return tap_done();
}
