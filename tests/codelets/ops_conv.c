/* SPDX-License-Identifier: MIT
 * Convolutions of many pixels on a GPU, where columns are made of a piece of them at once and sums
 * are divided: as the kernels for CPUs compute them, whatever order blocks come in.
 *
 * All numbers are integers from -2 to 2, and sums are below 2^24: so they are exact in any order,
 * and results are equal. */
#include "config.h"
#include "src/base/random.h"
#include "tests/codelets/ops_images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct many {
	int64_t rows, dim[3], outputs, kernel[2];
	struct plait_conv2d_options options;
};

static const struct many cases[] = {
	/* Pieces of 21 images; of rows of an image or of two; of pixels of a row. */
	{ 23, { 16, 64, 64 }, 2, { 3, 3 }, { .padding = { 1, 1 } } },
	{ 2,
	  { 16, 300, 300 },
	  2,
	  { 3, 3 },
	  { .padding = { 1, 3 }, .dilation = { 2, 2 }, .groups = 2 } },
	{ 2, { 1500, 1, 1000 }, 2, { 3, 3 }, { .padding = { 1, 1 } } },
	/* dw of several parts: of one channel, of each channel, of groups, of pixels alone. */
	{ 9, { 1, 30, 31 }, 5, { 5, 4 }, { .padding = { 2, 1 }, .stride = { 1, 2 } } },
	{ 20, { 6, 16, 15 }, 12, { 3, 3 }, { .padding = { 1, 1 }, .groups = 6 } },
	{ 3, { 6, 40, 41 }, 4, { 3, 2 }, { .stride = { 2, 1 }, .groups = 2 } },
	{ 5, { 7, 20, 20 }, 9, { 1, 1 }, { .groups = 1 } },
	{ 5, { 8, 20, 20 }, 12, { 1, 1 }, { .groups = 4, .no_bias = true } },
	/* Rows and columns of x that no window has. */
	{ 1, { 3, 40, 44 }, 4, { 2, 1 }, { .stride = { 3, 2 } } },
	{ 1, { 4, 40, 44 }, 4, { 2, 2 }, { .stride = { 5, 3 }, .groups = 4 } },
};
#define CASES (int)(sizeof cases / sizeof *cases)
#define LARGE 3 /* the first ones: too much work to do it several times */

static double some_integer(uint64_t *state)
{
	return (double)((int64_t)(some_number(state) * 1.25 + 2.5) - 2);
}

static void set(struct bench *b, const struct plait_node *node, double (*number)(uint64_t *state))
{
	int64_t n = bench_elements(b, node);
	double *numbers = malloc((size_t)(n + 1) * sizeof *numbers);
	uint64_t state = (uint64_t)node->id;

	for (int64_t i = 0; i < n; i++)
		numbers[i] = number(&state);
	bench_set(b, node, numbers);
	free(numbers);
}

/* What is computed of a case: y, and the gradients by x, w and b. */
enum { Y, DX, DW, DB, RESULTS };

/* Builds them all; their number. */
static int build(struct bench *b, const struct many *m, struct plait_node *result[RESULTS])
{
	struct plait_node *dx[MOST_INPUTS] = { NULL }, *x, *dy;
	struct plait_node_spec spec = {
		.op = &plait__op_source, .phase = PLAIT_SOURCE, .batched = true, .ndim = 3
	};

	*b = (struct bench){ .graph = plait_graph_create(), .rows = m->rows, .batch = m->rows };
	x = plait_input(b->graph, PLAIT_F32, 3, m->dim);
	x->needs_gradient = true;
	result[Y] = plait_conv2d(x, m->outputs, m->kernel[0], m->kernel[1], &m->options);
	spec.dim = result[Y]->dim;
	dy = plait_node_append(b->graph, &spec);
	dy->channels_last = result[Y]->channels_last;
	result[Y]->op->gradient(result[Y], dy, dx);
	for (int i = 0; i < result[Y]->ninputs; i++)
		result[DX + i] = dx[i];
	return 1 + result[Y]->ninputs;
}

/* Gives sources their numbers and runs all nodes. */
static bool run(struct bench *b, double (*number)(uint64_t *state))
{
	bool ran = true;

	for (int i = 0; i < b->graph->nodes && ran; i++) {
		const struct plait_node *node = b->graph->node[i];

		if (node->op == &plait__op_source)
			set(b, node, number);
		else
			ran = bench_run(b, node);
	}
	return ran;
}

/* Whether the kernel for CPUs has the same numbers; not all of them are 0. */
static bool as_on_cpu(const struct bench *b, const struct plait_node *node)
{
	int64_t n = bench_elements(b, node), off = 0, zeros = 0;
	const float *got = b->value[node->id].host;
	float *expected = malloc((size_t)n * sizeof *expected);
	const void *in[MOST_INPUTS];
	struct plait_call call = {
		.node = node, .in = in, .out = expected, .rows = b->rows, .batch = b->batch
	};

	for (int i = 0; i < node->ninputs; i++)
		in[i] = b->value[node->input[i]->id].host;
	node->op->cpu(&call);
	for (int64_t i = 0; i < n; i++) {
		zeros += expected[i] == 0;
		if (got[i] != expected[i] && off++ == 0)
			printf("# %s: element %lld is %g, on a CPU %g\n", node->op->name,
			       (long long)i, (double)got[i], (double)expected[i]);
	}
	free(expected);
	return off == 0 && zeros < n;
}

static void say(const struct many *m)
{
	char shape[100];

	printf("# that was conv of %lld x %s\n", (long long)m->rows,
	       plait_shape_text(3, m->dim, shape, sizeof shape));
}

bool convs_are_as_on_cpu(void)
{
	bool right = true;

	for (int i = 0; i < CASES; i++) {
		struct plait_node *result[RESULTS];
		struct bench b;
		int results = build(&b, &cases[i], result);
		bool same = run(&b, some_integer);

		for (int r = 0; r < results && same; r++)
			same = as_on_cpu(&b, result[r]);
		if (!same)
			say(&cases[i]);
		right &= same;
		bench_destroy(&b);
	}
	return right;
}

/* Of the bits of all results, whose sums are rounded: another order has others.  0: a kernel
 * failed.
 */
static uint64_t hash_in_order(const struct many *m, const char *order)
{
	struct plait_node *result[RESULTS];
	uint64_t hash = 0;
	struct bench b;
	int results = build(&b, m, result);

	setenv("VGPU_ORDER", order, 1);
	if (run(&b, some_number))
		hash = 1;
	for (int r = 0; r < results && hash; r++)
		for (int64_t i = 0; i < bench_elements(&b, result[r]); i++) {
			uint32_t bits;

			memcpy(&bits, (float *)b.value[result[r]->id].host + i, sizeof bits);
			hash = plait__key(hash, bits);
		}
	bench_destroy(&b);
	unsetenv("VGPU_ORDER");
	return hash;
}

bool order_changes_no_conv(void)
{
	bool same = true;

	for (int i = LARGE; i < CASES; i++) {
		uint64_t hash = hash_in_order(&cases[i], "");

		if (hash && hash_in_order(&cases[i], "reverse") == hash &&
		    hash_in_order(&cases[i], "shuffle") == hash)
			continue;
		printf("# the order of blocks changes bits\n");
		say(&cases[i]);
		same = false;
	}
	return same;
}
