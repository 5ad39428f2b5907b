/* SPDX-License-Identifier: MIT
 * Single losses beside PyTorch: values and gradients in reference/losses.txt, which
 * reference/losses.py wrote. */
#include "config.h"
#include "tests/gradient/reference.h"

enum { OUTPUTS = 6 };

/* -- losses of outputs x [OUTPUTS] ------------------------------------------------------------- */

static struct plait_node *labels(struct plait_node *x)
{
	return plait_labels(x->graph);
}

static struct plait_node *targets(struct plait_node *x)
{
	return plait_targets(x->graph, OUTPUTS);
}

static struct plait_node *cross_entropy(struct plait_node *x)
{
	return plait_cross_entropy(x, labels(x));
}

static struct plait_node *with(struct plait_node *x, float smoothing, bool by_class,
			       int32_t ignored)
{
	static const float class_weights[OUTPUTS] = { 1, 2, 0.5f, 0, 3, 0.25f };

	return plait_cross_entropy_with(x, labels(x),
					&(struct plait_cross_entropy_options){
						.label_smoothing = smoothing,
						.class_weights = by_class ? class_weights : NULL,
						.classes = OUTPUTS,
						.ignores = ignored != 0,
						.ignore_index = ignored });
}

static struct plait_node *smoothed(struct plait_node *x)
{
	return with(x, 0.125f, false, 0);
}

static struct plait_node *smoothed_wholly(struct plait_node *x)
{
	return with(x, 1, false, 0);
}

static struct plait_node *class_weights(struct plait_node *x)
{
	return with(x, 0, true, 0);
}

static struct plait_node *ignored(struct plait_node *x)
{
	return with(x, 0, false, 4);
}

static struct plait_node *ignored_none(struct plait_node *x)
{
	return with(x, 0, false, -100);
}

static struct plait_node *smoothed_class_weights(struct plait_node *x)
{
	return with(x, 0.25f, true, 0);
}

static struct plait_node *smoothed_ignored(struct plait_node *x)
{
	return with(x, 0.25f, false, 4);
}

static struct plait_node *class_weights_ignored(struct plait_node *x)
{
	return with(x, 0, true, 5);
}

static struct plait_node *all_options(struct plait_node *x)
{
	return with(x, 0.25f, true, 5);
}

static struct plait_node *nll(struct plait_node *x)
{
	return plait_nll(x, labels(x));
}

static struct plait_node *nll_of_log_softmax(struct plait_node *x)
{
	return nll(plait_log_softmax(x));
}

static struct plait_node *mse(struct plait_node *x)
{
	return plait_mse(x, targets(x));
}

static struct plait_node *l1(struct plait_node *x)
{
	return plait_l1(x, targets(x));
}

static struct plait_node *huber(struct plait_node *x)
{
	return plait_huber(x, targets(x), 1);
}

static struct plait_node *huber_delta(struct plait_node *x)
{
	return plait_huber(x, targets(x), 0.25f);
}

static struct plait_node *bce_with_logits(struct plait_node *x)
{
	return plait_bce_with_logits(x, targets(x));
}

static struct plait_node *sum(struct plait_node *x)
{
	return plait_sum(plait_mul(x, x));
}

static struct plait_node *mean(struct plait_node *x)
{
	return plait_mean(plait_mul(x, x));
}

