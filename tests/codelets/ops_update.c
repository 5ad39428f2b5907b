/* SPDX-License-Identifier: MIT
 * Optimizers: some steps against the same rule in naive double loops. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 6
#define LR 0.01

struct rule {
	const char *name;
	bool adam;
	double momentum, weight_decay, beta1, beta2, eps;
	bool nesterov, decoupled;
};

static const struct rule rules[] = {
	{ .name = "sgd" },
	{ "sgd with weight decay", .weight_decay = 0.1 },
	{ "sgd with momentum", .momentum = 0.9 },
	{ "sgd with momentum and weight decay", .momentum = 0.9, .weight_decay = 0.1 },
	{ "sgd with nesterov", .momentum = 0.9, .weight_decay = 0.1, .nesterov = true },
	{ "adam", true, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8 },
	{ "adam with weight decay", true, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-6,
	  .weight_decay = 0.1 },
	{ "adamw", true, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.1,
	  .decoupled = true },
};

/* One number's life.  size is m without cancellation, path all that w was moved by, with m
 * of that size: what rounding errors are measured by. */
struct number {
	double w, m, v, size, path;
};

static double adam_move(const struct rule *r, int t, double m, double v)
{
	return LR * (m / (1 - pow(r->beta1, t))) / (sqrt(v / (1 - pow(r->beta2, t))) + r->eps);
}

/* The definitions, as in the documentation of torch.optim. */
static void step(const struct rule *r, int t, double g, struct number *x)
{
	if (r->weight_decay != 0 && r->decoupled)
		x->w -= LR * r->weight_decay * x->w;
	else
		g += r->weight_decay * x->w;
	if (r->adam) {
		x->m = r->beta1 * x->m + (1 - r->beta1) * g;
		x->v = r->beta2 * x->v + (1 - r->beta2) * g * g;
		x->size = r->beta1 * x->size + (1 - r->beta1) * fabs(g);
		x->w -= adam_move(r, t, x->m, x->v);
		x->path += adam_move(r, t, x->size, x->v);
		return;
	}
	if (r->momentum != 0) {
		x->m = r->momentum * x->m + g;
		x->size = r->momentum * x->size + fabs(g);
		g = r->nesterov ? g + r->momentum * x->m : x->m;
	}
	x->w -= LR * g;
	x->path += LR * (fabs(g) + 2 * x->size);
}

static struct plait_node *build(struct bench *b, const struct rule *r, int64_t n)
{
	struct plait_node *w, *g;

	*b = (struct bench){ .graph = plait_graph_create(), .rows = 1, .batch = 1 };
	w = plait_parameter(b->graph, "weight", 1, &n, 1.0f);
	g = plait__state(w); /* any array of that shape */
	return r->adam ? plait__adam(w, g, r->decoupled)
		       : plait__sgd(w, g, r->momentum != 0, r->nesterov);
}

static void set_scalars(struct bench *b, const struct rule *r, double lr, int t)
{
	if (r->adam)
		plait__adam_scalars(lr, r->beta1, r->beta2, r->eps, r->weight_decay, t,
				    &b->scalars);
	else
		plait__sgd_scalars(lr, r->momentum, r->weight_decay, &b->scalars);
}

static void set(struct bench *b, const struct plait_node *node, const double *numbers)
{
	free(b->value[node->id].host);
	free(b->value[node->id].exact);
	if (b->value[node->id].device)
		backend.release(b->value[node->id].device);
	bench_set(b, node, numbers);
}

/* The parameter and its state against x after STEPS steps. */
static int64_t compare_all(const struct bench *b, const struct rule *r,
			   const struct plait_node *update, int64_t n, const struct number *x)
{
	double *expected = malloc((size_t)n * sizeof *expected),
	       *bound = malloc((size_t)n * sizeof *bound);
	int64_t off = 0;

	for (int which = 0; which < update->ninputs; which++) {
		if (which == 1)
			continue; /* the gradient */
		for (int64_t i = 0; i < n; i++) {
			expected[i] = which == 0 ? x[i].w : which == 2 ? x[i].m : x[i].v;
			/* A step rounds the state 4 times; it moves the parameter by what is about
			 * 10 roundings off, and rounds it itself twice. */
			bound[i] = which == 0
					   ? 2 * STEPS * (fabs(x[i].w) + x[i].path) + 10 * x[i].path
					   : 4 * STEPS * (which == 2 ? x[i].size : x[i].v);
		}
		off += compare(r->name, n, b->value[update->input[which]->id].host, expected, bound,
			       0);
	}
	free(expected);
	free(bound);
	return off;
}

static bool rule_is_right(const struct rule *r, int64_t n)
{
	struct bench b;
	struct plait_node *update = build(&b, r, n);
	struct number *x = calloc((size_t)n, sizeof *x);
	double *numbers = malloc((size_t)n * sizeof *numbers);
	uint64_t state = 3;
	bool right = true;

	for (int64_t i = 0; i < n; i++)
		x[i].w = numbers[i] = some_number(&state);
	set(&b, update->input[0], numbers);
	memset(numbers, 0, (size_t)n * sizeof *numbers);
	for (int i = 2; i < update->ninputs; i++)
		set(&b, update->input[i], numbers);
	for (int t = 1; right && t <= STEPS; t++) {
		set_scalars(&b, r, LR, t);
		for (int64_t i = 0; i < n; i++) {
			/* Some gradients are always 0, some too small to be squared. */
			numbers[i] = i % 5 == 3   ? 0
				     : i % 5 == 4 ? (double)1e-30f
						  : some_number(&state);
			step(r, t, numbers[i], &x[i]);
		}
		set(&b, update->input[1], numbers);
		right = bench_run(&b, update);
	}
	right = right && compare_all(&b, r, update, n, x) == 0;
	free(x);
	free(numbers);
	bench_destroy(&b);
	return right;
}

const int update_rules = (int)(sizeof rules / sizeof *rules);

const char *update_name(int i)
{
	return rules[i].name;
}

bool update_is_right(int i)
{
	static const int64_t sizes[] = { 1, 7, 16, 33, 1000 };
	bool right = true;

	for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
		right &= rule_is_right(&rules[i], sizes[j]);
	return right;
}

/* A momentum without gradients must become 0, not a denormal number for ever. */
bool update_decays(int i)
{
	static const double one = 1, zero = 0;
	const struct rule *r = &rules[i];
	struct bench b;
	struct plait_node *update = build(&b, r, 1);
	bool right = true;

	for (int j = 0; j < update->ninputs; j++)
		bench_set(&b, update->input[j], j == 0 || j == 1 ? &zero : &one);
	set_scalars(&b, r, 0, 1); /* the parameter stays 0, and its decay */
	for (int t = 0; right && t < 1000; t++)
		right = bench_run(&b, update);
	if (update->ninputs > 2)
		right = right && *(const float *)b.value[update->input[2]->id].host == 0;
	bench_destroy(&b);
	return right;
}
