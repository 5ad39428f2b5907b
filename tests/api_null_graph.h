/* SPDX-License-Identifier: MIT
 * The graphs of a row of tests/api_null_graph.c and tests/api_null_layers.c. */
#ifndef PLAIT_TESTS_API_NULL_GRAPH_H
#define PLAIT_TESTS_API_NULL_GRAPH_H

#include "tests/api_null.h"

/* A graph of floats with all that a loss can have, and one of bytes. */
static struct plait_graph *graph, *bytes_graph;
static struct plait_node *x, *labels, *targets, *weights, *bytes;
static const int64_t dim[] = { 4 };

static inline void make_graphs(void)
{
	graph = plait_graph_create();
	bytes_graph = plait_graph_create();
	x = plait_input(graph, PLAIT_F32, 1, dim);
	labels = plait_labels(graph);
	targets = plait_targets(graph, 4);
	weights = plait_weights(graph);
	bytes = plait_input(bytes_graph, PLAIT_U8, 1, dim);
	api_made(plait_graph_status(graph));
	api_made(plait_graph_status(bytes_graph));
}

static inline void free_graphs(void)
{
	plait_graph_destroy(graph);
	plait_graph_destroy(bytes_graph);
}

static inline int graphs_status(void)
{
	int status = plait_graph_status(graph);

	return status < 0 ? status : plait_graph_status(bytes_graph);
}

/* A builder gives no node, and its graph has this status then: 0 where a node was NULL, which is an
 * error of the builder that gave it. */
#define NO_NODE(status, call) \
	do { \
		make_graphs(); \
		api_begin(#call); \
		api_pointer(NULL, call); \
		if ((status) < 0) \
			api_refused(status, graphs_status()); \
		else \
			api_number(0, graphs_status()); \
		free_graphs(); \
	} while (0)

#endif
