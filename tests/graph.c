/* SPDX-License-Identifier: MIT
 * Gradients of whole networks: values that are used more than once, sums that meet again, beside
 * finite differences of the loss.  Nodes are executed here, one by one, by their own kernels. */
#include "config.h"
#include "codelets/op.h"
#include "src/autodiff.h"
#include "tests/nets.h"

enum { ROWS = 5, FEATURES = 6 };

/* -- networks ------------------------------------------------------------------------ */

static struct plait_node *twice(struct plait_node *x)
{
	struct plait_node *h = plait_tanh(plait_linear(x, 4));

	return plait_add(h, h);
}

static struct plait_node *three_times(struct plait_node *x)
{
	struct plait_node *h = plait_linear(x, 4);

	return plait_add(plait_add(plait_tanh(h), plait_sigmoid(h)), plait_gelu(h));
}

static struct plait_node *residual(struct plait_node *x)
{
	struct plait_node *h = plait_linear(x, 4);

	return plait_linear(plait_add(h, plait_linear_no_bias(plait_relu(h), 4)), 4);
}

static struct plait_node *diamond(struct plait_node *x)
{
	struct plait_node *h = plait_gelu(plait_linear(x, 5));
	struct plait_node *a = plait_linear(h, 4), *b = plait_scale(plait_linear(h, 4), -1.5f);

	return plait_add(a, plait_tanh(b));
}

static struct plait_node *input_twice(struct plait_node *x)
{
	return plait_add(plait_linear(x, 4), plait_tanh(plait_linear(plait_scale(x, 2), 4)));
}

static struct plait_node *ladder(struct plait_node *x)
{
	struct plait_node *h = plait_linear(x, 4);

	for (int i = 0; i < 3; i++)
		h = plait_add(plait_sigmoid(h), plait_linear(plait_add(h, plait_tanh(h)), 4));
	return h;
}

static struct plait_node *deep(struct plait_node *x)
{
	return plait_model(
		x, "linear:7 gelu linear:6 softmax linear:5 sigmoid scale:3 flatten linear:4");
}

static struct plait_node *all_branches(struct plait_node *x)
{
	return branches(x, 4);
}

static struct plait_node *view_at_the_end(struct plait_node *x)
{
	return plait_flatten(plait_flatten(plait_tanh(plait_linear(x, 4))));
}

static const struct {
	const char *name;
	struct plait_node *(*build)(struct plait_node *x);
} nets[] = {
	{ "h + h", twice },
	{ "three users of one value", three_times },
	{ "residual", residual },
	{ "diamond", diamond },
	{ "the input used twice", input_twice },
	{ "a ladder of three", ladder },
	{ "every layer", deep },
	{ "branches", all_branches },
	{ "views at the end", view_at_the_end },
};

/* -- execution ----------------------------------------------------------------------- */

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
		struct plait__call call = { .node = node, .rows = ROWS, .batch = ROWS };

		if (node->phase == PLAIT__SOURCE)
			continue;
		if (node->op->view) {
			h->value[i] = h->value[node->input[0]->id];
			continue;
		}
		for (int j = 0; j < node->ninputs; j++)
			call.in[j] = h->value[node->input[j]->id];
		call.out = h->value[i];
		node->op->cpu(&call);
	}
}

/* Every value its memory; sources filled with numbers in [-1,1), labels with classes. */
static void allocate(struct host *h)
{
	h->value = calloc((size_t)h->graph->nodes, sizeof *h->value);
	for (int i = 0; i < h->graph->nodes; i++) {
		const struct plait_node *node = h->graph->node[i];
		int64_t n = plait__node_elements(node) * (node->batched ? ROWS : 1);

		if (node->op->view)
			continue;
		h->value[i] = calloc((size_t)n, sizeof(float));
		for (int64_t j = 0; node->phase == PLAIT__SOURCE && j < n; j++)
			if (node->dtype == PLAIT_I32)
				((int32_t *)h->value[i])[j] = (int32_t)(j % 4);
			else
				((float *)h->value[i])[j] = 2 * plait__uniform(plait__random(
									(uint64_t)i, (uint64_t)j)) -
							    1;
	}
}

static struct host host_make(struct plait_node *(*build)(struct plait_node *), int ndim,
			     const int64_t *dim, bool mse)
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = build(plait_input(h.graph, PLAIT_F32, ndim, dim));

	if (mse)
		plait_mse(x, plait_targets(h.graph, 4));
	else
		plait_cross_entropy(x, plait_labels(h.graph));
	h.built = h.graph->nodes;
	h.gradient = calloc((size_t)h.built, sizeof(struct plait_node *));
	if (plait_graph_status(h.graph) < 0 || plait__autodiff(h.graph, h.gradient) < 0)
		tap_bail_out("%s", plait_error_message());
	allocate(&h);
	run(&h, h.graph->nodes);
	return h;
}

