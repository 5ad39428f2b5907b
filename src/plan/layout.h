/* SPDX-License-Identifier: MIT
 * What arenas.c, scratch.c and calls.c share while the values of a plan are laid out. */
#ifndef PLAIT__LAYOUT_H
#define PLAIT__LAYOUT_H

#include "src/plan/sections.h"

struct plait__location {
	int arena; /* or PLAIT__IN_SCRATCH, or PLAIT__NOWHERE */
	size_t offset;
};
#define PLAIT__NOWHERE (-2)

/* Free bytes of scratch.  The last gap has no end. */
struct plait__gap {
	size_t begin, end;
};

struct plait__layout {
	struct plait__plan *plan;
	const struct plait__sections *cut;
	const struct plait_graph *graph;
	int shards;
	int *gradients_of; /* by shard: the first one that has its gradients in the same memory */
	bool *kept;        /* by section: a program reads its values after the step */
	int *earliest;     /* by section: the first stage that reads what it makes, or its own */
	struct plait__location *location; /* [node][shard] */
	int *last_use;                    /* by node: id of the last needed node that reads it */
	bool *crosses;
	bool *handed_on;        /* by node: another stage reads it */
	int *summed_for;        /* by node: that of the whole batch which first reads the sum of its
				 * parts; 0: none does */
	struct plait__gap *gap; /* of the segment's scratch, by offset */
	int gaps;
	const struct plait_node **held; /* values that nobody reads any more, still in scratch */
	int helds;
	/* By node: its run of calls, or -1, and whether memory for a chunk of it is enough.  By
	 * run: samples of a chunk, 0: all. */
	int *run;
	bool *local;
	int64_t *chunk;
	int joint;        /* so many of the next calls may run together with one before them */
	int *last_use_of; /* by arena: position in plan->use and one more, of the last use */
};

static inline bool plait__is_stored(const struct plait_node *node)
{
	return node->source >= PLAIT__SOURCE_PARAMETER;
}

/* part: the shard, or for what is stored the replica. */
static inline struct plait__location *
plait__layout_location(struct plait__layout *p, const struct plait_node *node, int part)
{
	const struct plait_node *real = plait__resolve(node, p->plan->options.mode);
	bool parts =
		plait__is_stored(real) || (real->phase != PLAIT_SOURCE && real->phase < PLAIT_CLIP);

	return &p->location[real->id * p->shards + (parts && part > 0 ? part : 0)];
}

static inline size_t plait__layout_bytes(const struct plait__layout *p,
					 const struct plait_node *node)
{
	size_t bytes = plait__plan_value_bytes(p->plan, node);
	size_t chunk =
		p->local[node->id] ? plait__node_bytes(node, p->chunk[p->run[node->id]]) : bytes;

	return plait__align(chunk < bytes ? chunk : bytes);
}

/* Scratch of the segment that is laid out (scratch.c).  clear: all of it is free.  end: the bytes
 * that its values reach to.  take: gives a node's value its place.  drop_read: frees what nobody
 * reads once the node is computed, and the calls that may run together with it; run_goes_on: the
 * next call is in its run. */
bool plait__layout_in_scratch(struct plait__layout *p, const struct plait_node *node, int shard);
void plait__layout_clear_scratch(struct plait__layout *p);
size_t plait__layout_scratch_end(const struct plait__layout *p);
void plait__layout_take_scratch(struct plait__layout *p, const struct plait_node *node, int shard);
void plait__layout_drop_read(struct plait__layout *p, const struct plait_node *node, int shard,
			     bool has_out, bool run_goes_on);

/* The first shard whose memory this one uses for a node's value of a kind (share.c). */
int plait__layout_owner(const struct plait__layout *p, const struct plait_node *node,
			enum plait__arena_kind kind, int shard);

/* Finds gradients_of (share.c).  PLAIT_ENOMEM. */
int plait__layout_share_gradients(struct plait__layout *p);

/* Finds runs, chunks and what is local (chunks.c), once it is known what crosses. */
void plait__layout_find_runs(struct plait__layout *p);

/* The calls and uses of all segments, once every value has its location (calls.c). */
void plait__layout_add_calls(struct plait__layout *p);

/* Whether the step hands the node's value to the caller. */
static inline bool plait__layout_is_result(const struct plait__layout *p,
					   const struct plait_node *node)
{
	if (p->plan->options.mode == PLAIT__PREDICT)
		return node == plait__resolve(p->graph->output, PLAIT__PREDICT);
	return plait__is_figure(p->plan, node) || node == p->graph->clip;
}

#endif
