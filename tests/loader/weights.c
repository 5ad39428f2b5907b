/* SPDX-License-Identifier: MIT
 * The last batch filled up: the contents and the weights of its rows, whichever worker fills them.
 */
#include "config.h"
#include "src/loader/feed.h"
#include "tests/nets.h"

enum { SAMPLES = 50, FEATURES = 3, BATCH = 16 }; /* the last batch has 2 samples */

static bool all_zero(const float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		if (x[i] != 0 || signbit(x[i]))
			return false;
	return true;
}

/* Counts wrong rows of a batch; first is the sample of its first row. */
static int wrong_rows(const struct plait_batch *batch, const struct samples *s, int64_t targets,
		      int64_t first, int64_t taken)
{
	float weight = (float)batch->samples / (float)taken;
	int wrong = 0;

	for (int64_t i = 0; i < batch->samples; i++) {
		const float *x = batch->x + i * FEATURES, *t = batch->targets + i * targets;

		if (i < taken) {
			wrong += batch->weights[i] != weight;
			wrong +=
				memcmp(x, s->x + (first + i) * FEATURES, FEATURES * sizeof *x) != 0;
			wrong += batch->labels && batch->labels[i] != s->labels[first + i];
			wrong += batch->targets && memcmp(t, s->targets + (first + i) * targets,
							  (size_t)targets * sizeof *t) != 0;
		} else {
			wrong += batch->weights[i] != 0 || !all_zero(x, FEATURES);
			wrong += batch->labels && batch->labels[i] != -1;
			wrong += batch->targets && !all_zero(t, targets);
		}
	}
	return wrong;
}

/* Three epochs in few slots, so that the padding is written over samples of other batches. */
static void test_batches(int64_t chunk, int64_t targets)
{
	struct samples s = samples_make(SAMPLES, FEATURES, targets > 0 ? 0 : 4, targets, 2);
	struct plait_loader *loader = loader_open(
		s.set,
		(struct plait_loader_options){
			.batch_size = BATCH, .pad_last = true, .prefetch = 3, .chunk = chunk });
	struct plait_batch batch;
	int wrong = 0, batches = 0, valid = 0, ends = 0;

	is_int(plait_loader_batches(loader), 4, "50 samples in sixteens are 4 batches");
	while (ends < 3) {
		int status = plait_loader_next(loader, &batch);
		int64_t taken = batch.index == 3 ? 2 : BATCH;

		if (status < 0)
			tap_bail_out("%s", plait_error_message());
		ends += status == PLAIT_END;
		if (status == PLAIT_END)
			continue;
		wrong += batch.samples != BATCH || batch.valid != taken || !batch.weights;
		wrong += !(targets > 0 ? batch.targets != NULL : batch.labels != NULL);
		wrong += wrong_rows(&batch, &s, targets, batch.index * BATCH, taken);
		batches++;
		valid += (int)batch.valid;
		plait_loader_release(loader);
	}
	is_int(wrong, 0, "chunks of %d, %s: rows are samples of weight 1 or 8, or nothing",
	       (int)chunk, targets > 0 ? "targets" : "labels");
	is_int(batches, 12, "12 batches in three epochs");
	is_int(valid, 3 * SAMPLES, "all samples count");
	plait_loader_destroy(loader);
	samples_free(&s);
}

/* Shuffled or not, the samples of an epoch are those of the loader without padding. */
static void test_shuffled(void)
{
	struct samples s = samples_make(SAMPLES, FEATURES, 4, 0, 2);
	struct plait_loader_options options = { .batch_size = BATCH, .shuffle = true, .seed = 5 };
	struct plait_loader *plain = loader_open(s.set, options), *padded;
	struct plait_batch a, b;
	int wrong = 0;

	options.pad_last = true;
	padded = loader_open(s.set, options);
	for (int i = 0; i < 4; i++) {
		wrong += plait_loader_next(plain, &a) != 0 || plait_loader_next(padded, &b) != 0;
		wrong += a.samples != b.valid || a.valid != a.samples || a.weights != NULL;
		wrong += memcmp(a.x, b.x, (size_t)(a.samples * FEATURES) * sizeof *a.x) != 0;
		wrong += memcmp(a.labels, b.labels, (size_t)a.samples * sizeof *a.labels) != 0;
		plait_loader_release(plain);
		plait_loader_release(padded);
	}
	is_int(wrong, 0, "shuffled, the samples are those of the loader that does not pad");
	plait_loader_destroy(plain);
	plait_loader_destroy(padded);
	samples_free(&s);
}

static void test_sizes(void)
{
	struct samples s = samples_make(5, FEATURES, 4, 0, 2);
	struct plait_loader *loader = loader_open(
		s.set, (struct plait_loader_options){ .batch_size = 12, .pad_last = true });
	struct plait_loader_options both = { .drop_last = true, .pad_last = true };
	struct plait_batch batch;

	is_int(plait_loader_next(loader, &batch), 0, "a batch larger than the data set");
	is_int(batch.samples, 12, "has 12 rows");
	is_int(batch.valid, 5, "of which 5 count");
	is_int(wrong_rows(&batch, &s, 0, 0, 5), 0, "each 12/5");
	plait_loader_destroy(loader);
	refused(plait_loader_create(&loader, s.set, &both), PLAIT_EINVAL, "only one",
		"drop_last with pad_last");
	samples_free(&s);
}

/* -- marks -------------------------------------------------------------------------------- */

/* Rows may be marked in any order before they are weighed; weighing again changes nothing. */
static void test_marks(void)
{
	struct samples s = samples_make(BATCH, FEATURES, 4, 0, 2);
	struct plait_loader_options options = { .batch_size = BATCH };
	struct plait__feed loader;
	unsigned char *slot;
	float *weights;
	int wrong = 0;

	if (plait__feed_init(&loader, s.set, &options, PLAIT__LABELS | PLAIT__WEIGHTS, 1) < 0)
		tap_bail_out("%s", plait_error_message());
	slot = calloc(1, loader.layout.bytes);
	weights = (float *)(void *)(slot + loader.layout.weights_offset);
	for (int64_t i = BATCH - 1; i >= 0; i--)
		plait__feed_mark(&loader, slot, i, i % 3 != 0);
	for (int again = 0; again < 2; again++) {
		is_int(plait__feed_weigh(&loader, 0, slot), 10, "10 of 16 rows count");
		for (int i = 0; i < BATCH; i++)
			wrong += weights[i] != (i % 3 ? 1.6f : 0.0f);
	}
	is_int(wrong, 0, "each of them 16/10, the others nothing");
	for (int64_t i = 0; i < BATCH; i++)
		plait__feed_mark(&loader, slot, i, false);
	is_int(plait__feed_weigh(&loader, 0, slot), 0, "none counts");
	ok(all_zero(weights, BATCH), "and all weights are 0");
	free(slot);
	plait__feed_fini(&loader);
	samples_free(&s);
}

int main(void)
{
	static const int64_t chunks[] = { 0, 1, 3, 5, 16, 100 };

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		test_batches(chunks[i], 0);
		test_batches(chunks[i], 2);
	}
	test_shuffled();
	test_sizes();
	test_marks();
	plait_stop();
	return tap_done();
}
