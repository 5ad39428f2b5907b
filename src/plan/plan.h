/* SPDX-License-Identifier: MIT
 * A plan turns graph + batch size into what the executor submits for one step: segments
 * (each a StarPU task), arenas (each a StarPU handle) and calls (each a kernel).
 *
 * A batch is computed in shards (split.h).  Every segment but the updates stands once for each
 * shard; the shards' gradients are added in a fixed tree before an update. */
#ifndef PLAIT__PLAN_H
#define PLAIT__PLAN_H

#include "src/graph/mode.h"
#include "src/plan/split.h"
#include "src/plan/store.h"
#include <plait/plan.h>
#include <stdio.h>

/* What kinds of memory become handles. */
enum plait__arena_kind {
	PLAIT__SLOT,       /* the batch: one of the loader's ring */
	PLAIT__PARAMETERS, /* a range of the store's values: parameters and buffers */
	PLAIT__STATE,      /* a range of the store's state */
	PLAIT__VALUES,     /* what a segment makes for others */
	PLAIT__GRADIENTS,  /* of parameters, from one segment and shard */
	PLAIT__RESULT,     /* what a step leaves for the host: one of a ring */
};

struct plait__arena {
	enum plait__arena_kind kind;
	int shard;     /* -1: of the whole batch */
	int replica;   /* PARAMETERS, STATE: whose they are; 0 has those of the store */
	int result;    /* RESULT: which of them */
	size_t offset; /* PARAMETERS, STATE: where the range begins */
	size_t bytes;
	const char *name; /* of its parameter, or of the segment that makes it */
};

enum plait__access { PLAIT__READ = 1, PLAIT__WRITE = 2, PLAIT__READ_WRITE = 3 };

/* Where a value is, seen from the segment that uses it. */
#define PLAIT__IN_SCRATCH (-1)
struct plait__operand {
	int buffer;         /* position in the segment's arenas, or PLAIT__IN_SCRATCH */
	size_t offset;      /* bytes from its start */
	size_t row_bytes;   /* in a slot: a shard begins so many bytes a sample later; else 0 */
	size_t chunk_bytes; /* likewise of a chunk in its part; 0 where only a chunk has memory */
};

struct plait__planned_call {
	const struct plait_op *op;     /* node->op, or add where shards are summed */
	const struct plait_node *node; /* shapes and attributes */
	bool has_out;
	int inputs;
	struct plait__operand *in, out; /* in: so many of plan->operand */
	int run; /* calls, from this one on, that go through the samples together; 0: it is in one
		  */
	int64_t chunk; /* samples that they take at a time; 0: the whole part */
};

static inline void *plait__operand_memory(const struct plait__operand *operand, char *const *base,
					  char *scratch, int64_t first_row, int64_t done)
{
	size_t offset = operand->offset + operand->chunk_bytes * (size_t)done;

	if (operand->buffer == PLAIT__IN_SCRATCH)
		return scratch + offset;
	return base[operand->buffer] + offset + operand->row_bytes * (size_t)first_row;
}

struct plait__use {
	int arena;
	enum plait__access access;
	bool unordered; /* StarPU need not order it: other handles do */
};

struct plait__segment {
	const char *name;       /* "fwd/0.linear", one of plan->name */
	enum plait_phase phase; /* of its first node */
	int section;            /* of the graph: segments that differ in the shard have the same */
	int stage;              /* where it is computed: one of plan->stage */
	int shard;              /* -1: the whole batch */
	int replica;            /* whose parameters it uses */
	int first_call, calls;  /* in plan->call */
	int first_use, uses;    /* in plan->use */
	size_t scratch_bytes;
	size_t call_scratch;    /* bytes that any of its calls wants for itself, on a GPU */
	size_t cpu_scratch;     /* and on a CPU; there they stand behind the segment's scratch */
	struct plait_cost cost; /* for a full batch */
	bool fills; /* of a pipeline: only updates wait for it, so it fills what would be bubble */
	int depth;  /* its priority: tasks on the longest way to the end of the step, or of the
		      schedule */
	bool sink;  /* no other segment of the step waits for it */
};

struct plait__slot_layout;

