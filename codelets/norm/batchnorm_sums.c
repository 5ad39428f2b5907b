/* SPDX-License-Identifier: MIT
 * batchnorm_bwd_sums: y = [sum dy, sum dy xhat, and what dx is made with] over the rows of a part
 * of a batch, as mean and variance are.  y: [4,C]. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/room.h"

#include <string.h>

/* Columns that are summed at once, each in two sums, of even and of odd rows. */
#define LANES 16

/* Rows (beside each other: one) whose sums are added up, as the pixels of a batch are many. */
#define BLOCK 1024

/* What all sums are made with.  weight and bias: NULL, or dy is that of a relu's result. */
struct sums {
	int64_t m;
	float eps;
	const float *x, *dy, *stats, *weight, *bias;
};

/* Some columns of x and dy, with factors of their channels. */
struct strip {
	int64_t row, width;
	bool relu;
	const float *x, *dy;
	float mean[PLAIT__STRIP], scale[PLAIT__STRIP], shift[PLAIT__STRIP];
};

/* One row more, of so many columns from `from` on. */
static inline __attribute__((always_inline)) void add_row(bool relu, const struct strip *s,
							  int64_t row, int64_t from, int64_t lanes,
							  float *sum_dy, float *sum_product)
{
	for (int64_t j = 0; j < lanes; j++) {
		int64_t at = row * s->row + from + j;
		float x = s->x[at], dy = s->dy[at], mean = s->mean[from + j];

		if (relu)
			dy = plait__relu_bwd(
				plait__batchnorm_y(x, mean, s->scale[from + j], s->shift[from + j]),
				dy);
		sum_dy[j] += dy;
		sum_product[j] += (x - mean) * dy;
	}
}

/* Adds all rows of so many columns. */
static inline __attribute__((always_inline)) void add_rows(bool relu, const struct strip *s,
							   int64_t rows, int64_t from,
							   int64_t lanes, float *sum_dy,
							   float *sum_product)
{
	float d[2][LANES] = { { 0 } }, p[2][LANES] = { { 0 } };
	int64_t i = 0;

	for (; i + 2 <= rows; i += 2)
		for (int r = 0; r < 2; r++)
			add_row(relu, s, i + r, from, lanes, d[r], p[r]);
	if (i < rows)
		add_row(relu, s, i, from, lanes, d[0], p[0]);
	for (int64_t j = 0; j < lanes; j++) {
		sum_dy[from + j] += d[0][j] + d[1][j];
		sum_product[from + j] += p[0][j] + p[1][j];
	}
}

static inline __attribute__((always_inline)) void
add_strip(bool relu, const struct strip *s, int64_t rows, float *sum_dy, float *sum_product)
{
	int64_t j = 0;

	for (; j + LANES <= s->width; j += LANES) /* the compiler knows how many, and unrolls */
		add_rows(relu, s, rows, j, LANES, sum_dy, sum_product);
	if (j < s->width)
		add_rows(relu, s, rows, j, s->width - j, sum_dy, sum_product);
}

PLAIT__CLONES static void sums_of_strip(struct strip *s, int64_t rows, float *sum_dy,
					float *sum_product)
{
	for (int64_t i = 0; i < rows; i += BLOCK) {
		int64_t n = rows - i < BLOCK ? rows - i : BLOCK;

		if (s->relu)
			add_strip(true, s, n, sum_dy, sum_product);
		else
			add_strip(false, s, n, sum_dy, sum_product);
		s->x += n * s->row;
		s->dy += n * s->row;
	}
}

/* Adds the sums of rows, of which `beside` are one, to sums [m] of dy and of (x - mean) dy. */
static void add_sums(const struct sums *g, int64_t first, int64_t rows, int64_t beside, float *dy,
		     float *product)
{
	int64_t row = beside * g->m;

	for (int64_t begin = 0; begin < row; begin += PLAIT__STRIP) {
		float sum_dy[PLAIT__STRIP] = { 0 }, sum_product[PLAIT__STRIP] = { 0 };
		struct strip s = { .row = row,
				   .width = plait__strip_width(row, begin),
				   .relu = g->bias != NULL,
				   .x = g->x + first * g->m + begin,
				   .dy = g->dy + first * g->m + begin };

		for (int64_t j = 0; j < s.width; j++) {
			int64_t c = (begin + j) % g->m;

			s.mean[j] = g->stats[c];
			s.scale[j] = g->bias ? plait__batchnorm_scale(g->weight[c],
								      g->stats[g->m + c], g->eps)
					     : 0.0f;
			s.shift[j] = g->bias ? g->bias[c] : 0.0f;
		}
		sums_of_strip(&s, rows, sum_dy, sum_product);
		for (int64_t j = 0; j < s.width; j++) {
			dy[(begin + j) % g->m] += sum_dy[j];
			product[(begin + j) % g->m] += sum_product[j];
		}
	}
}

static struct sums sums_of(const struct plait_call *call, int64_t m)
{
	const float *bias = plait__batchnorm_relu_bias(call, PLAIT__SUMS_BIAS);

	return (struct sums){ .m = m,
			      .eps = plait__batchnorm_eps(call),
			      .x = plait__call_floats(call, PLAIT__BWD_X),
			      .dy = plait__call_floats(call, PLAIT__BWD_DY),
			      .stats = plait__call_floats(call, PLAIT__BWD_STATS),
			      .weight = bias ? plait__call_floats(call, PLAIT__BWD_WEIGHT) : NULL,
			      .bias = bias };
}

/* Sums of these rows go where the means of all so far stand at the end. */
static void batchnorm_bwd_sums_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[PLAIT__BWD_X];
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	int64_t before = plait__channel_rows_before(call, x), beside = plait__rows_beside(m);
	float *sums = plait__call_out(call), *dy = sums + PLAIT__MEAN_DY * m;
	float *product = sums + PLAIT__SLOPE * m;
	const struct sums g = sums_of(call, m);

	memset(dy, 0, (size_t)m * sizeof *dy);
	memset(product, 0, (size_t)m * sizeof *product);
	add_sums(&g, 0, rows / beside, beside, dy, product);
	add_sums(&g, rows - rows % beside, rows % beside, 1, dy, product);
	for (int64_t j = 0; j < m; j++) {
		float sum_dy = dy[j], var = g.stats[m + j];
		float sum_dy_xhat = plait__batchnorm_scale(product[j], var, g.eps);

		if (before > 0) {
			sum_dy += sums[PLAIT__SUM_DY * m + j];
			sum_dy_xhat += sums[PLAIT__SUM_DY_XHAT * m + j];
		}
		plait__batchnorm_sums(sum_dy, sum_dy_xhat, var, g.eps, before + rows,
				      call->training, m, sums + j);
	}
}

static void batchnorm_bwd_sums_cost(const struct plait_node *node, int64_t rows,
				    struct plait_cost *cost)
{
	plait_op_cost(node->input[PLAIT__BWD_X], rows, 4, 2, cost);
}

const struct plait_op plait__op_batchnorm_bwd_sums = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_bwd_sums",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.cpu = batchnorm_bwd_sums_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_bwd_sums_cuda),
	.cost = batchnorm_bwd_sums_cost,
};