static void host_free(struct host *h)
{
	for (int i = 0; i < h->graph->nodes; i++)
		if (!h->graph->node[i]->op->view)
			free(h->value[i]);
	free(h->value);
	free(h->gradient);
	plait_graph_destroy(h->graph);
}

/* The loss in double precision, from float32 outputs. */
static double loss_of(struct host *h)
{
	const struct plait_graph *graph = h->graph;
	const float *x = h->value[graph->output->id];
	double sum = 0;

	run(h, h->built);
	x = h->value[graph->output->id];
	for (int i = 0; i < ROWS; i++) {
		double total = 0;

		for (int j = 0; j < 4; j++) {
			double t = graph->targets
					   ? ((float *)h->value[graph->targets->id])[i * 4 + j]
					   : 0;

			total += graph->targets ? (x[i * 4 + j] - t) * (x[i * 4 + j] - t) / 4
						: exp(x[i * 4 + j]);
		}
		sum += graph->targets ? total : log(total) - x[i * 4 + i % 4];
	}
	return sum / ROWS;
}

/* The largest difference between a parameter's gradient and the loss's slope, and the largest
 * gradient.  Step 1/256: outputs off by two units in the last place, so 2e-7 of their size, make
 * the slope uncertain by 5e-5 of the loss's size, and a third derivative of 10 by 10/6/65536 =
 * 3e-5.  Steep networks have larger losses: 2e-4 of 1 or of the largest gradient is allowed; a
 * term that is missing in a sum is a thousand times that. */
static double compare(struct host *h, const struct plait_node *parameter, double *largest)
{
	const float step = 1.0f / 256;
	float *w = h->value[parameter->id];
	double worst = 0;

	for (int64_t i = 0; i < plait__node_elements(parameter); i++) {
		const struct plait_node *gradient = h->gradient[parameter->id];
		float g = gradient ? ((float *)h->value[gradient->id])[i] : 0; /* nobody reads it */
		float saved = w[i];
		double up, down, off;

		w[i] = saved + step;
		up = loss_of(h);
		w[i] = saved - step;
		down = loss_of(h);
		w[i] = saved;
		off = fabs((up - down) / (2.0 * step) - g);
		worst = off > worst || isnan(off) ? off : worst;
		*largest = fabs(g) > *largest ? fabs(g) : *largest;
	}
	return worst;
}

static void test_gradients(const char *name, struct plait_node *(*build)(struct plait_node *),
			   int ndim, const int64_t *dim, bool mse)
{
	struct host h = host_make(build, ndim, dim, mse);
	double worst = 0, largest = 0;
	int parameters = 0;

	for (int i = 0; i < h.built; i++) {
		const struct plait_node *node = h.graph->node[i];
		double off;

		if (node->phase != PLAIT__SOURCE || !node->needs_gradient)
			continue;
		parameters++;
		off = compare(&h, node, &largest);
		worst = off > worst || isnan(off) ? off : worst;
	}
	ok(parameters > 0 && largest > 1e-2 && worst < 2e-4 * fmax(1, largest),
	   "%s, %s: %d gradients up to %.2g, off by %.1g", name, mse ? "mse" : "cross-entropy",
	   parameters, largest, worst);
	host_free(&h);
}

/* -- what autodiff leaves ------------------------------------------------------------ */

/* Layers that the loss does not depend on have no gradient, and cost none. */
static void test_unused(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	struct plait_node *h = plait_linear(x, 4), *side = plait_relu(plait_linear(h, 3));
	struct plait_node *gradient[64];
	int with = 0, before;

	plait_cross_entropy(h, plait_labels(graph));
	before = graph->nodes;
	is_int(plait__autodiff(graph, gradient), 0, "a side branch that the loss does not read");
	for (int i = 0; i < before; i++)
		with += gradient[i] != NULL;
	is_int(with, 2, "only the two parameters before it have gradients");
	is_int(graph->nodes - before, 3,
	       "three nodes were appended: of the loss, the weight and the bias");
	ok(!gradient[side->id] && !gradient[h->id], "values keep none");
	plait_graph_destroy(graph);
}

