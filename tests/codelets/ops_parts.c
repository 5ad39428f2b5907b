/* SPDX-License-Identifier: MIT
 * Sums so long that a GPU divides them among blocks: sizes around those at which it does so, and at
 * which blocks take several pieces. */
#include "config.h"
#include "tests/codelets/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- ops that end in one number -------------------------------------------------------------- */

/* One block takes up to 128 rows of up to 32 columns, or 4096 elements; 1024 blocks take 8192 rows
 * or 262144 elements at once. */
static const struct size sizes[] = {
	{ 128, 1, { 32 }, 1 },  { 129, 1, { 32 }, 1 },   { 128, 1, { 33 }, 1 },
	{ 5003, 1, { 1 }, 1 },  { 4097, 1, { 1 }, 1 },   { 9001, 1, { 31 }, 1 },
	{ 37, 1, { 1031 }, 1 }, { 300, 1, { 1031 }, 1 }, { 1, 1, { 5000 }, 1 },
};
#define SIZES (int)(sizeof sizes / sizeof *sizes)

static double fill_some(uint64_t *state, int64_t i)
{
	(void)i;
	return some_number(state);
}

bool parts_are_right(const struct op_row *row)
{
	bool right = true;

	for (int i = 0; i < SIZES; i++)
		right &= forward_is_right(row, &sizes[i], fill_some, 1);
	return right;
}

/* How the blocks of the virtual GPU follow each other; a real one chooses by itself. */
static const char *const orders[] = { "", "reverse", "shuffle", "shuffle" };
#define ORDERS (int)(sizeof orders / sizeof *orders)

static void set_order(const char *order)
{
	setenv("VGPU_ORDER", order, 1);
}

bool order_changes_nothing(const struct op_row *row)
{
	bool same = true;

	for (int i = 0; i < SIZES; i++) {
		float result[ORDERS] = { 0 };

		for (int o = 0; o < ORDERS; o++) {
			struct bench b;
			struct plait_node *y;

			set_order(orders[o]);
			y = case_run(&b, row, &sizes[i], fill_some, 1);
			same &= y != NULL;
			if (y)
				memcpy(&result[o], b.value[y->id].host, sizeof *result);
			bench_destroy(&b);
			if (memcmp(&result[o], result, sizeof *result) == 0)
				continue;
			printf("# %s: %a, and %a in the order %s\n", case_name(row, &sizes[i]),
			       (double)result[0], (double)result[o], orders[o]);
			same = false;
		}
	}
	set_order("");
	return same;
}

#define WIDTH 3

/* All of the sample is infinite of which *state is the first element; its weight is not 0. */
static double fill_infinity(uint64_t *state, int64_t i)
{
	return i / WIDTH == (int64_t)*state / WIDTH ? (double)INFINITY : 0.5;
}

bool halts_anywhere(const struct op_row *row)
{
	static const struct size many = { 5004, 1, { WIDTH }, 1 };
	/* First, last, one in the middle; the last of them is none. */
	static const int64_t at[] = { 0, 2502 * WIDTH, 5003 * WIDTH, 5004 * WIDTH };
	bool right = true;

	if (!backend.halts || row->no_gradient || row->term)
		return true;
	for (int i = 0; i < 4; i++) {
		struct bench b;
		struct plait_node *y = case_run(&b, row, &many, fill_infinity, (uint64_t)at[i]);
		bool halts = y && backend.halts(),
		     finite = y && isfinite(*(float *)b.value[y->id].host);

		if (halts != (i < 3) || finite != (i == 3)) {
			printf("# %s, infinite at %lld: %s, updates %s\n", case_name(row, &many),
			       (long long)at[i], finite ? "finite" : "not finite",
			       halts ? "halt" : "go on");
			right = false;
		}
		bench_destroy(&b);
	}
	return right;
}

/* -- sums of columns ------------------------------------------------------------------------- */

/* A block has up to 32 columns. Up to 512 rows of such it sums alone; 8192 columns leave room for
 * two parts of the rows, more for one. */
static const int64_t columns[][2] = {
	{ 0, 5 },     { 1, 1 },      { 16384, 1 },  { 16385, 1 },  { 300007, 1 },
	{ 8193, 2 },  { 5003, 10 },  { 5003, 16 },  { 5003, 17 },  { 512, 32 },
	{ 513, 32 },  { 2049, 31 },  { 2049, 33 },  { 1999, 63 },  { 1999, 64 },
	{ 1999, 65 }, { 601, 5000 }, { 601, 8191 }, { 601, 8192 }, { 601, 8193 },
};
#define COLUMNS (int)(sizeof columns / sizeof *columns)

/* The gradient of a linear's bias, from some dy. */
static struct plait_node *run_columns(struct bench *b, const int64_t *size, struct plait_node **dy)
{
	static const int64_t one = 1;
	struct plait_node *dx[MOST_INPUTS] = { NULL }, *y;

	*b = (struct bench){ .graph = plait_graph_create(), .rows = size[0], .batch = size[0] + 1 };
	y = plait_linear(plait_input(b->graph, PLAIT_F32, 1, &one), size[1]);
	*dy = make_dy(b, y);
	y->op->gradient(y, *dy, dx);
	return bench_run(b, dx[2]) ? dx[2] : NULL;
}

/* Sums in double, in the order of the rows. On a CPU a float takes part in as many additions as a
 * quarter of the column has, and in some to join the sums; on a GPU in fewer. */
static bool column_size_is_right(const int64_t *size)
{
	double *sum = calloc((size_t)size[1], sizeof *sum),
	       *bound = calloc((size_t)size[1], sizeof *sum);
	struct bench b;
	struct plait_node *dy, *db = run_columns(&b, size, &dy);
	const double *terms = b.value[dy->id].exact;
	bool right = db != NULL;
	char what[64];

	for (int64_t i = 0; i < size[0] * size[1]; i++) {
		sum[i % size[1]] += terms[i];
		bound[i % size[1]] += fabs(terms[i]) * ((double)size[0] / 4 + 16);
	}
	snprintf(what, sizeof what, "db of %lld x %lld", (long long)size[0], (long long)size[1]);
	if (db)
		right = compare(what, size[1], b.value[db->id].host, sum, bound, 0) == 0;
	bench_destroy(&b);
	free(sum);
	free(bound);
	return right;
}

bool columns_are_right(void)
{
	bool right = true;

	for (int i = 0; i < COLUMNS; i++)
		right &= column_size_is_right(columns[i]);
	return right;
}

static bool column_size_is_same(const int64_t *size)
{
	size_t bytes = (size_t)size[1] * sizeof(float);
	float *first = malloc(bytes);
	bool same = true;

	for (int o = 0; o < ORDERS; o++) {
		struct bench b;
		struct plait_node *dy, *db;

		set_order(orders[o]);
		db = run_columns(&b, size, &dy);
		if (db && o == 0)
			memcpy(first, b.value[db->id].host, bytes);
		if (!db || memcmp(first, b.value[db->id].host, bytes) != 0) {
			printf("# db of %lld x %lld: other bits in the order %s\n",
			       (long long)size[0], (long long)size[1], orders[o]);
			same = false;
		}
		bench_destroy(&b);
	}
	set_order("");
	free(first);
	return same;
}

bool order_changes_no_column(void)
{
	bool same = true;

	for (int i = 0; i < COLUMNS; i++)
		same &= column_size_is_same(columns[i]);
	return same;
}
