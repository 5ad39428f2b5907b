/* SPDX-License-Identifier: MIT
 * A table with one pointer a sample, which is set when the entry is complete and never changes
 * after that.  So a thread that has read the pointer may read the entry without a lock. */
#include "config.h"
#include "src/loader/cache.h"

#include <stdlib.h>
#include <string.h>

/* A sample in the cache; its bytes follow at the next multiple of PLAIT__PIECE. */
struct cached_sample {
	struct plait__stored stored; /* bytes is NULL if the image is kept */
	struct plait__image image;   /* pixels is NULL if the stored bytes are kept */
};

#define BYTES_OFFSET \
	((sizeof(struct cached_sample) + PLAIT__PIECE - 1) / PLAIT__PIECE * PLAIT__PIECE)

struct plait__cache {
	enum plait_cache kind;
	struct plait__budget *budget;
	int64_t samples, bytes;        /* atomic */
	struct cached_sample *entry[]; /* atomic: by sample */
};

/* In the table while a worker writes the entry. */
static struct cached_sample being_made;

int plait__cache_create(struct plait__cache **cache_p, enum plait_cache kind,
			const struct plait_dataset *dataset, struct plait__budget *budget)
{
	int64_t samples = dataset->info.samples, bytes;
	struct plait__cache *cache;
	int status;

	*cache_p = NULL;
	if (__builtin_mul_overflow(samples, (int64_t)sizeof *cache->entry, &bytes) ||
	    __builtin_add_overflow(bytes, (int64_t)sizeof *cache, &bytes) ||
	    !plait__budget_claim(budget, bytes))
		return 0;
	cache = plait__calloc(1, (size_t)bytes, "a cache's table");
	if (!cache)
		return PLAIT_ENOMEM;
	status = plait__budget_map(budget);
	if (status < 0) {
		free(cache);
		return status;
	}
	cache->kind = kind;
	cache->budget = budget;
	*cache_p = cache;
	return 0;
}

void plait__cache_destroy(struct plait__cache *cache)
{
	free(cache);
}

bool plait__cache_find(const struct plait__cache *cache, int64_t index,
		       struct plait__stored *stored, struct plait__image *image)
{
	const struct cached_sample *entry =
		cache ? __atomic_load_n(&cache->entry[index], __ATOMIC_ACQUIRE) : NULL;

	*image = (struct plait__image){ 0 };
	if (!entry || entry == &being_made)
		return false;
	*stored = entry->stored;
	*image = entry->image;
	return true;
}

static size_t row_bytes(const struct plait__image *image)
{
	return (size_t)image->width * (size_t)image->channels;
}

/* Copies an image without the bytes that may be between its rows. */
static void copy_image(struct cached_sample *entry, const struct plait__image *image,
		       unsigned char *to)
{
	size_t row = row_bytes(image);

	entry->image = *image;
	entry->image.pixels = to;
	entry->image.stride = row;
	for (int y = 0; y < image->height; y++)
		memcpy(to + (size_t)y * row, image->pixels + (size_t)y * image->stride, row);
}

static struct cached_sample *make_entry(struct plait__cache *cache,
					const struct plait__stored *stored,
					const struct plait__image *image)
{
	bool decoded = cache->kind == PLAIT_CACHE_DECODED && stored->kind == PLAIT__STORED_ENCODED;
	size_t size = decoded ? row_bytes(image) * (size_t)image->height : stored->size;
	unsigned char *piece = plait__budget_take(cache->budget, BYTES_OFFSET + size);
	struct cached_sample *entry = (struct cached_sample *)piece;

	if (!piece)
		return NULL;
	PLAIT__ASSERT((uintptr_t)piece % PLAIT__PIECE == 0, "an entry begins at a cache line");
	*entry = (struct cached_sample){ .stored = *stored };
	if (decoded) {
		entry->stored.bytes = NULL;
		copy_image(entry, image, piece + BYTES_OFFSET);
	} else {
		entry->stored.bytes = piece + BYTES_OFFSET;
		memcpy(piece + BYTES_OFFSET, stored->bytes, size);
	}
	__atomic_fetch_add(&cache->bytes, (int64_t)(BYTES_OFFSET + size), __ATOMIC_RELAXED);
	__atomic_fetch_add(&cache->samples, 1, __ATOMIC_RELAXED);
	return entry;
}

void plait__cache_add(struct plait__cache *cache, int64_t index, const struct plait__stored *stored,
		      const struct plait__image *image)
{
	struct cached_sample *nothing = NULL, *entry;

	/* The worker that puts `being_made` there makes the entry; others return. */
	if (!cache || !__atomic_compare_exchange_n(&cache->entry[index], &nothing, &being_made,
						   false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	entry = make_entry(cache, stored, image);
	PLAIT__ASSERT(__atomic_load_n(&cache->entry[index], __ATOMIC_RELAXED) == &being_made,
		      "an entry is published once, by the worker that made it");
	__atomic_store_n(&cache->entry[index], entry, __ATOMIC_RELEASE);
}

int64_t plait__cache_samples(const struct plait__cache *cache)
{
	return cache ? __atomic_load_n(&cache->samples, __ATOMIC_RELAXED) : 0;
}

int64_t plait__cache_bytes(const struct plait__cache *cache)
{
	return cache ? __atomic_load_n(&cache->bytes, __ATOMIC_RELAXED) : 0;
}
