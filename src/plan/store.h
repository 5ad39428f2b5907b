/* SPDX-License-Identifier: MIT
 * Where parameters, buffers and optimizer state live between runs: two pieces of memory, laid out
 * in the order of the graph, so that the handles of any granularity are ranges of them. */
#ifndef PLAIT__STORE_H
#define PLAIT__STORE_H

#include "src/graph/graph.h"

enum plait__store_use {
	PLAIT__STORE_TRAINS =
		1,          /* by StarPU, which must be up: with state where there are updates */
	PLAIT__STORE_READS, /* by the program's threads: without state */
};

struct plait__store {
	const struct plait_graph *graph;
	int parameters;                /* how many */
	struct plait_node **parameter; /* in the order of the graph */
	int entries;                   /* parameters and buffers: what a file of weights holds */
	struct plait_node **entry;     /* in the order of the graph, as in PyTorch's state_dict */
	struct plait_node **update;    /* by node id: what updates a parameter, else NULL */
	size_t *offset;                /* by node id: of what is in one of the memories */
	unsigned char *values;         /* all parameters and buffers */
	unsigned char *state;          /* all optimizer state, in the order of the parameters */
	size_t values_bytes, state_bytes;
	uint64_t seed; /* the parameters were drawn from */
	enum plait__store_use use;
};

/* Lays out and allocates (pinned where a GPU is, for StarPU) for a graph; parameters are drawn from
 * seed, buffers are as their layers say, and state as the optimizer's rule does.  PLAIT_ENOMEM. */
int plait__store_create(struct plait__store *store, const struct plait_graph *graph, uint64_t seed,
			enum plait__store_use use);
void plait__store_destroy(struct plait__store *store);

/* The memory of a parameter, buffer or state node. */
void *plait__store_memory(const struct plait__store *store, const struct plait_node *node);

/* Whether node is a parameter: a source that is trained. */
bool plait__is_parameter(const struct plait_node *node);

/* Whether it is one of the entries. */
bool plait__is_entry(const struct plait_node *node);

#endif
