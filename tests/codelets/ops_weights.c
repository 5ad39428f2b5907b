/* SPDX-License-Identifier: MIT
 * Weighted losses, bit by bit: as without weights where all are 1, and blind to samples of
 * weight 0. And one of them by two ways. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	struct plait_node *(*plain)(struct plait_node *x, int64_t m);
	struct plait_node *(*weighted)(struct plait_node *x, int64_t m);
} losses[] = {
	{ "cross_entropy", build_cross_entropy, build_cross_entropy_weighted },
	{ "nll", build_nll, build_nll_weighted },
	{ "mse", build_mse, build_mse_weighted },
	{ "l1", build_l1, build_l1_weighted },
	{ "huber", build_huber, build_huber_weighted },
	{ "bce_with_logits", build_bce, build_bce_weighted },
};
const int weighted_losses = (int)(sizeof losses / sizeof *losses);

const char *weighted_name(int i)
{
	return losses[i].name;
}

/* Rows and columns: short rows, rows that blocks and vectors cut, a row longer than a block. */
static const int64_t sizes[][2] = { { 1, 1 }, { 37, 7 }, { 1200, 13 }, { 5, 1031 }, { 2, 5000 } };
#define SIZES (int)(sizeof sizes / sizeof *sizes)

/* What samples of weight 0 hold: nothing strange, or everything that could do harm. */
enum strangeness { ALL_COUNT, SOME_PLAIN, SOME_STRANGE };

static bool counts(enum strangeness strange, int64_t row)
{
	return strange == ALL_COUNT || row % 3 != 0;
}

static double number_of(const struct plait_graph *graph, const struct plait_node *node, int64_t i,
			enum strangeness strange, uint64_t *state)
{
	static const double harm[] = { NAN, INFINITY, -INFINITY, 3e38 };
	int64_t width = plait_node_elements(node), row = i / width;
	double some = some_number(state);
	bool harmful = strange == SOME_STRANGE && !counts(strange, row);

	if (node == graph->weights)
		return strange == ALL_COUNT ? 1 : counts(strange, row) ? 1.5 : 0;
	if (node == graph->labels)
		return harmful ? -1 : (double)(row % graph->input[0]->dim[0]);
	return harmful ? (double)(float)harm[i % 4] : some;
}

/* The loss and its gradient by x, run on samples that are the same in every call. */
static struct plait_node *run(struct bench *b,
			      struct plait_node *(*build)(struct plait_node *x, int64_t m),
			      const int64_t *size, enum strangeness strange, struct plait_node **dx)
{
	struct plait_node *x, *y, *gradient[MOST_INPUTS] = { NULL };

	*b = (struct bench){ .graph = plait_graph_create(), .rows = size[0], .batch = size[0] + 1 };
	x = plait_input(b->graph, PLAIT_F32, 1, &size[1]);
	x->needs_gradient = true;
	y = build(x, 1);
	for (int id = 0; id < b->graph->nodes; id++) {
		const struct plait_node *node = b->graph->node[id];
		int64_t n = bench_elements(b, node);
		double *numbers = malloc((size_t)n * sizeof *numbers);
		uint64_t state = node == x ? 1 : 2;

		for (int64_t i = 0; i < n; i++)
			numbers[i] = number_of(b->graph, node, i, strange, &state);
		if (node->op == &plait__op_source)
			bench_set(b, node, numbers);
		free(numbers);
	}
	y->op->gradient(y, NULL, gradient);
	if (y->input[0] != x)
		y->input[0]->op->gradient(y->input[0], gradient[0], gradient);
	*dx = gradient[0];
	for (int id = 0; id < b->graph->nodes; id++)
		if (b->graph->node[id]->op != &plait__op_source &&
		    !bench_run(b, b->graph->node[id]))
			return NULL;
	return y;
}

