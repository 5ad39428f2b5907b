/* SPDX-License-Identifier: MIT
 * Optimizers: some steps against the same rule in naive double loops. */
#include "config.h"
#include "codelets/clip/update.h"
#include "src/gradient/optimizer.h"
#include "tests/codelets/ops.h"
#include "tests/codelets/ops_update.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 6
#define LR 0.01

static const struct rule {
	const char *name;
	struct plait_optimizer o;
} rules[] = {
	{ "sgd", { .kind = PLAIT_SGD } },
	{ "sgd with weight decay", { .kind = PLAIT_SGD, .weight_decay = 0.1 } },
	{ "sgd with momentum", { .kind = PLAIT_SGD, .momentum = 0.9 } },
	{ "sgd with momentum and weight decay",
	  { .kind = PLAIT_SGD, .momentum = 0.9, .weight_decay = 0.1 } },
	{ "sgd with nesterov",
	  { .kind = PLAIT_SGD, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true } },
	{ "adam", { .kind = PLAIT_ADAM } },
	{ "adam with weight decay",
	  { .kind = PLAIT_ADAM, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-6, .weight_decay = 0.1 } },
	{ "adamw", { .kind = PLAIT_ADAMW, .weight_decay = 0.1 } },
	{ "rmsprop", { .kind = PLAIT_RMSPROP, .alpha = 0.9, .weight_decay = 0.1 } },
	{ "rmsprop with momentum", { .kind = PLAIT_RMSPROP, .alpha = 0.8, .momentum = 0.9 } },
	{ "rmsprop, centered", { .kind = PLAIT_RMSPROP, .alpha = 0.8, .centered = true } },
	{ "rmsprop, centered, with momentum",
	  { .kind = PLAIT_RMSPROP, .alpha = 0.8, .centered = true, .momentum = 0.9 } },
	{ "adagrad", { .kind = PLAIT_ADAGRAD, .weight_decay = 0.1 } },
	{ "adagrad with a decaying rate",
	  { .kind = PLAIT_ADAGRAD,
	    .lr_decay = 0.1,
	    .initial_accumulator_value = 0.1,
	    .eps = 1e-6 } },
	{ "nadam", { .kind = PLAIT_NADAM } },
	{ "nadam with weight decay",
	  { .kind = PLAIT_NADAM, .beta1 = 0.8, .weight_decay = 0.1, .momentum_decay = 0.1 } },
	{ "nadam with decoupled weight decay",
	  { .kind = PLAIT_NADAM, .weight_decay = 0.1, .decoupled_weight_decay = true } },
	{ "lamb", { .kind = PLAIT_LAMB } },
	{ "lamb with weight decay", { .kind = PLAIT_LAMB, .beta1 = 0.8, .weight_decay = 0.1 } },
	{ "lion", { .kind = PLAIT_LION, .beta1 = 0.5, .beta2 = 0.9, .weight_decay = 0.1 } },
	{ "muon", { .kind = PLAIT_MUON, .momentum = 0.9 } },
	{ "muon with AdamW's rate",
	  { .kind = PLAIT_MUON,
	    .momentum = 0.9,
	    .adjust_lr_fn = PLAIT_ADJUST_MATCH_RMS_ADAMW,
	    .ns_steps = 2,
	    .adam_lr_ratio = 0.3 } },
};

const int update_rules = (int)(sizeof rules / sizeof *rules);

const char *update_name(int i)
{
	return rules[i].name;
}

/* rows 0: a vector. */
struct shape {
	int64_t rows, columns;
};

static int64_t elements(struct shape shape)
{
	return (shape.rows ? shape.rows : 1) * shape.columns;
}

static struct plait_optimizer optimizer_of(const struct rule *r, double lr)
{
	struct plait_optimizer o = r->o;

	o.lr = LR;
	if (plait__optimizer_check(&o) < 0)
		printf("# %s: %s\n", r->name, plait_error_message());
	o.lr = lr;
	return o;
}

/* clip: what clips its gradients, or NULL. */
static struct plait_node *build(struct bench *b, const struct plait_optimizer *o,
				struct shape shape, const double *clip)
{
	struct plait_node *w;

	*b = (struct bench){ .graph = plait_graph_create(), .rows = 1, .batch = 1 };
	w = plait_parameter(b->graph, "weight", shape.rows ? 2 : 1,
			    shape.rows ? (int64_t[]){ shape.rows, shape.columns } : &shape.columns,
			    1.0f);
	if (clip) {
		struct plait_node *norm = plait__state_numbers(b->graph, 1);

		b->graph->clip = plait__clip(1, &norm, 1, 0, 0);
		bench_set(b, b->graph->clip, clip);
	}
	return plait__optimizer_append(o, w, plait__state(w)); /* any array of that shape */
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

	for (int which = 0; which < plait__update_inputs(update); which++) {
		if (which == 1)
			continue; /* the gradient */
		for (int64_t i = 0; i < n; i++) {
			expected[i] = which == 0 ? x[i].w : x[i].state[which - 2];
			/* A step rounds the state 4 times; it moves the parameter by what is about
			 * 10 roundings off, and rounds it itself twice. */
			bound[i] = which == 0
					   ? 2 * STEPS * (fabs(x[i].w) + x[i].path) + 10 * x[i].path
					   : 4 * STEPS * x[i].size[which - 2];
		}
		off += compare(r->name, n, b->value[update->input[which]->id].host, expected, bound,
			       0);
	}
	free(expected);
	free(bound);
	return off;
}

