/* SPDX-License-Identifier: MIT
 * Loaders with a cache: batches are the same as without, files are not read again, and the cache is
 * not larger than its limit. */
#include "src/base/hash.h"
#include "tests/loader/cached.h"
#include "tests/resident.h"

/* -- running ----------------------------------------------------------------------------- */

/* Reads one epoch.  Returns its hash, or 0 with the status of the batch that failed. */
static uint64_t read_epoch(struct plait_loader *loader, int *status_p)
{
	struct plait_batch batch;
	struct plait__hash hash;
	int status;

	plait__hash_start(&hash);
	while ((status = plait_loader_next(loader, &batch)) == 0) {
		plait__hash_add(&hash, batch.x,
				(size_t)batch.samples * 3 * 12 * 12 * sizeof *batch.x);
		plait__hash_add(&hash, batch.labels, (size_t)batch.samples * sizeof *batch.labels);
		plait_loader_release(loader);
	}
	*status_p = status;
	return status == PLAIT_END ? plait__hash_end(&hash) : 0;
}

struct run {
	uint64_t hash[EPOCHS];
	struct plait_loader_memory memory; /* in the end */
};

static struct run run_loader(struct plait_dataset *set, struct plait_loader_options options)
{
	struct plait_loader *loader;
	struct run run;
	int status;

	options.batch_size = BATCH;
	options.shuffle = true;
	options.seed = 5;
	loader = loader_open(set, options);
	for (int i = 0; i < EPOCHS; i++) {
		run.hash[i] = read_epoch(loader, &status);
		if (status != PLAIT_END)
			tap_bail_out("%s", plait_error_message());
	}
	plait_loader_memory(loader, &run.memory);
	plait_loader_destroy(loader);
	return run;
}

static bool within_limit(const struct plait_loader_memory *m)
{
	return m->cache_bytes <= m->cache_limit &&
	       m->slots * m->slot_bytes + m->cache_limit <= m->limit;
}

/* -- the same bytes ---------------------------------------------------------------------- */

static void compare(const struct run *got, const struct run *expected, const char *what)
{
	int differ = 0;

	for (int i = 0; i < EPOCHS; i++)
		differ += got->hash[i] != expected->hash[i];
	is_int(differ, 0, "%s: three epochs of the same bytes", what);
	ok(within_limit(&got->memory), "%s: within the limit", what);
}

static void test_kind(struct plait_dataset *set, const struct plait_transform *t,
		      enum plait_cache cache, int workers, const struct run *plain)
{
	struct plait_loader_options options = { .prefetch = 4,
						.transform = t,
						.cache = cache,
						.workers = workers,
						.memory_limit = 64 << 20 };
	struct run all = run_loader(set, options), part;
	char what[64];

	snprintf(what, sizeof what, "cache %d, %d workers, large", cache, workers);
	compare(&all, plain, what);
	is_int(all.memory.cache_samples, SAMPLES, "%s: it has all samples", what);
	snprintf(what, sizeof what, "cache %d, %d workers, small", cache, workers);
	options.memory_limit = all.memory.limit - all.memory.cache_limit;
	options.memory_limit += all.memory.cache_bytes / 2;
	part = run_loader(set, options);
	compare(&part, plain, what);
	ok(part.memory.cache_samples > SAMPLES / 4 && part.memory.cache_samples < SAMPLES,
	   "%s: it has some of the samples", what);
	ok(part.memory.cache_bytes > 0, "%s: and says how many bytes", what);
	snprintf(what, sizeof what, "cache %d, %d workers, no room", cache, workers);
	options.memory_limit = all.memory.slots * all.memory.slot_bytes;
	part = run_loader(set, options);
	compare(&part, plain, what);
	is_int(part.memory.cache_samples + part.memory.cache_bytes, 0, "%s: it has none", what);
}

static void test_same(void)
{
	struct plait_dataset *set = open_images("same");
	struct plait_transform *t = make_transform();
	struct run plain = run_loader(set, (struct plait_loader_options){ .transform = t });
	int differ = plain.hash[0] != plain.hash[1] && plain.hash[1] != plain.hash[2];

	ok(differ, "epochs differ");
	is_int(plain.memory.cache_limit + plain.memory.cache_samples, 0, "no cache unless asked");
	ok(plain.memory.slots >= 2, "slots");
	ok(plain.memory.slot_bytes >= BATCH * (3 * 12 * 12 + 1) * 4, "as large as a batch");
	is_int(plain.memory.samples, SAMPLES, "of so many samples");
	for (int workers = 1; workers <= 2; workers++) {
		test_kind(set, t, PLAIT_CACHE_RAW, workers, &plain);
		test_kind(set, t, PLAIT_CACHE_DECODED, workers, &plain);
	}
	plait_transform_destroy(t);
	plait_dataset_destroy(set);
}

/* -- where samples come from ------------------------------------------------------------- */

