/* SPDX-License-Identifier: MIT
 * Gradients of losses that are made of several terms, beside finite differences of the loss. */
#include "config.h"
#include "tests/gradient/host.h"

enum { FEATURES = 6, OUTPUTS = CLASSES };

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

/* Labels are 0 to 3 and 0 again. */
static struct plait_node *by_class(struct plait_node *x, float smoothing)
{
	return plait_cross_entropy_with(
		x, plait_labels(x->graph),
		&(struct plait_cross_entropy_options){ .label_smoothing = smoothing,
						       .class_weights = (float[]){ 0.5f, 2, 1, 3 },
						       .classes = OUTPUTS,
						       .ignores = true,
						       .ignore_index = 2 });
}

static struct plait_node *classes(struct plait_node *x)
{
	return by_class(x, 0);
}

static struct plait_node *smooth_classes(struct plait_node *x)
{
	return plait_scale(by_class(x, 0.2f), 1.5f);
}

static struct plait_node *others(struct plait_node *x)
{
	struct plait_node *t = plait_targets(x->graph, OUTPUTS);

	return plait_add(plait_huber(x, t, 0.5f), plait_bce_with_logits(x, t));
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

/* Rows and their logarithms meet again. */
static struct plait_node *logarithms(struct plait_node *x)
{
	struct plait_node *log = plait_log_softmax(x), *labels = plait_labels(x->graph);
	struct plait_node *nll = plait_nll_weighted(log, labels, plait_weights(x->graph));

	return plait_sub(plait_nll(log, labels), plait_scale(plait_add(squares(log), nll), 0.5f));
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
	{ "weights of classes, and a label that is ignored", classes },
	{ "the same with smoothed labels, and a factor", smooth_classes },
	{ "huber and bce", others },
	{ "one of three", term_that_nobody_reads },
	{ "negative logarithms", logarithms },
};

/* -- execution --------------------------------------------------------------------------------- */

static double loss_of(struct host *h)
{
	host_run(h, h->built);
	return (double)*(const float *)h->value[h->graph->loss->id];
}

/* The loss is a float of 10 at most, off by a few roundings of it, 3e-6, which the step of 1/64
 * divides by 1/32; a third derivative of 10 makes 10/6/4096 = 4e-4.  A term that is missing, or
 * that has another factor, is off by 0.01. */
#define SLOPE_ERROR 1e-3

static void test_loss(const char *name, struct plait_node *(*build)(struct plait_node *))
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = plait_input(h.graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	double worst = 0, largest = 0;

	plait_loss(build(plait_linear(plait_tanh(plait_linear(x, 5)), OUTPUTS)));
	host_begin(&h);
	for (int i = 0; i < h.built; i++)
		if (h.graph->node[i]->source == PLAIT__SOURCE_PARAMETER)
			worst = fmax(worst, host_compare(&h, h.graph->node[i], 1.0f / 64, loss_of,
							 &largest));
	ok(worst < SLOPE_ERROR, "%s: gradients are off by %g", name, worst);
	ok(largest > 0.05, "%s: and are no zeros, but up to %g", name, largest);
	host_free(&h);
}

int main(void)
{
	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
		test_loss(losses[i].name, losses[i].build);
	return tap_done();
}