/* Sources as at the beginning of a training. */
static void begin(struct bench *b, const struct plait_node *update, int64_t n, struct number *x,
		  uint64_t *state)
{
	double *numbers = malloc((size_t)n * sizeof *numbers);

	for (int64_t i = 0; i < n; i++)
		x[i].w = numbers[i] = some_number(state);
	set(b, update->input[0], numbers);
	for (int s = 2; s < plait__update_inputs(update); s++) {
		for (int64_t i = 0; i < n; i++)
			x[i].state[s - 2] = numbers[i] = (double)(float)update->input[s]->attr[0];
		set(b, update->input[s], numbers);
	}
	free(numbers);
}

/* Half of a gradient, numbers to 1, and neither: of a step that is left out. */
static const double half[] = { 0.5, INFINITY, 0, 3, 0 }, to_1[] = { 1, 1, 0, 3, 0 },
		    skipped[] = { 0.5, 1, 1, NAN, 0 };
_Static_assert(sizeof half / sizeof *half == PLAIT__CLIP_FIGURES, "all figures have a number");

static void clip_all(const double *clip, int64_t n, double *g)
{
	for (int64_t i = 0; clip && i < n; i++)
		g[i] = fmin(fmax(clip[PLAIT__CLIP_FACTOR] * g[i], -clip[PLAIT__CLIP_LIMIT]),
			    clip[PLAIT__CLIP_LIMIT]);
}

static bool rule_is_right(const struct rule *r, struct shape shape, const double *clip)
{
	struct bench b;
	struct plait_optimizer o = optimizer_of(r, LR);
	struct plait_node *update = build(&b, &o, shape, clip);
	int64_t n = elements(shape);
	struct number *x = calloc((size_t)n, sizeof *x);
	double *g = malloc((size_t)n * sizeof *g);
	uint64_t state = 3;
	bool right = true;

	begin(&b, update, n, x, &state);
	for (int t = 1; right && t <= STEPS; t++) {
		plait__optimizer_scalars(&o, t, &b.scalars);
		for (int64_t i = 0; i < n; i++)
			/* Some gradients are always 0, some too small to be squared. */
			g[i] = i % 5 == 3 ? 0 : i % 5 == 4 ? (double)1e-30f : some_number(&state);
		set(&b, update->input[1], g);
		clip_all(clip, n, g);
		if (!clip || clip[PLAIT__CLIP_SKIPPED] == 0)
			update_reference(&o, t, shape.rows, shape.columns, g, x);
		right = bench_run(&b, update);
	}
	right = right && compare_all(&b, r, update, n, x) == 0;
	free(x);
	free(g);
	bench_destroy(&b);
	return right;
}

/* Rules that read all of a parameter: on a GPU blocks share their sums. */
static bool sums(const struct rule *r)
{
	return r->o.kind == PLAIT_LAMB || r->o.kind == PLAIT_MUON;
}

bool update_is_right(int i)
{
	static const struct shape sizes[] = { { 0, 1 },   { 0, 7 },    { 0, 16 },  { 0, 33 },
					      { 1, 7 },   { 7, 1 },    { 5, 33 },  { 33, 5 },
					      { 40, 40 }, { 0, 1000 }, { 70, 130 } };
	/* More elements than such a launch has threads. */
	static const struct shape large = { 3, 100000 };
	bool right = true;

	for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
		right &= rule_is_right(&rules[i], sizes[j], NULL);
	return right && (!sums(&rules[i]) || rule_is_right(&rules[i], large, NULL));
}

/* The last has more elements than are clipped at once. */
bool update_is_clipped(int i)
{
	static const struct shape sizes[] = { { 0, 7 }, { 5, 33 }, { 70, 130 } };
	bool right = true;

	for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
		right = right && rule_is_right(&rules[i], sizes[j], half) &&
			rule_is_right(&rules[i], sizes[j], to_1) &&
			rule_is_right(&rules[i], sizes[j], skipped);
	return right;
}

/* A momentum without gradients must become 0, not a denormal number for ever.  A sum stays. */
bool update_decays(int i)
{
	static const double one = 1, zero = 0;
	const struct rule *r = &rules[i];
	struct bench b;
	struct plait_optimizer o = optimizer_of(r, 0); /* the parameter stays 0, and its decay */
	struct plait_node *update = build(&b, &o, (struct shape){ 1, 1 }, NULL);
	bool right = true;

	for (int j = 0; j < update->ninputs; j++)
		bench_set(&b, update->input[j], j == 0 || j == 1 ? &zero : &one);
	plait__optimizer_scalars(&o, 1, &b.scalars);
	for (int t = 0; right && t < 1000; t++)
		right = bench_run(&b, update);
	if (update->ninputs > 2)
		right = right && *(const float *)b.value[update->input[2]->id].host ==
					 (o.kind == PLAIT_ADAGRAD ? 1 : 0);
	bench_destroy(&b);
	return right;
}
