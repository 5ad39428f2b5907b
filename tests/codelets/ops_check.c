/* SPDX-License-Identifier: MIT
 * What is checked of a row of the table: forward against naive loops, gradients against finite
 * differences of the same loops, sizes that fit no vector, extreme numbers. */
#include "config.h"
#include "tests/codelets/ops.h"
#include "tests/tap.h" /* to bail out: the tests are in ops_rows.h */

#include <float.h>
#include <math.h>

/* Primes, ones, an empty part of a batch, more than a vector, more than a block of threads. */
static const struct size sizes[] = {
	{ 1, 1, { 1 }, 1 },     { 1, 1, { 7 }, 5 },    { 2, 1, { 16 }, 16 },
	{ 3, 1, { 17 }, 2 },    { 5, 1, { 33 }, 31 },  { 31, 1, { 10 }, 7 },
	{ 32, 1, { 2 }, 50 },   { 0, 1, { 5 }, 3 },    { 257, 1, { 3 }, 1 },
	{ 67, 1, { 40 }, 65 },  { 3, 1, { 1031 }, 2 }, { 2, 1, { 3000 }, 3 },
	{ 1200, 1, { 13 }, 3 }, { 7, 2, { 3, 5 }, 4 }, { 5, 3, { 2, 3, 4 }, 6 },
	{ 0, 2, { 4, 2 }, 3 },
};
#define SIZES (int)(sizeof sizes / sizeof *sizes)

static double fill_some(uint64_t *state, int64_t i)
{
	(void)i;
	return some_number(state);
}

/* Numbers where formulas saturate or overflow, but have a slope all the same. */
static double fill_large(uint64_t *state, int64_t i)
{
	static const float large[] = { 5,    -5,  20,   -20,   88,    -88,  100,
				       -100, 1e4, -1e4, 0.625, -0.7f, 13.5, -13.5 };

	(void)state;
	return (double)large[i % (int64_t)(sizeof large / sizeof *large)];
}

static const float extremes[] = { 0.0f,    -0.0f,    1e-30f,   -1e-40f,   1.0f,     -1.0f,
				  88.8f,   -87.4f,   -103.9f,  1000.0f,   -1000.0f, 1e30f,
				  FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN };
#define EXTREMES (int64_t)(sizeof extremes / sizeof *extremes)

/* Rows of two, from pair state on: every extreme with every other. */
static double fill_extremes(uint64_t *state, int64_t i)
{
	int64_t pair = (int64_t)*state + i / 2;

	return (double)extremes[(i % 2 == 0 ? pair : pair / EXTREMES) % EXTREMES];
}

const char *case_name(const struct op_row *row, const struct size *size)
{
	static char name[200];
	char shape[100];

	snprintf(name, sizeof name, "%s of %lld x %s", row->op, (long long)size->rows,
		 plait_shape_text(size->ndim, size->dim, shape, sizeof shape));
	return name;
}

/* Node 0 is the input; labels are any classes, bytes all there are, other sources some numbers.
 * Every third weight is 0; with weights, and for right answers, so many labels are -1. */
static void fill_sources(struct bench *b, const struct op_row *row, const struct plait_node *y,
			 fill_fn fill, uint64_t seed)
{
	uint64_t state = 12345; /* not seed: targets must differ from inputs */
	const struct plait_node *weights = b->graph->weights;
	bool unlabelled = weights || y->op == &plait__op_accuracy || y->op == &plait__op_topk;

	for (int id = 0; id < b->graph->nodes; id++) {
		const struct plait_node *node = b->graph->node[id];
		int64_t n = bench_elements(b, node),
			classes = plait_node_columns(b->graph->node[0]);
		double *numbers = malloc((size_t)(n + 1) * sizeof *numbers);

		for (int64_t i = 0; i < n; i++)
			numbers[i] = node->dtype == PLAIT_I32
					     ? (double)((i * 7 / 2 + (int64_t)(seed / 3)) % classes)
				     : node->dtype == PLAIT_U8 ? (double)(i * 37 % 256)
				     : id == 0                 ? fill(&seed, i)
							       : some_number(&state);
		for (int64_t i = 0; i < n && row->shares && node == b->graph->targets; i++)
			numbers[i] = fabs(numbers[i]) / 2;
		/* A running variance is not negative. */
		for (int64_t i = 0; i < n && node->source == PLAIT__SOURCE_BUFFER; i++)
			numbers[i] = fabs(numbers[i]);
		for (int64_t i = 0; i < n && node == weights; i++)
			numbers[i] = i % 3 == 1 ? 0 : fabs(numbers[i]);
		for (int64_t i = 1; i < n && unlabelled && node->dtype == PLAIT_I32; i += 3)
			numbers[i] = -1;
		if (node->op == &plait__op_source)
			bench_set(b, node, numbers);
		free(numbers);
	}
}

