/* SPDX-License-Identifier: MIT
 * Scratch: values that do not leave their segment share its memory; each is free again as soon as
 * its last reader is done. */
#include "config.h"
#include "src/plan/layout.h"

#include <string.h>

bool plait__layout_in_scratch(struct plait__layout *p, const struct plait_node *node, int shard)
{
	return plait__layout_location(p, node, shard)->arena == PLAIT__IN_SCRATCH;
}

void plait__layout_clear_scratch(struct plait__layout *p)
{
	p->gap[0] = (struct plait__gap){ 0, SIZE_MAX };
	p->gaps = 1;
	p->helds = 0;
	p->joint = 0;
}

size_t plait__layout_scratch_end(const struct plait__layout *p)
{
	return p->gap[p->gaps - 1].begin;
}

/* The first gap that is large enough. */
void plait__layout_take_scratch(struct plait__layout *p, const struct plait_node *node, int shard)
{
	size_t bytes = plait__layout_bytes(p, node);
	struct plait__gap *gap = p->gap;

	PLAIT__ASSERT(p->gaps > 0 && p->gap[p->gaps - 1].end == SIZE_MAX,
		      "the last gap has no end");
	while (gap->end - gap->begin < bytes)
		gap++;
	plait__layout_location(p, node, shard)->offset = gap->begin;
	gap->begin += bytes;
	if (gap->begin == gap->end) {
		p->gaps--;
		memmove(gap, gap + 1, (size_t)(p->gap + p->gaps - gap) * sizeof *gap);
	}
}

static void drop_scratch(struct plait__layout *p, const struct plait_node *node, int shard)
{
	size_t begin = plait__layout_location(p, node, shard)->offset,
	       end = begin + plait__layout_bytes(p, node);
	int low = 0, high = p->gaps - 1; /* the first gap after the value: the last, at most */

	while (low < high) {
		int middle = (low + high) / 2;

		if (p->gap[middle].begin < end)
			low = middle + 1;
		else
			high = middle;
	}
	struct plait__gap *after = &p->gap[low];
	PLAIT__ASSERT(after->begin >= end && (low == 0 || after[-1].end <= begin),
		      "what is freed was taken");
	bool joins_before = low > 0 && after[-1].end == begin, joins_after = after->begin == end;

	if (joins_before && joins_after)
		after[-1].end = after->end;
	else if (joins_before)
		after[-1].end = end;
	else if (joins_after)
		after->begin = begin;
	if (joins_before != joins_after)
		return;
	/* One gap less, or one more. */
	memmove(after + !joins_before, after + joins_before,
		(size_t)(p->gaps - low - joins_before) * sizeof *after);
	p->gaps += joins_before ? -1 : 1;
	if (!joins_before)
		*after = (struct plait__gap){ begin, end };
}

/* Frees what nobody reads after this node: inputs of its own, or its value.  On a GPU one launch
 * may do several calls (cuda_joint); while it can still be joined by the next call, nothing that
 * it reads or writes is free.  On a CPU the calls of a run take turns: what any of
 * them reads or writes is in use until the last chunk. */
void plait__layout_drop_read(struct plait__layout *p, const struct plait_node *node, int shard,
			     bool has_out, bool run_goes_on)
{
	for (int i = 0; i < node->ninputs; i++) {
		const struct plait_node *read =
			plait__resolve(node->input[i], p->plan->options.mode);
		bool again = false;

		for (int j = 0; j < i; j++)
			again |= plait__resolve(node->input[j], p->plan->options.mode) == read;
		if (!again && p->last_use[read->id] == node->id &&
		    plait__layout_in_scratch(p, read, shard))
			p->held[p->helds++] = read;
	}
	if (has_out && p->last_use[node->id] <= node->id &&
	    plait__layout_in_scratch(p, node, shard))
		p->held[p->helds++] = node;
	p->joint = p->joint > node->op->joint ? p->joint - 1 : node->op->joint - 1;
	if (p->joint > 0 || run_goes_on)
		return;
	for (int i = 0; i < p->helds; i++)
		drop_scratch(p, p->held[i], shard);
	p->helds = 0;
	p->joint = 0;
}