static void test_layers(void)
{
	struct plait_graph *graph = branching_net(FEATURES, 3);
	struct plait_node *gradient[128];
	int before = graph->nodes, wrong = 0, loss = 0;

	is_int(plait__autodiff(graph, gradient), 0, "branches differentiate");
	for (int i = 0; i < before; i++)
		if (gradient[i])
			wrong += gradient[i]->layer != graph->node[i]->layer ||
				 !gradient[i]->partial || gradient[i]->batched;
	is_int(wrong, 0, "a parameter's gradient is of its layer, and a sum over samples");
	for (int i = before; i < graph->nodes; i++)
		loss += graph->node[i]->phase == PLAIT__LOSS;
	is_int(loss, 1, "the first gradient belongs to the loss");
	plait_graph_destroy(graph);
}

static void test_no_loss(void)
{
	struct plait_graph *graph = plait_graph_create();

	plait_linear(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);
	is_int(plait__autodiff(graph, NULL), PLAIT_EINVAL, "without a loss there are no gradients");
	contains(plait_error_message(), "no loss", "and the message says so");
	plait_graph_destroy(graph);
}

/* -- two graphs, wrong and first ----------------------------------------------------- */

static void test_mixed_graphs(void)
{
	struct plait_graph *a = plait_graph_create(), *b = plait_graph_create();
	struct plait_node *x = plait_linear(plait_input(a, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);
	struct plait_node *y = plait_linear(plait_input(b, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);

	ok(!plait_add(x, y), "adding nodes of two graphs fails");
	is_int(plait_graph_status(a), PLAIT_EINVAL, "the first one's graph keeps it");
	contains(plait_error_message(), "another graph", "and says why");
	is_int(plait_graph_status(b), 0, "the other's is as it was");
	ok(!plait_cross_entropy(y, plait_labels(a)), "labels of another graph fail");
	is_int(plait_graph_status(b), PLAIT_EINVAL, "now it has failed too");
	plait_graph_destroy(a);
	plait_graph_destroy(b);
}

static void test_sticky(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), *y;

	y = plait_linear(x, -4);
	ok(!y, "a bad layer is NULL");
	ok(!plait_relu(y) && !plait_add(x, y) && !plait_model(y, "linear:3") &&
		   !plait_scale(y, 2) && !plait_cross_entropy(y, plait_labels(graph)) &&
		   !plait_mse(y, plait_targets(graph, 2)),
	   "and so is all that is built on it");
	plait_model(x, "rellu");
	is_int(plait_graph_status(graph), PLAIT_EINVAL, "the graph has failed");
	contains(plait_error_message(), "linear: -4 outputs",
		 "by the first cause, whatever came later");
	plait_graph_destroy(graph);
	ok(!plait_input(NULL, PLAIT_F32, 1, (int64_t[]){ 3 }) && !plait_labels(NULL) &&
		   !plait_targets(NULL, 3),
	   "no graph, no sources");
	is_int(plait_graph_status(NULL), PLAIT_EINVAL, "and no status");
	plait_graph_destroy(NULL);
}

/* Words of junk: none crashes, and each gives a node or a reason. */
static void test_junk(void)
{
	static const char *const piece[] = { "linear",  "relu",  ":",    "8",
					     "-",       "scale", " ",    "0.5",
					     "1e9",     "\t",    "x",    "99999999999999999999",
					     "softmax", "::",    "%s%n", "\xff" };
	int lost = 0, good = 0;

	for (uint64_t i = 0; i < 3000; i++) {
		struct plait_graph *graph = plait_graph_create();
		char words[256] = "";
		struct plait_node *y;
		bool reason;

		for (uint64_t j = 0; j < 1 + i % 9; j++)
			strcat(words, piece[plait__random(i, j) % 16]);
		y = plait_model(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), words);
		reason = plait_graph_status(graph) < 0 && strlen(plait_error_message()) > 0;
		good += y != NULL;
		lost += (y != NULL) == reason;
		plait_graph_destroy(graph);
	}
	is_int(lost, 0, "3000 texts of junk: a node or a reason, never both");
	ok(good > 30, "%d of them were words after all", good);
}

int main(void)
{
	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
		test_gradients(nets[i].name, nets[i].build, 1, (int64_t[]){ FEATURES }, false);
		test_gradients(nets[i].name, nets[i].build, 1, (int64_t[]){ FEATURES }, true);
	}
	test_gradients("a linear of an image", deep, 3, (int64_t[]){ 1, 2, 3 }, false);
	test_unused();
	test_layers();
	test_no_loss();
	test_mixed_graphs();
	test_sticky();
	test_junk();
	return tap_done();
}
