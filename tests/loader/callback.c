/* SPDX-License-Identifier: MIT
 * Data sets that are functions: batches are the same whichever worker loads them; and samples that
 * cannot be read. */
#include "config.h"
#include "tests/nets.h"

#include <time.h>

struct source {
	int64_t fail_at, label_at;
};

/* Sample i is i, then noise from its key. */
static int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const struct source *source = user;
	float *value = x;

	value[0] = (float)index;
	for (uint64_t i = 1; i < 5; i++)
		value[i] = plait__uniform(plait__random(key, i));
	*label = index == source->label_at ? 3 : (int32_t)(index % 3);
	target[0] = 2 * (float)index;
	/* Some samples take longer, so that loads overtake each other. */
	for (volatile int spin = 0; spin < (index % 7 == 0 ? 20000 : 0); spin++)
		;
	return index == source->fail_at ? 17 : 0;
}

static struct plait_dataset *open_source(struct source *source)
{
	struct plait_dataset_info info = { .spec = "numbers",
					   .samples = 500,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { 5 },
					   .classes = 3,
					   .targets = 1 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_sample, source) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* A hash of everything that two epochs deliver. */
static uint64_t hash_epochs(struct plait_dataset *set, int workers, int prefetch)
{
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 24,
								.shuffle = true,
								.workers = workers,
								.prefetch = prefetch,
								.seed = 11 });
	struct plait_batch batch;
	uint64_t hash = 0;

	for (int end = 0; end < 2;) {
		int status = plait_loader_next(loader, &batch);

		end += status == PLAIT_END;
		if (status < 0)
			tap_bail_out("%s", plait_error_message());
		for (int64_t i = 0; status == 0 && i < batch.samples; i++) {
			for (int j = 0; j < 5; j++) {
				uint32_t bits;

				memcpy(&bits, &batch.x[i * 5 + j], sizeof bits);
				hash = plait__key(hash, bits);
			}
			hash = plait__key(hash, (uint64_t)batch.labels[i]);
			hash = plait__key(hash, (uint64_t)batch.targets[i]);
		}
		plait_loader_release(loader);
	}
	plait_loader_destroy(loader);
	return hash;
}

static void test_workers(void)
{
	struct source source = { -1, -1 };
	struct plait_dataset *set = open_source(&source);
	uint64_t one = hash_epochs(set, 1, 2);
	int differ = 0;

	for (int workers = 1; workers <= 4; workers++)
		for (int prefetch = 2; prefetch <= 8; prefetch++)
			differ += hash_epochs(set, workers, prefetch) != one;
	is_int(differ, 0,
	       "two shuffled epochs with keyed noise: the same bits with 1 to 4 workers, 2 to 8 "
	       "slots");
	plait_dataset_destroy(set);
}

/* A callback may draw from its key: another in each epoch. */
static void test_keys(void)
{
	struct source source = { -1, -1 };
	struct plait_dataset *set = open_source(&source);
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 500 });
	struct plait_batch batch;
	float first[5], second[5];

	plait_loader_next(loader, &batch);
	memcpy(first, batch.x, sizeof first);
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), PLAIT_END, "one batch is the whole epoch");
	plait_loader_next(loader, &batch);
	memcpy(second, batch.x, sizeof second);
	plait_loader_release(loader);
	ok(first[0] == second[0] && first[1] != second[1],
	   "a sample's key is another in the next epoch");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* Batches of 20, sample 130 bad: the seventh batch fails, with the sample's number, and the
 * eighth is there. */
static void test_bad_sample(struct source source, int status, const char *const *parts)
{
	struct plait_dataset *set = open_source(&source);
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 20 });
	struct plait_batch batch;
	int good = 0;

	for (int i = 0; i < 6; i++) {
		good += plait_loader_next(loader, &batch) == 0;
		plait_loader_release(loader);
	}
	is_int(good, 6, "six batches before the bad sample");
	is_int(plait_loader_next(loader, &batch), status, "then %s", plait_status_text(status));
	for (; *parts; parts++)
		contains(plait_error_message(), *parts, "the message names \"%s\"", *parts);
	is_int(plait_loader_next(loader, &batch), 0, "the batch after it can be had");
	ok(batch.index == 7 && batch.x[0] == 140, "and it is number 7");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* Two bad batches: each has its own error, although the second failed before the first was read. */
static void test_two_bad_samples(void)
{
	struct source source = { .fail_at = 25, .label_at = 45 };
	struct plait_dataset *set = open_source(&source);
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 20, .prefetch = 8 });
	struct plait_batch batch;

	is_int(plait_loader_next(loader, &batch), 0, "batch 0 is good");
	plait_loader_release(loader);
	is_int(plait_loader_next(loader, &batch), PLAIT_EDATA, "batch 1 cannot be read");
	contains(plait_error_message(), "sample 25", "and names its sample");
	is_int(plait_loader_next(loader, &batch), PLAIT_ELABEL, "batch 2 has a bad label");
	contains(plait_error_message(), "sample 45", "and names its own sample");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* A sample of n bytes, all of them index mod 251, n being what user points to. */
static int read_bytes(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		      float *target)
{
	(void)key;
	(void)label;
	(void)target;
	memset(x, (int)(index % 251), *(size_t *)user);
	for (volatile int spin = 0; spin < 2000; spin++)
		;
	return 0;
}