struct plait__plan_options {
	enum plait__mode mode;
	enum plait_granularity granularity;
	struct plait__split split;
	enum plait_pipeline_schedule schedule; /* of microbatches */
	int replicas;        /* that the shards of a microbatch are of, as many each; 0: one */
	size_t bucket_bytes; /* of gradients that replicas exchange at once; 0: the plan chooses */
	int steps; /* that follow each other in one task, at most; 1 where there are segments */
	int64_t batch_size;
	enum plait_precision precision;        /* of products of matrices */
	const struct plait__slot_layout *slot; /* of the loader; only read to make the plan */
	/* By node id: what is to be in an arena, to be read after the step.  Only read to make the
	 * plan; NULL: none. */
	const bool *keeps;
	bool scores;       /* EVALUATE: results have graph->scored, too */
	bool whole_values; /* a GPU may compute them, one call after the other */
	bool one_place;    /* what plait_place() said is ignored */
	/* By shard of a microbatch: where it is computed if its layers do not say it; the
	 * trainer's. NULL: anywhere. */
	const struct plait__device *shard_device;
};

struct plait__plan {
	const struct plait_graph *graph;
	const struct plait__store *store;
	struct plait__plan_options options; /* no longer auto */
	struct plait__device *stage;        /* [stages]: where layers that follow each other are */
	struct plait__arena *arena;
	struct plait__segment *segment;
	struct plait__planned_call *call;
	struct plait__operand *operand;
	char **name; /* [names] of segments; those that differ in the shard only have one */
	struct plait__use *use;
	int stages, names, arenas, segments, calls, operands, uses, sinks, results;
	int most_inputs;                         /* of one call */
	size_t scratch_bytes;                    /* most that any segment needs on a CPU */
	size_t loss_offset, accuracy_offset;     /* in a RESULT arena; accuracy 0: none */
	size_t metric_offset[PLAIT_MAX_METRICS]; /* likewise, of graph->metric */
	size_t scored_offset;                    /* likewise, of graph->scored */
	/* Which result has what the graph's clip node makes, and where; -1: none.  It is that of
	 * the only shard, or one more behind those of the shards, without a loss. */
	int clip_result;
	size_t clip_offset;
};

/* Makes the plan; graph and store must outlive it.  PLAIT_ENOMEM, PLAIT_EINVAL. */
int plait__plan_create(struct plait__plan **plan_p, const struct plait_graph *graph,
		       const struct plait__store *store, const struct plait__plan_options *options);
void plait__plan_destroy(struct plait__plan *plan);

/* Does what the first calls of its kernels on a CPU do once, for a full batch. */
void plait__plan_warm_up(const struct plait__plan *plan);

/* What granularity auto stands for.  alone: each worker has a shard for itself. */
enum plait_granularity plait__plan_granularity(const struct plait_graph *graph, int64_t batch_size,
					       const struct plait__split *split, bool alone,
					       bool on_gpu);

/* How many steps make a task that is worth one. */
int64_t plait__plan_steps(const struct plait_graph *graph, enum plait__mode mode,
			  int64_t batch_size);

/* Name of the segment's performance model for so many steps, of which the last has a batch of so
 * many samples: its phase and a hash of what it computes.  symbol: 40 bytes. */
void plait__plan_symbol(const struct plait__plan *plan, const struct plait__segment *segment,
			int steps, int64_t rows, char *symbol);

/* Bytes by kind, for the estimate; copies: how many of the slot and result rings. */
size_t plait__plan_bytes(const struct plait__plan *plan, enum plait__arena_kind kind);

/* Bytes that a run takes of one memory, by kind.  Doubles, as thousands of the largest slots do not
 * fit in 64 bits; exact up to 2^53. */
struct plait__memory_use {
	double batches, parameters, state, gradients, activations, results;
	double snapshot;  /* of the parameters */
	double workspace; /* of all workers: scratch, and on a GPU what kernels work in */
};

static inline double plait__memory_sum(const struct plait__memory_use *use)
{
	return use->batches + use->parameters + use->state + use->snapshot + use->gradients +
	       use->activations + use->results + use->workspace;
}

