/* SPDX-License-Identifier: MIT
 * Into which parts, its shards, a batch is cut.  They come in microbatches of equally many: the
 * shards of one are computed beside each other, and one microbatch follows another. */
#ifndef PLAIT__SPLIT_H
#define PLAIT__SPLIT_H

#include "src/base/base.h"

struct plait__split {
	int shards;         /* of all microbatches */
	int microbatches;   /* 0: one */
	const int64_t *end; /* [shards]: where each ends, in proportion; NULL: all are equal */
};

static inline int plait__split_microbatches(const struct plait__split *split)
{
	return split->microbatches > 0 ? split->microbatches : 1;
}

/* The shards of one microbatch. */
static inline int plait__split_beside(const struct plait__split *split)
{
	return split->shards / plait__split_microbatches(split);
}

/* In a batch of so many samples no shard is empty, whatever the others are. */
static inline int64_t plait__split_total(const struct plait__split *split)
{
	return split->end ? split->end[split->shards - 1] : split->shards;
}

/* First row of a shard of a batch of so many samples; -1: of the whole batch.  rows * end / total,
 * whose product might be more than fits. */
static inline int64_t plait__shard_begin(const struct plait__split *split, int64_t rows, int shard)
{
	int64_t total = plait__split_total(split), end;

	if (shard <= 0)
		return 0;
	end = split->end ? split->end[shard - 1] : shard;
	return rows / total * end + rows % total * end / total;
}

static inline int64_t plait__shard_rows(const struct plait__split *split, int64_t rows, int shard)
{
	return shard < 0 ? rows
			 : plait__shard_begin(split, rows, shard + 1) -
				   plait__shard_begin(split, rows, shard);
}

/* Rows of the largest shard of a batch of so many samples or fewer. */
static inline int64_t plait__shard_most(const struct plait__split *split, int64_t rows)
{
	int64_t total = plait__split_total(split), most = 1;

	for (int s = 0; split->end && s < split->shards; s++) {
		int64_t size = split->end[s] - (s > 0 ? split->end[s - 1] : 0);

		most = size > most ? size : most;
	}
	return rows / total * most + (rows % total * most + total - 1) / total;
}

/* A sum of the tree that adds the gradients of all shards: what `right` stands for is added to what
 * `left` does, in left's memory. */
struct plait__sum {
	int left, right; /* shards */
	int stride;      /* how many shards left stands for; 0 before the first sum */
};

/* The next sum that is due when a microbatch is over, because what it adds is there (share.c).
 * false: there is none. */
bool plait__next_sum(const struct plait__split *split, int microbatch, struct plait__sum *sum);

#endif
