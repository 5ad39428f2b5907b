/* SPDX-License-Identifier: MIT
 * How long the samples of a batch of sequences are: tasks that fill parts of one must agree. */
#include "config.h"
#include "src/loader/loader.h"

int64_t plait__loader_length(const struct plait_loader *loader, int64_t epoch, int64_t index)
{
	struct plait__epoch_order order;
	int64_t begin = index * loader->options.batch_size, longest = 1;
	int64_t end = begin + plait__loader_taken(loader, index);

	/* A substitute may be longer than all that were meant to be there. */
	if (!loader->with_lengths || loader->options.bad.policy == PLAIT_BAD_REPLACE)
		return loader->dim[0];
	order = plait__sampler_epoch(&loader->sampler, loader->options.seed, epoch);
	for (int64_t at = begin; at < end; at++) {
		uint64_t key;
		int64_t i = plait__sampler_at(&order, at, &key);

		if (i >= 0 && loader->dataset->info.lengths[i] > longest)
			longest = loader->dataset->info.lengths[i];
	}
	return longest;
}