static void test_files_gone(enum plait_cache cache)
{
	struct plait_dataset *set = open_images("gone");
	struct plait_transform *t = make_transform();
	struct plait_loader_options options = { .batch_size = BATCH,
						.prefetch = 4,
						.transform = t,
						.cache = cache,
						.memory_limit = 64 << 20 };
	struct plait_loader *loader = loader_open(set, options);
	struct plait_loader_memory memory;
	int status;

	read_epoch(loader, &status);
	is_int(status, PLAIT_END, "cache %d: the first epoch", cache);
	delete_images();
	read_epoch(loader, &status);
	is_int(status, PLAIT_END, "cache %d: the second, without the files", cache);
	plait_loader_memory(loader, &memory);
	plait_loader_destroy(loader);
	for (int i = 0; i < SAMPLES; i++)
		put_image(i);
	options.memory_limit = memory.limit - memory.cache_limit + memory.cache_bytes / 2;
	loader = loader_open(set, options);
	read_epoch(loader, &status);
	is_int(status, PLAIT_END, "cache %d, half as large: the first epoch", cache);
	delete_images();
	read_epoch(loader, &status);
	is_int(status, PLAIT_EIO, "cache %d, half as large: the second fails", cache);
	contains(plait_error_message(), tree_root, "it names the file");
	contains(plait_error_message(), ".png: cannot open: No such file", "and why");
	plait_loader_destroy(loader);
	plait_transform_destroy(t);
	plait_dataset_destroy(set);
}

/* A sample that cannot be decoded is not kept: when its file is good again, so is the sample. */
static void test_bad_sample(enum plait_cache cache)
{
	struct plait_dataset *set = open_images("bad");
	struct plait_transform *t = make_transform();
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 1,
								.transform = t,
								.cache = cache,
								.memory_limit = 64 << 20 });
	struct plait_loader_memory memory;
	struct plait_batch batch;
	int failed = 0, status;

	tree_put(name_of(41), "no image", 8);
	for (int i = 0; i < SAMPLES; i++) {
		status = plait_loader_next(loader, &batch);
		failed += status == PLAIT_EFORMAT && i == 41;
		failed += status < 0 ? 1 : 0;
		plait_loader_release(loader);
	}
	is_int(failed, 2, "cache %d: sample 41 alone is bad", cache);
	plait_loader_memory(loader, &memory);
	is_int(memory.cache_samples, SAMPLES - 1, "cache %d: the others are kept", cache);
	delete_images();
	put_image(41);
	is_int(plait_loader_next(loader, &batch), PLAIT_END, "cache %d: the end", cache);
	read_epoch(loader, &status);
	is_int(status, PLAIT_END, "cache %d: the next epoch takes the good file", cache);
	plait_loader_memory(loader, &memory);
	is_int(memory.cache_samples, SAMPLES, "cache %d: and keeps it", cache);
	plait_loader_destroy(loader);
	plait_transform_destroy(t);
	plait_dataset_destroy(set);
}

/* -- steady state ------------------------------------------------------------------------- */

/* From the second epoch on nothing comes; 256 kB are for what allocator and StarPU do with the
 * same blocks over and over, as in tests/memory.c: a copy of the images an epoch would be 8 MB. */
static void test_steady(void)
{
	struct plait_dataset *set = open_images("steady");
	struct plait_transform *t = make_transform();
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = BATCH,
								.transform = t,
								.cache = PLAIT_CACHE_DECODED,
								.memory_limit = 64 << 20 });
	struct plait_loader_memory early, late;
	int64_t before = 0;
	int status, bad = 0;

	for (int epoch = 0; epoch < 100; epoch++) {
		read_epoch(loader, &status);
		bad += status != PLAIT_END;
		if (epoch == 1)
			plait_loader_memory(loader, &early);
		if (epoch == 19)
			before = resident();
	}
	plait_loader_memory(loader, &late);
	is_int(bad, 0, "a hundred epochs");
	is_int(late.cache_bytes, early.cache_bytes, "the cache is what it was after two");
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
	(void)before;
	tap_skip("the size of the process: a sanitizer keeps freed memory");
#else
	ok(before > 0 && resident() - before < 256 * 1024, "and so is the process: %lld kB more",
	   (long long)(resident() - before) / 1024);
#endif
	plait_loader_destroy(loader);
	plait_transform_destroy(t);
	plait_dataset_destroy(set);
}

int main(void)
{
	if (!pictures_have_png() && !pictures_have_jpeg())
		tap_skip_all("built without libpng and libjpeg-turbo");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_same();
	for (int cache = PLAIT_CACHE_RAW; cache <= PLAIT_CACHE_DECODED; cache++) {
		test_files_gone((enum plait_cache)cache);
		test_bad_sample((enum plait_cache)cache);
	}
	test_steady();
	plait_stop();
	return tap_done();
}
