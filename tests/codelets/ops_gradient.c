/* SPDX-License-Identifier: MIT
 * Gradients: the nodes that an op's rule appends are run, and compared with central
 * differences of the naive loops, which are in double. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 24 /* elements of each input that are moved; first and last are among them */

struct plait_node *make_dy(struct bench *b, const struct plait_node *y)
{
	struct plait_node_spec spec = { .op = &plait__op_source,
					.phase = PLAIT_SOURCE,
					.batched = y->batched,
					.ndim = y->ndim,
					.dim = y->dim };
	struct plait_node *dy;
	double *numbers;
	uint64_t state = 7;
	int64_t n;

	if (y == b->graph->loss)
		return NULL;
	dy = plait_node_append(b->graph, &spec);
	dy->channels_last = y->channels_last;
	n = bench_elements(b, dy);
	numbers = malloc((size_t)(n + 1) * sizeof *numbers);
	for (int64_t i = 0; i < n; i++)
		numbers[i] = some_number(&state);
	bench_set(b, dy, numbers);
	free(numbers);
	return dy;
}

/* Appends what the op's rule says and runs it. */
static bool run_backward(struct bench *b, struct plait_node *y, struct plait_node *dy,
			 struct plait_node **dx)
{
	int before = b->graph->nodes;

	y->op->gradient(y, dy, dx);
	for (int i = before; i < b->graph->nodes; i++)
		if (!bench_run(b, b->graph->node[i]))
			return false;
	return true;
}

/* What finite differences need of a case. */
struct difference {
	const struct op_row *row;
	struct reference_call call;
	const double *dy; /* NULL: 1 */
	int64_t n;        /* elements of y */
	double *low, *high, *bound;
};

/* The derivative of sum dy y by number *at, which stands in an input of d->call, and how far
 * rounding in double may have moved it. */
static double slope(struct difference *d, double *at, double *noise)
{
	double x = *at, left = x - 1e-5, right = x + 1e-5, sum = 0, size = 0;

	*at = left;
	d->row->reference(&d->call, d->low, d->bound);
	*at = right;
	d->row->reference(&d->call, d->high, d->bound);
	*at = x;
	for (int64_t i = 0; i < d->n; i++) {
		double dy = d->dy ? d->dy[i] : 1;

		sum += dy * (d->high[i] - d->low[i]);
		/* What did not change does not depend on x; but a sum may be too large to. */
		if (d->high[i] != d->low[i] || d->row->scalar)
			size += fabs(dy) * (fabs(d->high[i]) + fabs(d->low[i]));
	}
	*noise = 4 * DBL_EPSILON * size / (right - left);
	return sum / (right - left);
}

/* The longest sum in the gradient by anything: over the rows, or over the columns. */
static double longest_sum(const struct bench *b, const struct plait_node *y)
{
	const struct plait_node *x = y->input[0];
	int64_t columns = plait__columns(x), rows = bench_elements(b, x) / columns;

	if (x->ndim == 3) /* an image: a sum may be over samples and pixels, or over a window */
		return (double)bench_elements(b, x);
	columns = y->ndim > 0 && plait__columns(y) > columns ? plait__columns(y) : columns;
	return (double)(rows > columns ? rows : columns);
}