/* What a run takes while it lasts. */
struct plait__peak {
	struct plait__memory_use main;
	struct plait__memory_use
		*gpu; /* [gpus]: those of which some is taken; of all one if alike */
	int *device;  /* [gpus]: CUDA's number; -1: all */
	int gpus;
	int slots; /* that batches are */
};

/* The table --print-plan shows. */
void plait__plan_print(const struct plait__plan *plan, const struct plait__peak *peak, FILE *file);

/* Where the value of a source that comes with each batch begins in a slot (arenas.c). */
size_t plait__slot_offset(const struct plait__slot_layout *slot, const struct plait_node *source);

/* Makes call that of planned, of rows from first_row + done on, where its part begins at first_row;
 * its inputs go to in.  base: the memory of each buffer of the segment. */
static inline void plait__call_set(struct plait_call *call, const void **in,
				   const struct plait__planned_call *planned, char *const *base,
				   char *scratch, int64_t first_row, int64_t done)
{
	call->node = planned->node;
	call->first = first_row + done;
	for (int i = 0; i < planned->inputs; i++)
		in[i] = plait__operand_memory(&planned->in[i], base, scratch, first_row, done);
	call->out = planned->has_out
			    ? plait__operand_memory(&planned->out, base, scratch, first_row, done)
			    : NULL;
	plait__call_check(call, planned->op);
}

/* What calls of a segment want for themselves on a CPU, in its worker's scratch; NULL: nothing. */
void *plait__call_scratch(const struct plait__segment *segment, char *scratch);

/* Computes the run of calls that begins with planned on the CPU (chunks.c); call: what they have in
 * common. */
void plait__plan_run(const struct plait__planned_call *planned, struct plait_call *call,
		     const void **in, char *const *base, char *scratch, int64_t first_row);

/* Samples of a chunk of a node's value that has chunks of its own; 0: it has none. */
int64_t plait__chunk_rows(const struct plait_node *node);

/* How many microbatches a stage has memory for, between their forward and their backward
 * (schedule.c). */
int plait__plan_ahead(const struct plait__plan *plan, int stage);

/* Layers with their activations, and what is no layer with the one after it, numbered in the
 * order of the graph: -1 for sources and the loss.  They are the same in all modes, as bindings of
 * several share memory.  group has an entry for each node.
 * PLAIT_ENOMEM. */
int plait__plan_groups(const struct plait_graph *graph, int *group);

/* Bytes of a node's value in the largest shard of a full batch. */
static inline size_t plait__plan_value_bytes(const struct plait__plan *plan,
					     const struct plait_node *node)
{
	return plait__node_bytes(node,
				 plait__shard_most(&plan->options.split, plan->options.batch_size));
}

static inline int plait__plan_replicas(const struct plait__plan *plan)
{
	return plan->options.replicas > 0 ? plan->options.replicas : 1;
}

/* Where a segment is to be: its layers say it, else its shard, which for what updates a replica is
 * that replica's first one. */
static inline struct plait__device plait__segment_device(const struct plait__plan *plan,
							 const struct plait__segment *segment)
{
	struct plait__device device = plan->stage[segment->stage];
	const struct plait__device *shards = plan->options.shard_device;
	int beside = plait__split_beside(&plan->options.split),
	    replicas = plait__plan_replicas(plan);

	if (device.kind != PLAIT__ANYWHERE || !shards)
		return device;
	if (segment->shard >= 0)
		return shards[segment->shard % beside];
	return replicas > 1 ? shards[segment->replica * (beside / replicas)] : device;
}

/* Whether workers have their shares of a step: shards, or layers that are placed. */
static inline bool plait__plan_divided(const struct plait__plan *plan)
{
	return plan->stages > 1 || plan->stage[0].kind != PLAIT__ANYWHERE ||
	       plait__split_beside(&plan->options.split) > 1;
}

/* Whether a step with a loss leaves the value of node for the host. */
static inline bool plait__is_figure(const struct plait__plan *plan, const struct plait_node *node)
{
	const struct plait_graph *graph = plan->graph;
	bool figure = node == graph->loss || node == graph->accuracy;

	for (int i = 0; i < graph->metrics; i++)
		figure |= node == graph->metric[i].node;
	return figure || (plan->options.scores && node == graph->scored);
}

#endif
