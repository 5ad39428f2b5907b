/* SPDX-License-Identifier: MIT
 * Microbatches share memory.  Values of one are overwritten by those of a later one; gradients are
 * added up as soon as the tree of sums allows, so that N microbatches keep about log2 N of them.
 * The tree is the same for any number of microbatches: it adds shards. */
#include "config.h"
#include "src/plan/layout.h"

#include <stdlib.h>

static int due(const struct plait__split *split, const struct plait__sum *sum)
{
	int end = sum->left + 2 * sum->stride;

	return ((end < split->shards ? end : split->shards) - 1) / plait__split_beside(split);
}

bool plait__next_sum(const struct plait__split *split, int microbatch, struct plait__sum *sum)
{
	do {
		if (sum->stride > 0)
			sum->left += 2 * sum->stride;
		else
			*sum = (struct plait__sum){ .left = 0, .stride = 1 };
		while (sum->left + sum->stride >= split->shards) {
			sum->stride *= 2;
			sum->left = 0;
			if (sum->stride >= split->shards)
				return false;
		}
	} while (due(split, sum) != microbatch);
	sum->right = sum->left + sum->stride;
	return true;
}

int plait__layout_owner(const struct plait__layout *p, const struct plait_node *node,
			enum plait__arena_kind kind, int shard)
{
	int section = p->cut->of[node->id], beside = plait__split_beside(&p->plan->options.split);
	int ahead;

	/* What is added to another gradient before that is summed over shards is a value. */
	if (kind == PLAIT__GRADIENTS && p->summed_for[node->id] > 0)
		return p->gradients_of[shard];
	if (kind == PLAIT__RESULT || p->kept[section])
		return shard;
	/* A gradient that goes to an earlier stage waits there until that has time for it.  Of so
	 * many microbatches that stage begins the forward before the backward of the first. */
	ahead = plait__plan_ahead(p->plan, p->earliest[section]);
	return shard / beside % ahead * beside + shard % beside;
}

/* A shard takes the memory of one whose gradients were added to others, if there is one. */
int plait__layout_share_gradients(struct plait__layout *p)
{
	const struct plait__split *split = &p->plan->options.split;
	int beside = plait__split_beside(split), last = plait__split_microbatches(split) - 1;
	int *left = plait__calloc((size_t)p->shards, sizeof *left, "shards"), lefts = 0;

	p->gradients_of = plait__calloc((size_t)p->shards, sizeof *p->gradients_of, "shards");
	if (!left || !p->gradients_of) {
		free(left);
		return PLAIT_ENOMEM;
	}
	for (int s = 0; s < p->shards; s++) {
		struct plait__sum sum = { 0 };

		p->gradients_of[s] = lefts > 0 ? left[--lefts] : s;
		if ((s + 1) % beside == 0 && s / beside < last)
			while (plait__next_sum(split, s / beside, &sum))
				left[lefts++] = p->gradients_of[sum.right];
	}
	free(left);
	return 0;
}