static bool input_is_right(struct difference *d, const struct bench *b, const struct plait_node *y,
			   int which, const float *dx)
{
	int64_t n = bench_elements(b, y->input[which]), count = n < SAMPLES ? n : SAMPLES;
	const double *input = d->call.in[which];
	double *moved = malloc((size_t)(n + 1) * sizeof *moved);
	double expected[SAMPLES], noise[SAMPLES], bound[SAMPLES],
		largest = d->dy && !d->row->scalar ? 2 : 0, units; /* dy: up to 2 */
	float got[SAMPLES];
	char what[64];

	memcpy(moved, input, (size_t)n * sizeof *moved);
	d->call.in[which] = moved;
	for (int64_t i = 0; i < count; i++) {
		int64_t at = count > 1 ? i * (n - 1) / (count - 1) : 0;

		expected[i] = slope(d, &moved[at], &noise[i]);
		got[i] = dx[at];
		largest = fmax(largest, fabs(expected[i]));
	}
	d->call.in[which] = input;
	free(moved);
	units = d->row->gradient_units + (d->row->by_row ? longest_sum(b, y) : 0);
	for (int64_t i = 0; i < count; i++)
		bound[i] = units * largest + noise[i] / UNIT;
	snprintf(what, sizeof what, "%s: gradient of input %d (of %lld, sampled)", y->op->name,
		 which, (long long)n);
	return compare(what, count, got, expected, bound, 0) == 0;
}

/* The gradient of an empty part of a batch by a parameter is 0, not absent. */
static bool inputs_are_right(struct bench *b, const struct op_row *row, struct plait_node *y)
{
	struct plait_node *dy = make_dy(b, y), *dx[MOST_INPUTS] = { NULL };
	struct difference d = { .row = row,
				.call = case_reference(b, y),
				.n = bench_elements(b, y) };
	size_t bytes = (size_t)(d.n + 1) * sizeof(double);
	bool right = run_backward(b, y, dy, dx);

	d.dy = dy ? b->value[dy->id].exact : NULL;
	d.low = calloc(1, bytes);
	d.high = calloc(1, bytes);
	d.bound = calloc(1, bytes);
	for (int i = 0; right && i < y->ninputs; i++) {
		if (!y->input[i]->needs_gradient)
			continue;
		if (!dx[i]) {
			printf("# %s: no gradient by input %d\n", y->op->name, i);
			right = false;
			break;
		}
		right = input_is_right(&d, b, y, i, b->value[dx[i]->id].host);
	}
	free(d.low);
	free(d.high);
	free(d.bound);
	return right;
}

bool gradient_is_right(const struct op_row *row, const struct size *size, fill_fn fill)
{
	struct bench b;
	struct plait_node *y = case_run(&b, row, size, fill, 1);
	bool right = y && inputs_are_right(&b, row, y);

	if (!right)
		printf("# that was %s\n", case_name(row, size));
	bench_destroy(&b);
	return right;
}

static double fill_nan_first(uint64_t *state, int64_t i)
{
	return i == 0 ? (double)NAN : some_number(state);
}

bool gradient_spreads_nan(const struct op_row *row, const struct size *size)
{
	struct plait_node *dx[MOST_INPUTS] = { NULL }, *y;
	struct bench b;
	bool spreads = false;

	y = case_run(&b, row, size, fill_nan_first, 1);
	if (y && run_backward(&b, y, make_dy(&b, y), dx))
		spreads = isnan(*(const float *)b.value[dx[0]->id].host);
	bench_destroy(&b);
	return spreads;
}

/* A whole number everywhere. */
static double fill_state(uint64_t *state, int64_t i)
{
	(void)i;
	return (double)(int64_t)*state;
}

bool gradient_is_bent(const struct op_row *row, const struct bend *bend)
{
	const struct size size = { 3, 1, { 17 }, 1 }; /* vectors and what is left of one */
	struct plait_node *dx[MOST_INPUTS] = { NULL }, *dy, *y;
	double expected[3 * 17];
	struct bench b;
	bool right = false;

	y = case_run(&b, row, &size, fill_state, (uint64_t)(int64_t)bend->x);
	dy = y ? make_dy(&b, y) : NULL;
	if (dy && run_backward(&b, y, dy, dx)) {
		for (int i = 0; i < 3 * 17; i++)
			expected[i] = bend->slope * b.value[dy->id].exact[i];
		/* dy is below 2, so no gradient is above 4. */
		right = compare(row->op, 3 * 17, b.value[dx[0]->id].host, expected, NULL,
				4 * row->gradient_units) == 0;
	}
	bench_destroy(&b);
	return right;
}