struct plait_node *case_run(struct bench *b, const struct op_row *row, const struct size *size,
			    fill_fn fill, uint64_t seed)
{
	struct plait_node *x, *y;

	*b = (struct bench){ .graph = plait_graph_create(),
			     .rows = size->rows,
			     .evaluates = row->evaluates };
	/* Parts of batches: the mean divides by more than there is here. */
	b->batch = size->rows == 0 ? 4 : size->rows + size->rows % 3;
	x = plait_input(b->graph, row->bytes ? PLAIT_U8 : PLAIT_F32, size->ndim, size->dim);
	x->needs_gradient = !row->bytes;
	y = row->build(x, size->m);
	if (!y)
		tap_bail_out("%s: %s", case_name(row, size), b->graph->message);
	if (strcmp(y->op->name, row->op) != 0)
		tap_bail_out("%s builds %s", row->op, y->op->name);
	fill_sources(b, row, y, fill, seed);
	for (int id = 0; id < y->id; id++) /* an input of y may be computed too */
		if (b->graph->node[id]->op != &plait__op_source &&
		    !bench_compute(b, b->graph->node[id]))
			return NULL;
	return bench_run(b, y) ? y : NULL;
}

struct reference_call case_reference(const struct bench *b, const struct plait_node *y)
{
	struct reference_call call = { .y = y, .rows = b->rows, .batch = b->batch };

	for (int i = 0; i < y->ninputs; i++)
		call.in[i] = b->value[y->input[i]->id].exact;
	return call;
}

bool forward_is_right(const struct op_row *row, const struct size *size, fill_fn fill,
		      uint64_t seed)
{
	struct bench b;
	struct plait_node *y = case_run(&b, row, size, fill, seed);
	bool right = false;

	if (y) {
		struct reference_call call = case_reference(&b, y);
		size_t n = (size_t)bench_elements(&b, y);
		double *out = calloc(n + 1, sizeof *out), *bound = calloc(n + 1, sizeof *bound);

		row->reference(&call, out, bound);
		right = compare(case_name(row, size), (int64_t)n, b.value[y->id].host, out, bound,
				0) == 0;
		free(out);
		free(bound);
	}
	bench_destroy(&b);
	return right;
}

void count_wrong_sizes(const struct op_row *row, int wrong[3])
{
	const struct size *size = row->sizes ? row->sizes : sizes;

	memset(wrong, 0, 3 * sizeof *wrong);
	for (int i = 0; i < (row->sizes ? *row->sizes_count : SIZES); i++) {
		if (row->flat && size[i].ndim > 1)
			continue;
		wrong[0] += !forward_is_right(row, &size[i], fill_some, 1);
		if (row->no_gradient)
			continue;
		wrong[1] += !gradient_is_right(row, &size[i], fill_some);
		if (!row->chooses)
			wrong[2] += !gradient_is_right(row, &size[i], fill_large);
	}
}

bool row_spreads_nan(const struct op_row *row)
{
	return gradient_spreads_nan(row, row->sizes ? row->sizes : &sizes[4]);
}

/* A loss is one number, so its pairs go one by one; seed is the first pair. */
int count_wrong_extremes(const struct op_row *row)
{
	int64_t pairs = EXTREMES * EXTREMES, rows = row->scalar ? 1 : pairs;
	int wrong = 0;

	for (int64_t pair = 0; pair < pairs; pair += rows)
		wrong += !forward_is_right(row, &(struct size){ rows, 1, { 2 }, 1 }, fill_extremes,
					   (uint64_t)pair);
	return wrong;
}
