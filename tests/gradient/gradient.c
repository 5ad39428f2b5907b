/* SPDX-License-Identifier: MIT
 * Gradients of whole networks: values that are used more than once, sums that meet again, beside
 * finite differences of the loss.  Nodes are executed here, one by one, by their own kernels. */
#include "config.h"
#include "src/gradient/optimizer.h"
#include "tests/gradient/host.h"

enum { FEATURES = 6 };

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

static struct plait_node *deep_too(struct plait_node *x)
{
	return plait_model(
		x, "linear:7 silu linear:6 hardswish linear:5 leaky-relu:0.3 log-softmax linear:4");
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
	{ "every other layer", deep_too },
	{ "branches", all_branches },
	{ "views at the end", view_at_the_end },
};

/* -- execution ----------------------------------------------------------------------- */

static void add_loss(struct plait_node *x, struct plait_graph *graph, bool mse, bool weighted)
{
	if (mse && weighted)
		plait_mse_weighted(x, plait_targets(graph, 4), plait_weights(graph));
	else if (mse)
		plait_mse(x, plait_targets(graph, 4));
	else if (weighted)
		plait_cross_entropy_weighted(x, plait_labels(graph), plait_weights(graph));
	else
		plait_cross_entropy(x, plait_labels(graph));
}

static struct host host_make(struct plait_node *(*build)(struct plait_node *), int ndim,
			     const int64_t *dim, bool mse, bool weighted)
{
	struct host h = { .graph = plait_graph_create() };
	struct plait_node *x = build(plait_input(h.graph, PLAIT_F32, ndim, dim));

	add_loss(x, h.graph, mse, weighted);
	host_begin(&h);
	return h;
}

/* The loss in double precision, from float32 outputs. */
static double loss_of(struct host *h)
{
	const struct plait_graph *graph = h->graph;
	const float *x = h->value[graph->output->id];
	double sum = 0;

	host_run(h, h->built);
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
		if (!graph->targets)
			total = log(total) - x[i * 4 + i % 4];
		if (graph->weights)
			total *= ((float *)h->value[graph->weights->id])[i];
		sum += total;
	}
	return sum / ROWS;
}

/* The largest difference between a parameter's gradient and the loss's slope, and the largest
 * gradient.  Step 1/256: outputs off by two units in the last place, so 2e-7 of their size, make
 * the slope uncertain by 5e-5 of the loss's size, and a third derivative of 10 by 10/6/65536 =
 * 3e-5.  Steep networks have larger losses: 2e-4 of 1 or of the largest gradient is allowed; a
 * term that is missing in a sum is a thousand times that. */
static void test_gradients(const char *name, struct plait_node *(*build)(struct plait_node *),
			   int ndim, const int64_t *dim, bool mse, bool weighted)
{
	struct host h = host_make(build, ndim, dim, mse, weighted);
	double worst = 0, largest = 0;
	int parameters = 0;

	for (int i = 0; i < h.built; i++) {
		const struct plait_node *node = h.graph->node[i];
		double off;

		if (node->phase != PLAIT_SOURCE || !node->needs_gradient)
			continue;
		parameters++;
		off = host_compare(&h, node, 1.0f / 256, loss_of, &largest);
		worst = off > worst || isnan(off) ? off : worst;
	}
	ok(parameters > 0 && largest > 1e-2 && worst < 2e-4 * fmax(1, largest),
	   "%s, %s%s: %d gradients up to %.2g, off by %.1g", name, mse ? "mse" : "cross-entropy",
	   weighted ? " with weights" : "", parameters, largest, worst);
	host_free(&h);
}

/* -- the optimizer's fields ----------------------------------------------------------------- */

static void filled(struct plait_optimizer o, double lr, double decay, double beta1, double beta2,
		   double eps, const char *what)
{
	is_int(plait__optimizer_check(&o), 0, "%s", what);
	ok(o.lr == lr && o.weight_decay == decay && o.beta1 == beta1 && o.beta2 == beta2 &&
		   o.eps == eps && o.momentum == 0,
	   "has lr %g, weight decay %g, betas %g and %g, eps %g", lr, decay, beta1, beta2, eps);
}

