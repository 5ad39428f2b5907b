/* SPDX-License-Identifier: MIT
 * Slots get memory first, the cache gets the rest of the limit.  The buffers in which workers make
 * samples are not counted: each worker has buffers for one sample. */
#include "config.h"
#include "src/loader/memory.h"
#include "src/runtime/memory_limit.h"
#include "src/base/text.h"

#include <inttypes.h>

static int check_cache(const struct plait__feed *feed)
{
	enum plait_cache kind = feed->options.cache;
	const struct plait_dataset *dataset = feed->dataset;

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

/* If the tuner chooses the number of slots, half the memory is left for the cache and for
 * validation. */
int plait__load_memory_slots(const struct plait__feed *feed, int64_t left)
{
	int64_t fit = left / (int64_t)plait__feed_slot_bytes(feed);
	int slots = feed->options.prefetch;

	if (feed->tunes_prefetch && fit / 2 < slots)
		slots = fit < 4 ? 2 : (int)(fit / 2);
	return slots;
}

static int claim_slots(struct plait__load_memory *memory, const struct plait__feed *feed)
{
	const struct plait_loader_options *o = &feed->options;
	int64_t slot = (int64_t)plait__feed_slot_bytes(feed),
		left_bytes = plait__budget_left(memory->budget);
	int slots = plait__load_memory_slots(feed, left_bytes);
	char need[32], left[32], limit[32];

	if (left_bytes / slot >= slots && plait__budget_claim(memory->budget, slots * slot)) {
		memory->slots = slots;
		return 0;
	}
	/* Doubles, because the bytes of many large slots may not be an int64_t. */
	return plait__error(PLAIT_ENOMEM,
			    "%s: %" PRId64 " batches of %" PRId64 " samples need %s, the loader's "
			    "memory limit leaves %s of %s: lower the batch size or "
			    "prefetch%s, or raise the limit",
			    feed->dataset->info.spec, (int64_t)slots * feed->slot_batches,
			    o->batch_size, plait__bytes_text((double)slot * slots, need),
			    plait__bytes_text((double)left_bytes, left),
			    plait__bytes_text((double)memory->budget->limit, limit),
			    feed->slot_batches > 1 ? " or the steps of a task" : "");
}

int plait__load_memory_open(struct plait__load_memory *memory, const struct plait__feed *feed,
			    struct plait__budget *shared)
{
	const struct plait_loader_options *o = &feed->options;
	int status = check_cache(feed);

	if (status == 0 && o->memory_limit < 0)
		status = plait__error(PLAIT_EINVAL,
				      "memory limit %" PRId64 " bytes, must not be negative",
				      o->memory_limit);
	if (status < 0)
		return status;
	memory->own_budget.limit =
		o->memory_limit ? o->memory_limit : plait__memory_default_limit("");
	memory->budget = shared ? shared : &memory->own_budget;
	status = claim_slots(memory, feed);
	if (status == 0 && o->cache != PLAIT_CACHE_NONE)
		status = plait__cache_create(&memory->cache, o->cache, feed->dataset,
					     memory->budget);
	return status;
}

void plait__load_memory_close(struct plait__load_memory *memory)
{
	plait__cache_destroy(memory->cache);
	plait__budget_unmap(&memory->own_budget);
	memory->cache = NULL;
}

void plait__load_memory_describe(const struct plait__load_memory *memory,
				 const struct plait__feed *feed, struct plait_loader_memory *out)
{
	const struct plait__budget *budget = memory->budget;

	*out = (struct plait_loader_memory){
		.limit = budget->limit,
		.slots = memory->slots,
		.slot_bytes = (int64_t)plait__feed_slot_bytes(feed),
		.cache = feed->options.cache,
		.cache_limit = memory->cache ? budget->limit - budget->claimed : 0,
		.cache_bytes = plait__cache_bytes(memory->cache),
		.cache_samples = plait__cache_samples(memory->cache),
		.samples = feed->dataset->info.samples,
	};
}
