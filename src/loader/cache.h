/* SPDX-License-Identifier: MIT
 * The cache keeps samples of a data set of stored images in memory.
 *
 * A sample is admitted when it is first made, if there is room, and is never removed.  An epoch
 * uses each sample once, so a cache that replaces samples would remove some before they are used
 * again (MinIO, in Mohan et al., "Analyzing and Mitigating Data Stalls in DNN Training", VLDB
 * 2021).  If a sample does not fit, a smaller one may still be admitted. */
#ifndef PLAIT__CACHE_H
#define PLAIT__CACHE_H

#include "src/dataset/dataset.h"
#include "src/loader/budget.h"
#include <plait/loader.h>

struct plait__cache;

/* Makes a cache, of a kind that is not NONE, for the samples of a data set.  Its memory is from the
 * budget, which must outlive it.  *cache_p is NULL if the budget has no room for a table of the
 * samples: then none is kept.  PLAIT_ENOMEM. */
int plait__cache_create(struct plait__cache **cache_p, enum plait_cache kind,
			const struct plait_dataset *dataset, struct plait__budget *budget);
void plait__cache_destroy(struct plait__cache *cache);

/* Whether the cache has sample index.  If so, *stored is what the data set's fetch() gives, with
 * bytes in the cache, or, where images are kept decoded, stored->bytes is NULL and *image is the
 * image.  image->pixels is NULL in all other cases, also if the cache does not have the sample.
 * Takes no lock and writes nothing to the cache.  cache may be NULL. */
bool plait__cache_find(const struct plait__cache *cache, int64_t index,
		       struct plait__stored *stored, struct plait__image *image);

/* Admits a sample: its stored bytes or, if the kind of the cache is DECODED and the bytes are
 * encoded, its image.  Any thread; if several bring one sample, the first is admitted.  cache may
 * be NULL. */
void plait__cache_add(struct plait__cache *cache, int64_t index, const struct plait__stored *stored,
		      const struct plait__image *image);

/* How many samples are in the cache, and their bytes; cache may be NULL. */
int64_t plait__cache_samples(const struct plait__cache *cache);
int64_t plait__cache_bytes(const struct plait__cache *cache);

#endif