static void test_defaults(void)
{
	struct plait_optimizer adam = plait_adam(0.1), adamw = plait_adamw(0.1);

	filled((struct plait_optimizer){ 0 }, 0.01, 0, 0, 0, 0, "nothing given");
	filled((struct plait_optimizer){ .lr = 0.5 }, 0.5, 0, 0, 0, 0, "lr given");
	filled((struct plait_optimizer){ .kind = PLAIT_SGD }, 0.001, 0, 0, 0, 0, "SGD");
	filled((struct plait_optimizer){ .kind = PLAIT_ADAM, .lr = 0.1 }, 0.1, 0, 0.9, 0.999, 1e-8,
	       "Adam");
	filled((struct plait_optimizer){ .kind = PLAIT_ADAM, .beta1 = 0.5 }, 0.001, 0, 0.5, 0.999,
	       1e-8, "Adam with a beta");
	filled((struct plait_optimizer){ .kind = PLAIT_ADAMW, .lr = 0.1 }, 0.1, 0.01, 0.9, 0.999,
	       1e-8, "AdamW");
	adam.beta1 = adam.eps = 0;
	filled(adam, 0.1, 0, 0, 0.999, 0, "an exact Adam without beta1 and eps");
	adamw.weight_decay = 0;
	filled(adamw, 0.1, 0, 0.9, 0.999, 1e-8, "an exact AdamW without weight decay");
	filled(plait_sgd(0), 0, 0, 0, 0, 0, "an exact SGD with lr 0");
}

static bool same_numbers(const struct plait_optimizer *a, const struct plait_optimizer *b)
{
	return a->lr == b->lr && a->momentum == b->momentum && a->weight_decay == b->weight_decay &&
	       a->beta1 == b->beta1 && a->beta2 == b->beta2 && a->eps == b->eps &&
	       a->alpha == b->alpha && a->lr_decay == b->lr_decay &&
	       a->initial_accumulator_value == b->initial_accumulator_value &&
	       a->momentum_decay == b->momentum_decay && a->adam_lr_ratio == b->adam_lr_ratio;
}

/* What is left out is what the function for the rule gives, at the rate that torch.optim or the
 * paper has; fields of other rules say nothing. */
static void test_defaults_of_rules(void)
{
	static const double bad = -1;
	struct plait_optimizer all[] = { plait_adam(0.001),   plait_adamw(0.001),
					 plait_rmsprop(0.01), plait_adagrad(0.01),
					 plait_nadam(0.002),  plait_lamb(0.001),
					 plait_lion(0.0001),  plait_muon(0.001) };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct plait_optimizer left_out = { .kind = all[i].kind }, unused = all[i];

		is_int(plait__optimizer_check(&left_out), 0, "rule %d: all left out",
		       left_out.kind);
		ok(same_numbers(&left_out, &all[i]) && plait__optimizer_alike(&left_out, &all[i]),
		   "has the defaults");
		if (unused.kind != PLAIT_RMSPROP)
			unused.alpha = bad;
		if (unused.kind != PLAIT_MUON)
			unused.ns_steps = (int)bad;
		is_int(plait__optimizer_check(&unused), 0, "fields of other rules are ignored");
	}
}

/* Which may change while a training runs: numbers may, not what nodes are made by. */
static void test_alike(void)
{
	struct plait_optimizer rmsprop = plait_rmsprop(1), muon = plait_muon(1), other = rmsprop;

	other.lr = other.alpha = other.eps = 0.5;
	ok(plait__optimizer_alike(&rmsprop, &other), "other numbers of RMSprop");
	other.centered = true;
	ok(!plait__optimizer_alike(&rmsprop, &other), "RMSprop, centered");
	other = rmsprop;
	other.momentum = 0.5;
	ok(!plait__optimizer_alike(&rmsprop, &other), "RMSprop with a momentum");
	other = muon;
	other.momentum = other.weight_decay = other.adam_lr_ratio = 0;
	ok(plait__optimizer_alike(&muon, &other), "other numbers of Muon");
	other.ns_steps = 4;
	ok(!plait__optimizer_alike(&muon, &other), "Muon of other steps");
	other = muon;
	other.adjust_lr_fn = PLAIT_ADJUST_MATCH_RMS_ADAMW;
	ok(!plait__optimizer_alike(&muon, &other), "Muon with another adjustment");
	ok(!plait__optimizer_alike(&muon, &rmsprop), "another rule");
}

/* Ops that read statistics of x, which are nodes, and images that are converted for them. */
static void test_statistics(void)
{
	static const char *const words[] = { "layernorm:dims=3", "groupnorm:2", "batchnorm",
					     "conv:3,3,pad=1" };
	static const int64_t dim[] = { 4, 3, 5 };

	for (int i = 0; i < 4; i++) {
		struct plait_graph *net = plait_graph_create();
		struct plait_node *y = plait_model(plait_input(net, PLAIT_F32, 3, dim), words[i]);
		double worst = 1;

		is_int(plait_gradient_check(y, 3, &worst), 0, "plait_gradient_check of %s, to %g",
		       words[i], worst);
		plait_graph_destroy(net);
	}
}

int main(void)
{
	test_defaults();
	test_defaults_of_rules();
	test_alike();
	test_statistics();
	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
		for (int kind = 0; kind < 4; kind++)
			test_gradients(nets[i].name, nets[i].build, 1, (int64_t[]){ FEATURES },
				       kind % 2 == 1, kind >= 2);
	test_gradients("a linear of an image", deep, 3, (int64_t[]){ 1, 2, 3 }, false, false);
	return tap_done();
}