/* In the order of losses.py. */
static const struct loss {
	const char *name;
	struct plait_node *(*build)(struct plait_node *x);
	float scale; /* what the loss is multiplied by; 0: it stands alone */
} losses[] = {
	{ "cross-entropy", cross_entropy, 0 },
	{ "cross-entropy-far", cross_entropy, 0 },
	{ "cross-entropy-scaled", cross_entropy, 1.5f },
	{ "smoothed", smoothed, 0 },
	{ "smoothed-far", smoothed, 0 },
	{ "smoothed-wholly", smoothed_wholly, 0 },
	{ "class-weights", class_weights, 0 },
	{ "ignored", ignored, 0 },
	{ "ignored-none", ignored_none, 0 },
	{ "smoothed-class-weights", smoothed_class_weights, 0 },
	{ "smoothed-ignored", smoothed_ignored, 0 },
	{ "class-weights-ignored", class_weights_ignored, 0 },
	{ "all-options", all_options, 0 },
	{ "all-options-scaled", all_options, -0.5f },
	{ "nll", nll, 0 },
	{ "nll-scaled", nll, 1.5f },
	{ "nll-of-log-softmax", nll_of_log_softmax, 0 },
	{ "nll-of-log-softmax-far", nll_of_log_softmax, 0 },
	{ "mse", mse, 0 },
	{ "mse-scaled", mse, 1.5f },
	{ "l1", l1, 0 },
	{ "l1-scaled", l1, 1.5f },
	{ "huber", huber, 0 },
	{ "huber-delta", huber_delta, 0 },
	{ "huber-scaled", huber, 1.5f },
	{ "bce-with-logits", bce_with_logits, 0 },
	{ "bce-with-logits-far", bce_with_logits, 0 },
	{ "bce-with-logits-scaled", bce_with_logits, 1.5f },
	{ "sum", sum, 2 },
	{ "mean", mean, 2 },
};
#define LOSSES ((int)(sizeof losses / sizeof *losses))

/* -- comparing --------------------------------------------------------------------------------- */

static void fill(struct host *h, const char *name, const char *kind, const struct plait_node *x)
{
	struct plait_graph *graph = h->graph;
	bool answers = strncmp(name, "bce", 3) == 0;

	reference_sample(ROWS * OUTPUTS, kind, h->value[x->id]);
	for (int64_t i = 0; graph->targets && i < ROWS * OUTPUTS; i++)
		((float *)h->value[graph->targets->id])[i] =
			answers ? (reference_whole(i, 3571, 5) + 2) / 4
				: reference_whole(i, 3571, 97) / 16;
	for (int32_t i = 0; graph->labels && i < ROWS; i++)
		((int32_t *)h->value[graph->labels->id])[i] = (7 * i + 3) % OUTPUTS;
}

/* y and dx: the lines of the loss. */
static void check(const struct loss *loss, const char *kind, const char *y, const char *dx)
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = plait_input(h.graph, PLAIT_F32, 1, (int64_t[]){ OUTPUTS }), *term;

	x->needs_gradient = true;
	term = loss->build(x);
	plait_loss(loss->scale != 0 ? plait_scale(term, loss->scale) : term);
	host_begin(&h);
	fill(&h, loss->name, kind, x);
	host_run(&h, h.graph->nodes);
	is_int(reference_wrong(y, 1, h.value[h.graph->loss->id], 0), 0, "%s: as in PyTorch",
	       loss->name);
	is_int(reference_wrong(dx, ROWS * OUTPUTS, h.value[h.gradient[x->id]->id], 0), 0,
	       "%s: and its gradient", loss->name);
	host_free(&h);
}

int main(void)
{
	char name[64], kind[16], *line[3] = { NULL };
	FILE *file = reference_open("losses.txt");
	size_t size[3] = { 0 };
	int cases = 0;

	while (getline(&line[0], &size[0], file) > 0) {
		if (sscanf(line[0], "loss %63s %15s", name, kind) != 2)
			continue;
		if (cases == LOSSES || strcmp(losses[cases].name, name) != 0)
			tap_bail_out("losses.txt: %s is not number %d here", name, cases);
		if (getline(&line[1], &size[1], file) < 0 || strncmp(line[1], "y ", 2) != 0 ||
		    getline(&line[2], &size[2], file) < 0 || strncmp(line[2], "dx ", 3) != 0)
			tap_bail_out("losses.txt ends within %s", name);
		check(&losses[cases++], kind, line[1] + 2, line[2] + 3);
	}
	fclose(file);
	for (int i = 0; i < 3; i++)
		free(line[i]);
	is_int(cases, LOSSES, "all losses");
	return tap_done();
}