/* Whether two ways to a loss and its gradient end in the same bits. */
static bool same(struct plait_node *(*one)(struct plait_node *x, int64_t m),
		 enum strangeness one_strange,
		 struct plait_node *(*two)(struct plait_node *x, int64_t m),
		 enum strangeness two_strange, const int64_t *size)
{
	struct bench a, b;
	struct plait_node *dxa, *dxb, *ya = run(&a, one, size, one_strange, &dxa),
				      *yb = run(&b, two, size, two_strange, &dxb);
	size_t bytes = (size_t)(size[0] * size[1]) * sizeof(float);
	bool right = ya && yb &&
		     memcmp(a.value[ya->id].host, b.value[yb->id].host, sizeof(float)) == 0 &&
		     memcmp(a.value[dxa->id].host, b.value[dxb->id].host, bytes) == 0;

	if (!right && ya && yb)
		printf("# %lld x %lld: losses %a and %a\n", (long long)size[0], (long long)size[1],
		       (double)*(float *)a.value[ya->id].host,
		       (double)*(float *)b.value[yb->id].host);
	bench_destroy(&a);
	bench_destroy(&b);
	return right;
}

bool weights_of_one_change_nothing(int i)
{
	bool right = true;

	for (int s = 0; s < SIZES; s++)
		right &= same(losses[i].plain, ALL_COUNT, losses[i].weighted, ALL_COUNT, sizes[s]);
	return right;
}

/* Gradients of samples that count must be there, all others +0. */
static bool zero_where_weightless(int i, const int64_t *size)
{
	struct bench b;
	struct plait_node *dx, *y = run(&b, losses[i].weighted, size, SOME_STRANGE, &dx);
	int wrong = y == NULL;

	for (int64_t at = 0; y && at < size[0] * size[1]; at++) {
		float value = ((const float *)b.value[dx->id].host)[at];

		if (counts(SOME_STRANGE, at / size[1]))
			wrong += !isfinite(value);
		else
			wrong += value != 0 || signbit(value);
	}
	wrong += y && !isfinite(*(const float *)b.value[y->id].host);
	bench_destroy(&b);
	return wrong == 0;
}

bool weight_zero_is_nothing(int i)
{
	bool right = true;

	for (int s = 0; s < SIZES; s++) {
		right &= zero_where_weightless(i, sizes[s]);
		right &= same(losses[i].weighted, SOME_PLAIN, losses[i].weighted, SOME_STRANGE,
			      sizes[s]);
	}
	return right;
}

/* -- cross_entropy, and nll of log_softmax -------------------------------------------------------
 */

static struct plait_node *build_two(struct plait_node *x, int64_t m)
{
	return build_nll_weighted(plait_log_softmax(x), m);
}

/* A log-probability of the samples here is 13 at most, and rounded three times on its way; its
 * exponential is 2 roundings off, and a sum of c of them c, relative: of a probability, which is
 * 55/c at most, that is no more than 100 of 1. A loss is the mean of such logarithms, each of them
 * of the very same sum on both ways. */
static const double loss_units = 16, gradient_units = 100;

static bool two_are_one(const int64_t *size)
{
	int64_t n = size[0] * size[1];
	struct bench a, b;
	struct plait_node *dxa, *dxb,
		*ya = run(&a, build_two, size, SOME_PLAIN, &dxa),
		*yb = run(&b, build_cross_entropy_weighted, size, SOME_PLAIN, &dxb);
	double *expected = calloc((size_t)n, sizeof *expected),
	       *bound = calloc((size_t)n, sizeof *bound), loss;
	bool right = ya && yb;
	char what[64];

	snprintf(what, sizeof what, "nll of %lld x %lld", (long long)size[0], (long long)size[1]);
	for (int64_t i = 0; right && i < n; i++) {
		expected[i] = (double)((float *)b.value[dxb->id].host)[i];
		bound[i] = gradient_units * b.value[b.graph->weights->id].exact[i / size[1]] /
			   (double)b.batch;
	}
	if (right) {
		loss = (double)*(float *)b.value[yb->id].host;
		right = compare(what, 1, a.value[ya->id].host, &loss, NULL, loss_units) == 0 &&
			compare(what, n, a.value[dxa->id].host, expected, bound, 0) == 0;
	}
	free(expected);
	free(bound);
	bench_destroy(&a);
	bench_destroy(&b);
	return right;
}

bool nll_is_cross_entropy(void)
{
	bool right = true;

	for (int i = 0; i < SIZES; i++)
		right &= two_are_one(sizes[i]);
	return right;
}
