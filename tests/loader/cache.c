/* SPDX-License-Identifier: MIT
 * The cache alone: samples that were added are found, whichever thread added them, until it is
 * full. */
#include "src/loader/cache.h"
#include "tests/tap.h"

#include <pthread.h>

#define SAMPLES 1000

static const struct plait_dataset set = { .info = { .spec = "made up", .samples = SAMPLES } };

static struct plait__cache *open_cache(enum plait_cache kind, struct plait__budget *budget)
{
	struct plait__cache *cache;

	if (plait__cache_create(&cache, kind, &set, budget) < 0)
		tap_bail_out("%s", plait_error_message());
	return cache;
}

/* Sample i: size bytes that depend on i, as a record. */
static struct plait__stored record_of(int64_t i, enum plait__stored_kind kind, unsigned char *bytes,
				      size_t size)
{
	for (size_t j = 0; j < size; j++)
		bytes[j] = (unsigned char)((size_t)i * 7 + j * 3);
	return (struct plait__stored){ .kind = kind,
				       .bytes = bytes,
				       .size = size,
				       .label = (int32_t)i % 10,
				       .path = "some/path",
				       .offset = i * 100 };
}

static bool is_same(const struct plait__stored *a, const struct plait__stored *b)
{
	return a->kind == b->kind && a->size == b->size && a->label == b->label &&
	       a->path == b->path && a->offset == b->offset &&
	       memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void test_records(enum plait_cache kind, enum plait__stored_kind record_kind,
			 const char *what)
{
	struct plait__budget budget = { .limit = 1 << 20 };
	struct plait__cache *cache = open_cache(kind, &budget);
	unsigned char bytes[300];
	struct plait__stored stored, found = { 0 };
	struct plait__image image = { 0 };
	int wrong = 0;

	ok(!plait__cache_find(cache, 3, &found, &image) && !image.pixels, "%s: empty at first",
	   what);
	for (int64_t i = 0; i < 100; i++) {
		stored = record_of(i, record_kind, bytes, (size_t)(100 + i));
		plait__cache_add(cache, i, &stored, &image);
	}
	for (int64_t i = 0; i < 100; i++) {
		stored = record_of(i, record_kind, bytes, (size_t)(100 + i));
		wrong += !plait__cache_find(cache, i, &found, &image) || image.pixels ||
			 !is_same(&found, &stored) || found.bytes == bytes;
	}
	is_int(wrong, 0, "%s: copies of what was put in", what);
	ok(!plait__cache_find(cache, 100, &found, &image), "%s: and nothing else", what);
	is_int(plait__cache_samples(cache), 100, "%s: how many", what);
	stored = record_of(50, record_kind, bytes, 20);
	plait__cache_add(cache, 7, &stored, &image);
	ok(plait__cache_find(cache, 7, &found, &image) && found.size == 107,
	   "%s: what is there stays", what);
	is_int(plait__cache_samples(cache), 100, "%s: and is counted once", what);
	plait__cache_destroy(cache);
	plait__budget_unmap(&budget);
}

/* An image whose rows are apart from each other. */
static void test_images(void)
{
	struct plait__budget budget = { .limit = 1 << 20 };
	struct plait__cache *cache = open_cache(PLAIT_CACHE_DECODED, &budget);
	unsigned char bytes[9], pixels[4 * 32];
	struct plait__stored stored = record_of(5, PLAIT__STORED_ENCODED, bytes, sizeof bytes);
	struct plait__image image = {
		.pixels = pixels, .width = 7, .height = 4, .channels = 3, .stride = 32
	};
	struct plait__image found = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (unsigned char)i;
	plait__cache_add(cache, 5, &stored, &image);
	ok(plait__cache_find(cache, 5, &stored, &found), "an image");
	ok(!stored.bytes && stored.kind == PLAIT__STORED_ENCODED && stored.label == 5 &&
		   stored.offset == 500,
	   "its record is without bytes");
	ok(found.width == 7 && found.height == 4 && found.channels == 3 && found.stride == 21,
	   "its rows are together");
	for (int y = 0; y < 4; y++)
		wrong += memcmp(found.pixels + y * 21, pixels + y * 32, 21) != 0;
	is_int(wrong, 0, "its pixels");
	ok((uintptr_t)found.pixels % 64 == 0, "they begin at a cache line");
	plait__cache_destroy(cache);
	plait__budget_unmap(&budget);
}

static void test_room(void)
{
	static unsigned char bytes[60000];
	struct plait__budget budget = { .limit = 100000 };
	struct plait__cache *cache = open_cache(PLAIT_CACHE_RAW, &budget);
	struct plait__stored stored = record_of(1, PLAIT__STORED_ENCODED, bytes, sizeof bytes);
	struct plait__image image;
	int64_t left = plait__budget_left(&budget);

	ok(left <= 100000 - SAMPLES * (int64_t)sizeof(void *), "the table counts");
	plait__cache_add(cache, 1, &stored, &image);
	plait__cache_add(cache, 2, &stored, &image);
	is_int(plait__cache_samples(cache), 1, "one of two that are larger than half");
	ok(!plait__cache_find(cache, 2, &stored, &image), "the second is not there");
	stored = record_of(3, PLAIT__STORED_ENCODED, bytes, 10000);
	plait__cache_add(cache, 3, &stored, &image);
	ok(plait__cache_find(cache, 3, &stored, &image), "a smaller one is, after that");
	ok(plait__cache_bytes(cache) >= 70000 && plait__cache_bytes(cache) <= left,
	   "bytes are counted");
	plait__cache_destroy(cache);
	plait__budget_unmap(&budget);

	budget = (struct plait__budget){ .limit = 100 };
	cache = open_cache(PLAIT_CACHE_RAW, &budget);
	ok(!cache && plait__budget_left(&budget) == 100, "no room for the table: no cache");
	ok(!plait__cache_find(cache, 0, &stored, &image), "in which nothing is found");
	plait__cache_add(cache, 0, &stored, &image);
	is_int(plait__cache_samples(cache) + plait__cache_bytes(cache), 0, "or kept");
	plait__cache_destroy(cache);
}

/* -- several at once ------------------------------------------------------------------------ */

#define THREADS 4

struct worker {
	struct plait__cache *cache;
	int step; /* through the samples: all in another order */
	int wrong;
};

/* Finds or adds every sample, twice, as workers of two epochs that overlap. */
static void *use_cache(void *arg)
{
	struct worker *worker = arg;
	unsigned char bytes[200];

	for (int64_t k = 0; k < 2 * SAMPLES; k++) {
		int64_t i = k * worker->step % SAMPLES;
		struct plait__stored stored = record_of(i, PLAIT__STORED_ENCODED, bytes, 200);
		struct plait__stored found;
		struct plait__image image;

		if (plait__cache_find(worker->cache, i, &found, &image))
			worker->wrong += !is_same(&stored, &found);
		else
			plait__cache_add(worker->cache, i, &stored, &image);
	}
	return NULL;
}

static void test_threads(int64_t limit, bool fits, const char *what)
{
	static const int steps[THREADS] = { 1, 3, 1, 999 }; /* none has a divisor of 1000 */
	struct plait__budget budget = { .limit = limit };
	struct plait__cache *cache = open_cache(PLAIT_CACHE_RAW, &budget);
	struct worker worker[THREADS];
	pthread_t thread[THREADS];
	int64_t bytes, kept;
	int wrong = 0;

	for (int t = 0; t < THREADS; t++) {
		worker[t] = (struct worker){ .cache = cache, .step = steps[t] };
		pthread_create(&thread[t], NULL, use_cache, &worker[t]);
	}
	for (int t = 0; t < THREADS; t++) {
		pthread_join(thread[t], NULL);
		wrong += worker[t].wrong;
	}
	kept = plait__cache_samples(cache);
	bytes = plait__cache_bytes(cache);
	is_int(wrong, 0, "%s: four threads: nobody found another's bytes", what);
	if (fits)
		is_int(kept, SAMPLES, "%s: all samples are there, each once", what);
	else
		ok(kept > 0 && kept < SAMPLES, "%s: some are there", what);
	ok(bytes >= kept * 200 && bytes <= budget.limit - budget.claimed,
	   "%s: within the room for them", what);
	is_int(budget.taken, kept * ((bytes / kept + 63) / 64 * 64),
	       "%s: nothing was taken for a sample twice", what);
	plait__cache_destroy(cache);
	plait__budget_unmap(&budget);
}

int main(void)
{
	test_records(PLAIT_CACHE_RAW, PLAIT__STORED_ENCODED, "raw files");
	test_records(PLAIT_CACHE_RAW, PLAIT__STORED_PLANES, "raw planes");
	test_records(PLAIT_CACHE_DECODED, PLAIT__STORED_PLANES, "decoded planes");
	test_images();
	test_room();
	test_threads(1 << 20, true, "enough memory");
	test_threads(100000, false, "too little memory");
	return tap_done();
}
