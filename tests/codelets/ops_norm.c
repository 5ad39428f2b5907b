/* SPDX-License-Identifier: MIT
 * Rows of normalizations, and what a table of values and gradients does not say of them: the
 * running values that they keep, and sums over so many rows that a GPU divides them among blocks.
 */
#include "config.h"
#include "tests/codelets/ops_norm.h"
#include "codelets/norm/batchnorm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [C] and images; one row, one channel, one pixel, an empty part, sizes that fit no vector, strip
 * or block of threads. */
const struct size norm_sizes[] = {
	{ 1, 1, { 7 }, 0 },        { 2, 1, { 16 }, 0 },      { 5, 1, { 1 }, 0 },
	{ 31, 1, { 10 }, 0 },      { 0, 1, { 5 }, 0 },       { 257, 1, { 3 }, 0 },
	{ 67, 1, { 40 }, 0 },      { 3, 1, { 1031 }, 0 },    { 1200, 1, { 13 }, 0 },
	{ 2, 3, { 1, 5, 7 }, 0 },  { 3, 3, { 3, 6, 5 }, 0 }, { 3, 3, { 5, 1, 1 }, 0 },
	{ 1, 3, { 16, 4, 3 }, 0 }, { 0, 3, { 3, 6, 5 }, 0 }, { 2, 3, { 65, 5, 5 }, 0 },
	{ 70, 3, { 3, 9, 9 }, 0 },
};
const int norm_sizes_count = sizeof norm_sizes / sizeof *norm_sizes;

#define MOMENTUM 0.25

/* With this eps a gradient is no larger than what comes in, and so its roundings are not either. */
struct plait_node *build_batchnorm(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_batchnorm(x, 1, MOMENTUM);
}

/* As small as variances may be; for values alone. */
struct plait_node *build_batchnorm_small(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_batchnorm(x, 1e-5, MOMENTUM);
}

/* Of one channel. */
struct statistics {
	int64_t rows;
	double mean, var, size; /* size: the mean of |x| */
};

static struct statistics statistics_of(const struct reference_call *call, int64_t channel)
{
	int64_t c = call->y->dim[0];
	struct statistics s = { .rows = plait_node_elements(call->y) * call->rows / c };

	for (int64_t i = 0; i < s.rows; i++) {
		s.mean += call->in[0][i * c + channel] / (double)s.rows;
		s.size += fabs(call->in[0][i * c + channel]) / (double)s.rows;
	}
	for (int64_t i = 0; i < s.rows; i++)
		s.var += pow(call->in[0][i * c + channel] - s.mean, 2) / (double)s.rows;
	return s;
}

/* Channels are the columns of a matrix, in either layout. */
static void normalize(const struct reference_call *call, int64_t channel,
		      const struct statistics *s, double units, double *out, double *bound)
{
	int64_t c = call->y->dim[0], rows = plait_node_elements(call->y) * call->rows / c;
	double weight = call->in[2][channel], bias = call->in[3][channel];
	double scale = weight / sqrt(s->var + call->y->attr[PLAIT__BATCHNORM_EPS]);

	for (int64_t i = channel; i < rows * c; i += c) {
		double product = (call->in[0][i] - s->mean) * scale;

		out[i] = product + bias;
		/* The mean is as many roundings off as a sum has, of numbers of x's size; the
		 * variance, of which the root is taken, likewise; then some of the formula's. */
		bound[i] = units * fabs(scale) * s->size + (units / 2 + 6) * fabs(product) +
			   fabs(bias);
	}
}

void batchnorm(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t j = 0; j < call->y->dim[0]; j++) {
		struct statistics s = statistics_of(call, j);

		/* A sum on a CPU is in four parts, and those are added. */
		normalize(call, j, &s, (double)s.rows / 4 + 16, out, bound);
	}
}

/* In evaluation: of the running values, which the statistics are then, to the bit. */
void batchnorm_running(const struct reference_call *call, double *out, double *bound)
{
	int64_t c = call->y->dim[0];

	for (int64_t j = 0; j < c; j++)
		normalize(call, j,
			  &(struct statistics){ .mean = call->in[1][j], .var = call->in[1][c + j] },
			  0, out, bound);
}

/* -- running values ------------------------------------------------------------------------- */

static double fill_some(uint64_t *state, int64_t i)
{
	(void)i;
	return some_number(state);
}

static const struct op_row train = { .op = "batchnorm",
				     .build = build_batchnorm,
				     .reference = batchnorm };

/* Runs a batchnorm, forward and backward, and gives the node that its running values are made of.
 */
static struct plait_node *run(struct bench *b, const struct size *size, struct plait_node **y)
{
	struct plait_node *dx[MOST_INPUTS] = { NULL }, *dy;
	int before;

	*y = case_run(b, &train, size, fill_some, 1);
	if (!*y)
		return NULL;
	dy = make_dy(b, *y);
	before = b->graph->nodes;
	(*y)->op->gradient(*y, dy, dx);
	for (int i = before; i < b->graph->nodes; i++)
		if (!bench_compute(b, b->graph->node[i]))
			return NULL;
	return b->graph->node[b->graph->nodes - 1];
}