static struct plait_dataset *open_bytes(size_t *bytes)
{
	struct plait_dataset_info info = {
		.samples = 400, .dtype = PLAIT_U8, .ndim = 1, .dim = { (int64_t)*bytes }
	};
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_bytes, bytes) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* The second loader needs more scratch memory than the first, whose loads are on their way. */
static void test_two_loaders(void)
{
	size_t few = 100, many = 100000;
	struct plait_dataset *small = open_bytes(&few), *large = open_bytes(&many);
	struct plait_loader *a = loader_open(
		small, (struct plait_loader_options){ .batch_size = 40, .prefetch = 8 });
	struct plait_loader *b =
		loader_open(large, (struct plait_loader_options){ .batch_size = 4, .prefetch = 2 });
	struct plait_batch batch;
	int wrong = 0;

	for (int i = 0; i < 10; i++) {
		wrong += plait_loader_next(a, &batch) != 0;
		for (int64_t j = 0; j < 40 * 100; j++)
			wrong += batch.x[j] != (float)((40 * i + j / 100) % 251) / 255.0f;
		plait_loader_release(a);
		wrong += plait_loader_next(b, &batch) != 0;
		wrong += batch.x[0] != (float)(4 * i % 251) / 255.0f ||
			 batch.x[many - 1] != batch.x[0];
		plait_loader_release(b);
	}
	is_int(wrong, 0, "two loaders read in turn");
	plait_loader_destroy(a);
	plait_loader_destroy(b);
	plait_dataset_destroy(small);
	plait_dataset_destroy(large);
}

/* Sleeps, so that whoever waits for a batch runs before the next ones are made. */
static int read_slowly(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	(void)key, (void)label, (void)target;
	*(float *)x = (float)index;
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	__atomic_add_fetch((int *)user, 1, __ATOMIC_RELAXED);
	return 0;
}

/* Tasks of all batches are ready at once.  Those of the first one must run first. */
static void test_first_batch(void)
{
	struct plait_dataset_info info = {
		.spec = "slow", .samples = 64, .dtype = PLAIT_F32, .ndim = 1, .dim = { 1 }
	};
	struct plait_dataset *set = NULL;
	struct plait_loader *loader;
	struct plait_batch batch;
	int made = 0;

	if (plait_dataset_from_callback(&set, &info, read_slowly, &made) < 0)
		tap_bail_out("%s", plait_error_message());
	loader = loader_open(
		set, (struct plait_loader_options){ .batch_size = 4, .prefetch = 16, .chunk = 1 });
	is_int(plait_loader_next(loader, &batch), 0, "a ring of 16 slots, filled by 64 tasks");
	ok(__atomic_load_n(&made, __ATOMIC_RELAXED) < 64,
	   "its first batch is there before the ring is full");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

/* Its index; now and then it takes ten times as long as a batch is used for.  Sleeps are long:
 * where the machine is busy short ones are not short, and loads would be too slow on average,
 * against which slots do not help. */
static int read_unevenly(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			 float *target)
{
	(void)user;
	(void)key;
	(void)label;
	(void)target;
	*(float *)x = (float)index;
	nanosleep(&(struct timespec){ .tv_nsec = index % 256 ? 10000 : 15000000 }, NULL);
	return 0;
}

/* The tuner uses more slots while loads are slow, and fewer again afterwards. */
static void test_uneven_loads(void)
{
	struct plait_dataset_info info = {
		.spec = "uneven", .samples = 8 * 256, .dtype = PLAIT_F32, .ndim = 1, .dim = { 1 }
	};
	struct plait_dataset *set = NULL;
	struct plait_loader *loader;
	struct plait_load_stats stats;
	struct plait_batch batch;
	int wrong = 0, most = 0;

	if (plait_dataset_from_callback(&set, &info, read_unevenly, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	loader = loader_open(set, (struct plait_loader_options){ .batch_size = 8 });
	for (int epoch = 0; epoch < 2; epoch++)
		while (plait_loader_next(loader, &batch) == 0) {
			nanosleep(&(struct timespec){ .tv_nsec = 1500000 }, NULL); /* its own use */
			for (int64_t i = 0; i < batch.samples; i++)
				wrong += batch.x[i] != (float)(batch.index * 8 + i);
			plait_loader_release(loader);
			plait_loader_stats(loader, &stats);
			most = stats.prefetch > most ? stats.prefetch : most;
		}
	ok(most > 4, "loads of uneven length: up to %d slots", most);
	is_int(wrong, 0, "every batch is what it should be, in slots of changing number");
	plait_loader_destroy(loader);
	plait_dataset_destroy(set);
}

int main(void)
{
	static const char *const unread[] = { "numbers", "sample 130", "17", NULL };
	static const char *const label[] = { "numbers", "sample 130", "label 3", "0 to 2", NULL };

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_workers();
	test_keys();
	test_bad_sample((struct source){ .fail_at = 130, .label_at = -1 }, PLAIT_EDATA, unread);
	test_bad_sample((struct source){ .fail_at = -1, .label_at = 130 }, PLAIT_ELABEL, label);
	test_two_bad_samples();
	test_two_loaders();
	test_first_batch();
	test_uneven_loads();
	plait_stop();
	return tap_done();
}
