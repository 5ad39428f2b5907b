/* SPDX-License-Identifier: MIT
 * What a loader takes of its limit: slots first, what remains is the cache's.  The samples'
 * own buffers, one set a worker, are as large as the largest sample and not counted. */
#include "config.h"
#include "src/loader/cache.h"
#include "src/loader/loader.h"
#include "src/runtime/memory_limit.h"

#include <inttypes.h>

static int check_cache(const struct plait_loader *loader)
{
	enum plait_cache kind = loader->options.cache;
	const struct plait_dataset *dataset = loader->dataset;

	if ((unsigned)kind > PLAIT_CACHE_DECODED)
		return plait__error(PLAIT_EINVAL, "cache %d, must be one of PLAIT_CACHE_*",
				    (int)kind);
	if (kind == PLAIT_CACHE_NONE || dataset->fetch)
		return 0;
	return plait__error(PLAIT_EINVAL, "%s: a cache is for stored images, %s: leave it out",
			    dataset->info.spec,
			    dataset->x ? "these samples are in memory already"
				       : "these samples come from a function");
}

int64_t plait__loader_slots_that_fit(const struct plait_loader *loader)
{
	return plait__pool_left(loader->pool) / (int64_t)loader->layout.bytes;
}

static int claim_slots(struct plait_loader *loader)
{
	struct plait_loader_options *o = &loader->options;
	int64_t most = plait__loader_slots_that_fit(loader);

	/* What nobody asked for leaves half to the cache, and to validation. */
	if (loader->tunes_prefetch && most / 2 < o->prefetch)
		o->prefetch = most < 4 ? 2 : (int)(most / 2);
	if (most >= o->prefetch) {
		plait__pool_claim(loader->pool, o->prefetch * (int64_t)loader->layout.bytes);
		return 0;
	}
	/* As doubles: thousands of the largest slots do not fit in 64 bits. */
	return plait__error(PLAIT_ENOMEM,
			    "%s: %d batches of %" PRId64 " samples need %.1f MB, the loader's "
			    "memory limit leaves %.1f MB of %.1f MB: lower the batch size or "
			    "prefetch, or raise the limit",
			    loader->dataset->info.spec, o->prefetch, o->batch_size,
			    (double)loader->layout.bytes * o->prefetch * 1e-6,
			    (double)plait__pool_left(loader->pool) * 1e-6,
			    (double)loader->pool->limit * 1e-6);
}

int plait__loader_open_memory(struct plait_loader *loader, struct plait__pool *shared)
{
	struct plait_loader_options *o = &loader->options;
	int status = check_cache(loader);

	if (status == 0 && o->memory_limit < 0)
		status = plait__error(PLAIT_EINVAL,
				      "memory limit %" PRId64 " bytes, must not be negative",
				      o->memory_limit);
	if (status < 0)
		return status;
	if (o->memory_limit == 0)
		o->memory_limit = plait__memory_default_limit("");
	loader->own_pool.limit = o->memory_limit;
	loader->pool = shared ? shared : &loader->own_pool;
	status = claim_slots(loader);
	if (status == 0 && o->cache != PLAIT_CACHE_NONE)
		status = plait__cache_create(&loader->cache, o->cache, loader->dataset,
					     loader->pool);
	return status;
}

void plait__loader_close_memory(struct plait_loader *loader)
{
	plait__cache_destroy(loader->cache);
	plait__pool_unmap(&loader->own_pool);
	loader->cache = NULL;
}

void plait_loader_memory(const struct plait_loader *loader, struct plait_loader_memory *memory)
{
	const struct plait__pool *pool = loader->pool;

	*memory = (struct plait_loader_memory){
		.limit = pool->limit,
		.slots = loader->options.prefetch,
		.slot_bytes = (int64_t)loader->layout.bytes,
		.cache = loader->options.cache,
		.cache_limit = loader->cache ? pool->limit - pool->claimed : 0,
		.cache_bytes = plait__cache_bytes(loader->cache),
		.cache_samples = plait__cache_samples(loader->cache),
		.samples = loader->dataset->info.samples,
	};
}
