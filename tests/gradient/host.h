/* SPDX-License-Identifier: MIT
 * Gradients beside finite differences. Nodes are executed one by one, by their own kernels. */
#ifndef PLAIT_TESTS_GRADIENT_HOST_H
#define PLAIT_TESTS_GRADIENT_HOST_H

#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "tests/nets.h"

#define MOST_INPUTS 8 /* of an op */
enum { ROWS = 5, CLASSES = 4 };

struct host {
	struct plait_graph *graph;
	void **value;
	struct plait_node **gradient;
	int built;      /* nodes before autodiff */
	bool evaluates; /* else it trains */
};

static inline void host_run(struct host *h, int nodes)
{
	static const struct plait_scalars none;

	for (int i = 0; i < nodes; i++) {
		const struct plait_node *node = h->graph->node[i];
		const void *in[MOST_INPUTS];
		struct plait_call call = { .node = node,
					   .in = in,
					   .rows = ROWS,
					   .batch = ROWS,
					   .training = !h->evaluates,
					   .scalars = &none };

		if (node->phase == PLAIT_SOURCE || node->stands_in)
			continue;
		if (node->op->view) {
			h->value[i] = h->value[node->input[0]->id];
			continue;
		}
		for (int j = 0; j < node->ninputs; j++)
			in[j] = h->value[node->input[j]->id];
		call.out = node->op->updates ? NULL : h->value[i];
		plait__call_check(&call, node->op);
		node->op->cpu(&call);
	}
}

/* Every value its memory; sources filled with numbers in [-1,1), labels with classes. */
static inline void host_allocate(struct host *h)
{
	h->value = calloc((size_t)h->graph->nodes, sizeof *h->value);
	for (int i = 0; i < h->graph->nodes; i++) {
		const struct plait_node *node = h->graph->node[i];
		int64_t n = plait_node_elements(node) * (node->batched ? ROWS : 1);

		if (node->op->view)
			continue;
		h->value[i] = calloc(1, plait__node_bytes(node, ROWS));
		for (int64_t j = 0; node->phase == PLAIT_SOURCE && j < n; j++)
			if (node->dtype == PLAIT_I32)
				((int32_t *)h->value[i])[j] = (int32_t)(j % CLASSES);
			else if (node->dtype == PLAIT_F32)
				((float *)h->value[i])[j] = 2 * plait__uniform(plait__random(
									(uint64_t)i, (uint64_t)j)) -
							    1;
	}
}

/* What a step of training does besides: running values follow the batch's. */
static inline void host_append_updates(struct host *h)
{
	for (int i = 0; i < h->built && !h->evaluates; i++)
		if (h->graph->node[i]->op == &plait__op_batchnorm)
			plait__batchnorm_update(h->graph->node[i]);
}

/* Appends the gradients to a graph that has its loss, and computes all of it once. */
static inline void host_begin(struct host *h)
{
	h->built = h->graph->nodes;
	h->gradient = calloc((size_t)h->built, sizeof(struct plait_node *));
	if (plait_graph_status(h->graph) < 0 || plait__graph_settle_loss(h->graph) < 0 ||
	    plait__autodiff(h->graph, h->gradient, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	host_append_updates(h);
	host_allocate(h);
	host_run(h, h->graph->nodes);
}

static inline void host_free(struct host *h)
{
	for (int i = 0; i < h->graph->nodes; i++)
		if (!h->graph->node[i]->op->view)
			free(h->value[i]);
	free(h->value);
	free(h->gradient);
	plait_graph_destroy(h->graph);
}

/* The largest difference between a parameter's gradient and the loss's slope over so large a step
 * to either side, and the largest gradient. */
static inline double host_compare(struct host *h, const struct plait_node *parameter, float step,
				  double (*loss_of)(struct host *h), double *largest)
{
	const struct plait_node *gradient = h->gradient[parameter->id];
	float *w = h->value[parameter->id];
	double worst = 0;

	for (int64_t i = 0; i < plait_node_elements(parameter); i++) {
		float g = gradient ? ((float *)h->value[gradient->id])[i] : 0; /* nobody reads it */
		float saved = w[i];
		double up, down, off;

		w[i] = saved + step;
		up = loss_of(h);
		w[i] = saved - step;
		down = loss_of(h);
		w[i] = saved;
		off = fabs((up - down) / (2.0 * (double)step) - (double)g);
		worst = off > worst || isnan(off) ? off : worst;
		*largest = fmax(*largest, fabs((double)g));
	}
	return worst;
}

#endif