/* What a part of a batch gives, as a share of the batch's. */
static bool share_is_right(const struct bench *b, const struct plait_node *y,
			   const struct plait_node *running)
{
	struct reference_call call = case_reference(b, y);
	double share = (double)b->rows / (double)b->batch, expected[2], bound[2];
	int64_t c = y->dim[0], wrong = 0;

	for (int64_t j = 0; j < c; j++) {
		struct statistics s = statistics_of(&call, j);
		double units = (double)s.rows / 4 + 20;
		const float *got = b->value[running->id].host, pair[2] = { got[j], got[c + j] };

		expected[0] = share * s.mean;
		expected[1] =
			share * s.var * (double)s.rows / (double)(s.rows > 1 ? s.rows - 1 : 1);
		bound[0] = units * share * s.size;
		bound[1] = units * expected[1];
		wrong += compare("batchnorm_running", 2, pair,
				 s.rows > 0 ? expected : (double[2]){ 0 }, bound, 0);
	}
	return wrong == 0;
}

/* Some updates by the same number. */
static bool updates_are_right(struct bench *b, struct plait_node *y,
			      const struct plait_node *running)
{
	enum { STEPS = 3 };
	struct plait_node *update = plait__batchnorm_update(y);
	const double *now = b->value[running->id].exact;
	const int64_t *counter = b->value[update->input[3]->id].host;
	int64_t c = y->dim[0], before = *counter, wrong = 0;

	for (int t = 0; t < STEPS; t++) {
		double *expected = malloc((size_t)(2 * c) * sizeof *expected);
		double *bound = malloc((size_t)(2 * c) * sizeof *bound);
		float *got = malloc((size_t)(2 * c) * sizeof *got);

		for (int which = 0; which < 2; which++) {
			const float *kept = b->value[update->input[2 * which]->id].host;

			for (int64_t j = 0; j < c; j++) {
				double old = (1 - MOMENTUM) * (double)kept[j],
				       fresh = MOMENTUM * now[which * c + j];

				expected[which * c + j] = old + fresh;
				bound[which * c + j] = fabs(old) + fabs(fresh); /* each a product */
			}
		}
		wrong += !bench_run(b, update);
		for (int which = 0; which < 2; which++)
			memcpy(got + which * c, b->value[update->input[2 * which]->id].host,
			       (size_t)c * sizeof *got);
		wrong += compare("batchnorm_update", 2 * c, got, expected, bound, 0);
		free(expected);
		free(bound);
		free(got);
	}
	if (*counter == before + STEPS)
		return wrong == 0;
	printf("# batchnorm_update counts from %lld to %lld in %d steps\n", (long long)before,
	       (long long)*counter, STEPS);
	return false;
}

bool running_values_are_right(void)
{
	bool right = true;

	for (int i = 0; i < norm_sizes_count; i++) {
		struct bench b;
		struct plait_node *y = NULL, *running = run(&b, &norm_sizes[i], &y);
		bool this = running && strcmp(running->op->name, "batchnorm_running") == 0 &&
			    share_is_right(&b, y, running) && updates_are_right(&b, y, running);

		if (!this)
			printf("# that was %s\n", case_name(&train, &norm_sizes[i]));
		right &= this;
		bench_destroy(&b);
	}
	return right;
}

/* -- long columns --------------------------------------------------------------------------- */

/* A block sums up to 512 rows of 32 columns alone, and 1024 of 16; 8192 columns leave room for two
 * parts of the rows, of two sums half as many do. */
static const struct size long_sizes[] = {
	{ 20011, 1, { 1 }, 0 },  { 5003, 1, { 10 }, 0 },  { 512, 1, { 32 }, 0 },
	{ 513, 1, { 32 }, 0 },   { 2049, 1, { 33 }, 0 },  { 601, 1, { 4096 }, 0 },
	{ 601, 1, { 4097 }, 0 }, { 521, 1, { 8192 }, 0 }, { 40, 3, { 16, 9, 9 }, 0 },
};
enum { LONG = sizeof long_sizes / sizeof *long_sizes };

bool long_columns_are_right(const struct op_row *row)
{
	bool right = true;

	for (int i = 0; i < LONG; i++)
		right &= forward_is_right(row, &long_sizes[i], fill_some, 1);
	return right;
}

/* All that a batchnorm computes, as one hash. */
static uint64_t hash_of(const struct size *size)
{
	struct bench b;
	struct plait_node *y = NULL, *last = run(&b, size, &y);
	uint64_t hash = 14695981039346656037u;

	for (int id = 0; last && id <= last->id; id++) {
		const struct plait_node *node = b.graph->node[id];
		const unsigned char *byte = b.value[id].host;
		int64_t bytes = bench_elements(&b, node) * (int64_t)plait_dtype_size(node->dtype);

		for (int64_t i = 0; i < bytes; i++)
			hash = (hash ^ byte[i]) * 1099511628211u;
	}
	bench_destroy(&b);
	return last ? hash : 0;
}

/* How the blocks of the virtual GPU follow each other; a real one chooses by itself. */
bool order_changes_no_statistic(void)
{
	static const char *const orders[] = { "", "reverse", "shuffle" };
	bool same = true;

	for (int i = 0; i < LONG; i++) {
		uint64_t first = 0;

		for (int o = 0; o < 3; o++) {
			uint64_t hash;

			setenv("VGPU_ORDER", orders[o], 1);
			hash = hash_of(&long_sizes[i]);
			if (o == 0)
				first = hash;
			if (hash == first && hash != 0)
				continue;
			printf("# %s: other bits in the order %s\n",
			       case_name(&train, &long_sizes[i]), orders[o]);
			same = false;
		}
	}
	setenv("VGPU_ORDER", "", 1);
	return same;
}
