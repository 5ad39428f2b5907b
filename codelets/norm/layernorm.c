/* SPDX-License-Identifier: MIT
 * layernorm: each row of x, its last dimensions, is normalized, as by torch.nn.LayerNorm.
 *            y = z weight + bias: sample.h.  x, y: [N,...,D1,...]; weight, bias: [D1,...].
 *            dx = (g - mean(g) - z mean(g z)) / sqrt(variance + eps), g = dy weight.
 *            dw = sum of dy z, db = sum of dy, over rows. */
#include "config.h"
#include "codelets/norm/sample_sums.h"
#include "codelets/arguments.h"
#include "codelets/shared/columns.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

struct plait_node *plait_layernorm(struct plait_node *x, int dims,
				   const struct plait_norm_options *options)
{
	char text[128];

	if (!plait_op_accepts(&plait__op_layernorm, x))
		return NULL;
	if (dims < 1 || dims > x->ndim)
		return plait_graph_fail(x->graph, PLAIT_ESHAPE,
					"layernorm: the last %d dimensions of %s, must be 1 to %d",
					dims, plait_shape_text(x->ndim, x->dim, text, sizeof text),
					x->ndim);
	return plait__sample_norm(
		x, &plait__op_layernorm, &plait__op_layernorm_stats, dims, x->dim + x->ndim - dims,
		(double[PLAIT__NORM_ATTRIBUTES]){ [PLAIT__NORM_DIMS] = dims }, options);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	struct plait_norm_options options;
	int64_t dims = 1;

	if (!plait__sample_norm_read(
		    x, "layernorm", arguments,
		    &(struct plait__argument){ .name = "dims", .integer = &dims, .least = 1 },
		    &options, "layernorm:dims=1,eps=1e-5"))
		return NULL;
	return plait_layernorm(x, (int)dims, &options);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = y->input[0], *stats = y->input[1];
	bool affine = y->ninputs == 4;

	if (x->needs_gradient)
		dx[0] = plait_op_gradient(
			y, x, &plait__op_layernorm_bwd_dx, affine ? 4 : 3,
			(struct plait_node *[]){ dy, x, stats, affine ? y->input[2] : NULL });
	if (!affine)
		return;
	dx[2] = plait_op_gradient(y, y->input[2], &plait__op_layernorm_bwd_dw, 3,
				  (struct plait_node *[]){ dy, x, stats });
	dx[3] = plait_op_gradient(y, y->input[3], &plait__op_layernorm_bwd_db, 1, &dy);
}

/* -- kernels ----------------------------------------------------------------------------------- */

INLINE void row_by_x(int64_t n, const float *stats, const float *restrict weight,
		     const float *restrict x, const float *restrict dy, float *restrict dx)
{
	float mean = stats[0], scale = stats[1];
	double g = row_sum(SLOPE, n, x, dy, weight, mean);
	double g_x = row_sum(PRODUCT, n, x, dy, weight, mean);
	float even = (float)(g / (double)n);
	float slope = (float)(g_x / (double)n * (double)scale * (double)scale);

	if (weight)
		for (int64_t j = 0; j < n; j++)
			dx[j] = scale * (dy[j] * weight[j] - even - (x[j] - mean) * slope);
	else
		for (int64_t j = 0; j < n; j++)
			dx[j] = scale * (dy[j] - even - (x[j] - mean) * slope);
}

PLAIT__CLONES static void by_x(const struct plait__sample_norm *s, const float *stats,
			       const float *weight, const float *x, const float *dy, float *dx)
{
	int64_t n = s->channels;

	for (int64_t i = 0; i < s->samples; i++)
		row_by_x(n, stats + 2 * i, weight, x + i * n, dy + i * n, dx + i * n);
}

static void layernorm_bwd_dx_cpu(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__sample_norm s = plait__sample_norm_of(call, dx);

	by_x(&s, plait__call_floats(call, 2), dx->ninputs == 4 ? plait__call_floats(call, 3) : NULL,
	     plait__call_floats(call, 1), plait__call_floats(call, 0), plait__call_out(call));
}

