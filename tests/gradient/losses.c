/* SPDX-License-Identifier: MIT
 * Gradients of losses that are made of several terms, beside finite differences of the loss. Nodes
 * are executed here, one by one, by their own kernels. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "tests/nets.h"

#define MOST_INPUTS 8 /* of an op */

enum { ROWS = 5, FEATURES = 6, OUTPUTS = 4 };

/* -- losses: x is [OUTPUTS] -------------------------------------------------------------------- */

static struct plait_node *cross_entropy(struct plait_node *x)
{
	return plait_cross_entropy(x, plait_labels(x->graph));
}

static struct plait_node *squares(struct plait_node *x)
{
	return plait_mean(plait_mul(x, x));
}

static struct plait_node *mean_of_squares(struct plait_node *x)
{
	struct plait_node *t = plait_targets(x->graph, OUTPUTS);

	return plait_mean(plait_mul(plait_sub(x, t), plait_sub(t, plait_scale(x, -0.5f))));
}

static struct plait_node *penalty(struct plait_node *x)
{
	return plait_add(cross_entropy(x), plait_scale(squares(plait_tanh(x)), 0.25f));
}

static struct plait_node *weighted(struct plait_node *x)
{
	struct plait_node *weights = plait_weights(x->graph);
	struct plait_node *labels = plait_labels(x->graph);
	struct plait_node *one = plait_cross_entropy_weighted(x, labels, weights);
	struct plait_node *t = plait_targets(x->graph, OUTPUTS);
	struct plait_node *two = plait_mse_weighted(plait_linear(x, OUTPUTS), t, weights);

	return plait_sub(plait_scale(one, -1.5f), plait_scale(two, 2));
}

/* A loss is a term twice, on ways of other lengths. */
static struct plait_node *twice(struct plait_node *x)
{
	struct plait_node *mse = plait_mse(x, plait_targets(x->graph, OUTPUTS));

	return plait_add(plait_scale(plait_add(mse, plait_sum(plait_sigmoid(x))), 0.5f), mse);
}

static struct plait_node *term_that_nobody_reads(struct plait_node *x)
{
	squares(plait_linear(x, 3));
	plait_mse(x, plait_targets(x->graph, OUTPUTS));
	return cross_entropy(x);
}

static const struct {
	const char *name;
	struct plait_node *(*build)(struct plait_node *x);
} losses[] = {
	{ "a mean of squares", squares },
	{ "a mean of products of differences", mean_of_squares },
	{ "a cross entropy and squares", penalty },
	{ "weighted losses with factors", weighted },
	{ "an mse twice, and a sum", twice },
	{ "one of three", term_that_nobody_reads },
};

/* -- execution --------------------------------------------------------------------------------- */

struct host {
	struct plait_graph *graph;
	void **value;
	struct plait_node **gradient;
	int built; /* nodes before autodiff */
};

static void run(struct host *h, int nodes)
{
	for (int i = 0; i < nodes; i++) {
		const struct plait_node *node = h->graph->node[i];
		const void *in[MOST_INPUTS];
		struct plait_call call = {
			.node = node, .in = in, .rows = ROWS, .batch = ROWS, .out = h->value[i]
		};

		if (node->phase == PLAIT_SOURCE)
			continue;
		for (int j = 0; j < node->ninputs; j++)
			in[j] = h->value[node->input[j]->id];
		plait__call_check(&call, node->op);
		node->op->cpu(&call);
	}
}

/* Every value its memory; sources filled with numbers in [-1,1), labels with classes. */
static void allocate(struct host *h)
{
	h->value = calloc((size_t)h->graph->nodes, sizeof *h->value);
	for (int i = 0; i < h->graph->nodes; i++) {
		const struct plait_node *node = h->graph->node[i];
		int64_t n = plait_node_elements(node) * (node->batched ? ROWS : 1);
		float *value = calloc((size_t)n, sizeof *value);

		h->value[i] = value;
		for (int64_t j = 0; node->phase == PLAIT_SOURCE && j < n; j++)
			if (node->dtype == PLAIT_I32)
				((int32_t *)h->value[i])[j] = (int32_t)(j % OUTPUTS);
			else
				value[j] = 2 * plait__uniform(
						       plait__random((uint64_t)i, (uint64_t)j)) -
					   1;
	}
}

static float loss_of(struct host *h)
{
	run(h, h->built);
	return *(const float *)h->value[h->graph->loss->id];
}

/* The largest difference between a gradient and the loss's slope.  The loss is a float of 10 at
 * most, off by a few roundings of it, 3e-6, which the step of 1/64 divides by 1/32; a third
 * derivative of 10 makes 10/6/4096 = 4e-4.  A term that is missing, or that has another factor, is
 * off by 0.01. */
#define SLOPE_ERROR 1e-3

static double compare(struct host *h, const struct plait_node *parameter, double *largest)
{
	const float step = 1.0f / 64;
	const struct plait_node *gradient = h->gradient[parameter->id];
	float *w = h->value[parameter->id];
	double worst = 0;

	for (int64_t i = 0; i < plait_node_elements(parameter); i++) {
		float g = gradient ? ((float *)h->value[gradient->id])[i] : 0; /* nobody reads it */
		float saved = w[i];
		double up, down, off;

		w[i] = saved + step;
		up = (double)loss_of(h);
		w[i] = saved - step;
		down = (double)loss_of(h);
		w[i] = saved;
		off = fabs((up - down) / (2.0 * (double)step) - (double)g);
		worst = off > worst || isnan(off) ? off : worst;
		*largest = fmax(*largest, fabs((double)g));
	}
	return worst;
}

static void test_loss(const char *name, struct plait_node *(*build)(struct plait_node *))
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = plait_input(h.graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	double worst = 0, largest = 0;

	plait_loss(build(plait_linear(plait_tanh(plait_linear(x, 5)), OUTPUTS)));
	h.built = h.graph->nodes;
	h.gradient = calloc((size_t)h.built, sizeof(struct plait_node *));
	if (plait_graph_status(h.graph) < 0 || plait__graph_settle_loss(h.graph) < 0 ||
	    plait__autodiff(h.graph, h.gradient) < 0)
		tap_bail_out("%s", plait_error_message());
	allocate(&h);
	run(&h, h.graph->nodes);
	for (int i = 0; i < h.built; i++)
		if (h.graph->node[i]->source == PLAIT__SOURCE_PARAMETER)
			worst = fmax(worst, compare(&h, h.graph->node[i], &largest));
	ok(worst < SLOPE_ERROR, "%s: gradients are off by %g", name, worst);
	ok(largest > 0.05, "%s: and are no zeros, but up to %g", name, largest);
	for (int i = 0; i < h.graph->nodes; i++)
		free(h.value[i]);
	free(h.value);
	free(h.gradient);
	plait_graph_destroy(h.graph);
}

int main(void)
{
	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
		test_loss(losses[i].name, losses[i].build);
	return tap_done();
}
