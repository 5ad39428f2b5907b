/* SPDX-License-Identifier: MIT
 * Samples of a data set of stored images that were made once and are kept in memory.
 *
 * A sample is admitted when it is first made, while there is room, and never leaves: an epoch
 * uses each sample once, so that any rule that evicts throws out, before their turn, samples it
 * will need (MinIO, in Mohan et al., "Analyzing and Mitigating Data Stalls in DNN Training",
 * VLDB 2021).  When one does not fit, smaller ones still may. */
#ifndef PLAIT__CACHE_H
#define PLAIT__CACHE_H

#include "src/dataset/dataset.h"
#include "src/loader/pool.h"
#include <plait/loader.h>

struct plait__cache;

/* A cache of that kind (not NONE) for the data set's samples, in the pool, which must outlive
 * it.  *cache_p stays NULL if the pool has no room for a table of them: nothing is kept then.
 * PLAIT_ENOMEM. */
int plait__cache_create(struct plait__cache **cache_p, enum plait_cache kind,
			const struct plait_dataset *dataset, struct plait__pool *pool);
void plait__cache_destroy(struct plait__cache *cache);

/* Whether the cache has sample index.  If so, *stored is what the data set's fetch() gives, with
 * bytes in the cache, or, where images are kept decoded, stored->bytes is NULL and *image is the
 * image.  image->pixels is NULL in all other cases, also if the cache does not have the sample.
 * Takes no lock and writes nothing to the cache.  cache may be NULL. */
bool plait__cache_find(const struct plait__cache *cache, int64_t index,
		       struct plait__stored *stored, struct plait__image *image);

/* Admits a sample that could be made: its stored bytes or, if the cache's kind is DECODED and the
 * bytes are ENCODED, its image.  Any thread; several may bring one sample, the first is admitted.
 * cache may be NULL. */
void plait__cache_add(struct plait__cache *cache, int64_t index, const struct plait__stored *stored,
		      const struct plait__image *image);

/* Samples held, and the bytes they take; cache may be NULL. */
int64_t plait__cache_samples(const struct plait__cache *cache);
int64_t plait__cache_bytes(const struct plait__cache *cache);

#endif