/* dw of some columns.  Sums of so many rows are added up. */
INLINE void rows_by_weight(const struct plait__sample_norm *s, int64_t columns, const float *stats,
			   const float *restrict x, const float *restrict dy, float *restrict dw)
{
	const int64_t most = 1024, m = s->channels;

	for (int64_t begin = 0; begin < s->samples; begin += most) {
		int64_t end = s->samples - begin < most ? s->samples : begin + most, n = begin;
		float sum[STRIP] = { 0 };

		for (; n + 4 <= end; n += 4) {
			const float *t = stats + 2 * n, *a = x + n * m, *b = dy + n * m;

			for (int64_t j = 0; j < columns; j++)
				sum[j] += ((a[j] - t[0]) * t[1] * b[j] +
					   (a[m + j] - t[2]) * t[3] * b[m + j]) +
					  ((a[2 * m + j] - t[4]) * t[5] * b[2 * m + j] +
					   (a[3 * m + j] - t[6]) * t[7] * b[3 * m + j]);
		}
		for (; n < end; n++)
			for (int64_t j = 0; j < columns; j++)
				sum[j] += (x[n * m + j] - stats[2 * n]) * stats[2 * n + 1] *
					  dy[n * m + j];
		for (int64_t j = 0; j < columns; j++)
			dw[j] += sum[j];
	}
}

PLAIT__CLONES static void by_weight(const struct plait__sample_norm *s, const float *stats,
				    const float *x, const float *dy, float *dw)
{
	for (int64_t j = 0; j < s->channels; j++)
		dw[j] = 0;
	for (int64_t j = 0; j < s->channels; j += STRIP)
		rows_by_weight(s, strip_columns(s, 1, j), stats, x + j, dy + j, dw + j);
}

static void layernorm_bwd_dw_cpu(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[1]);

	by_weight(&s, plait__call_floats(call, 2), plait__call_floats(call, 1),
		  plait__call_floats(call, 0), plait__call_out(call));
}

static void layernorm_bwd_db_cpu(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[0]);

	plait__column_sums(s.samples, s.channels, plait__call_floats(call, 0), false,
			   plait__call_out(call));
}

static void layernorm_bwd_dx_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node, rows, 11, 3, cost);
}

static void layernorm_bwd_dw_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 4, 2, cost);
}

static void layernorm_bwd_db_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 1, 1, cost);
}

const struct plait_op plait__op_layernorm_stats = {
	.abi = PLAIT_OP_ABI,
	.name = "layernorm_stats",
	.cpu = plait__sample_stats_cpu,
	.cuda = PLAIT__CUDA(plait__sample_stats_cuda),
	.cost = plait__sample_stats_cost,
};

const struct plait_op plait__op_layernorm = {
	.abi = PLAIT_OP_ABI,
	.name = "layernorm",
	.gradient = gradient,
	.word = word,
	.cpu = plait__sample_norm_cpu,
	.cuda = PLAIT__CUDA(plait__sample_norm_cuda),
	.cost = plait__sample_norm_cost,
};

const struct plait_op plait__op_layernorm_bwd_dx = {
	.abi = PLAIT_OP_ABI,
	.name = "layernorm_bwd_dx",
	.cpu = layernorm_bwd_dx_cpu,
	.cuda = PLAIT__CUDA(plait__layernorm_bwd_dx_cuda),
	.cost = layernorm_bwd_dx_cost,
};

const struct plait_op plait__op_layernorm_bwd_dw = {
	.abi = PLAIT_OP_ABI,
	.name = "layernorm_bwd_dw",
	.cpu = layernorm_bwd_dw_cpu,
	.cuda = PLAIT__CUDA(plait__layernorm_bwd_dw_cuda),
	.cost = layernorm_bwd_dw_cost,
};

const struct plait_op plait__op_layernorm_bwd_db = {
	.abi = PLAIT_OP_ABI,
	.name = "layernorm_bwd_db",
	.cpu = layernorm_bwd_db_cpu,
	.cuda = PLAIT__CUDA(plait__layernorm_bwd_db_cuda),
	.cost = layernorm_bwd_db_cost,
};
