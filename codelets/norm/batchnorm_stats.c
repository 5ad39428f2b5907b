/* SPDX-License-Identifier: MIT
 * batchnorm_stats: y = [mean, var], each [C], of x's channels; var divides by the rows; in
 *                  evaluation the running ones.  y: [2,C].
 * batchnorm_bwd_sums: y = [sum dy, sum dy xhat, and what dx is made with].  y: [4,C].
 * Over the rows of a part of a batch: each part has its own, as each process of PyTorch's
 * DistributedDataParallel has, and nothing adds them up. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/columns.h"
#include "codelets/shared/room.h"

#include <string.h>

/* Rows whose mean is known before their squares are summed, because the difference of two large
 * sums would have no digits left. */
#define BLOCK 1024

/* Mean and variance of n rows more than the `before` that they are of: Chan, Golub, LeVeque,
 * "Updating formulae and a pairwise algorithm for computing sample variances", 1979. */
PLAIT__CLONES static void add_block(int64_t before, int64_t n, int64_t m, int64_t width,
				    const float *restrict x, float *restrict mean,
				    float *restrict var)
{
	float sum[PLAIT__STRIP] = { 0 }, squares[PLAIT__STRIP] = { 0 };
	float inverse = 1.0f / (float)n, share = (float)n / (float)(before + n);

	for (int64_t i = 0; i < n * m; i += m)
		for (int64_t j = 0; j < width; j++)
			sum[j] += x[i + j];
	for (int64_t j = 0; j < width; j++)
		sum[j] *= inverse;
	for (int64_t i = 0; i < n * m; i += m)
		for (int64_t j = 0; j < width; j++)
			squares[j] += (x[i + j] - sum[j]) * (x[i + j] - sum[j]);
	for (int64_t j = 0; j < width; j++) {
		float apart = before > 0 ? sum[j] - mean[j] : 0.0f;
		float old = before > 0 ? var[j] : 0.0f;

		mean[j] = before > 0 ? mean[j] + apart * share : sum[j];
		var[j] =
			old + share * (squares[j] * inverse - old + apart * apart * (1.0f - share));
	}
}

static void batchnorm_stats_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	int64_t before = plait__channel_rows_before(call, x);
	float *mean = plait__call_out(call), *var = mean + m;

	if (!call->training) {
		memcpy(mean, plait__call_floats(call, PLAIT__RUNNING_MEAN),
		       (size_t)m * sizeof *mean);
		memcpy(var, plait__call_floats(call, PLAIT__RUNNING_VAR), (size_t)m * sizeof *var);
		return;
	}
	if (before + rows == 0)
		memset(mean, 0, 2 * (size_t)m * sizeof *mean);
	for (int64_t i = 0; i < rows; i += BLOCK)
		for (int64_t j = 0; j < m; j += PLAIT__STRIP)
			add_block(before + i, rows - i < BLOCK ? rows - i : BLOCK, m,
				  plait__strip_width(m, j), plait__call_floats(call, 0) + i * m + j,
				  mean + j, var + j);
}

/* Sums of these rows go where the means of all so far stand at the end. */
static void batchnorm_bwd_sums_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[1];
	const float *dy = plait__call_floats(call, 0), *mean = plait__call_floats(call, 2);
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	int64_t before = plait__channel_rows_before(call, x);
	float eps = plait__batchnorm_eps(call), *sums = plait__call_out(call);

	plait__column_sums(rows, m, dy, false, sums + PLAIT__MEAN_DY * m);
	plait__column_products(rows, m, plait__call_floats(call, 1), mean, dy,
			       sums + PLAIT__SLOPE * m);
	for (int64_t j = 0; j < m; j++) {
		float *column = sums + j, var = mean[m + j];
		float sum_dy = column[PLAIT__MEAN_DY * m];
		float sum_dy_xhat = plait__batchnorm_scale(column[PLAIT__SLOPE * m], var, eps);

		if (before > 0) {
			sum_dy += column[PLAIT__SUM_DY * m];
			sum_dy_xhat += column[PLAIT__SUM_DY_XHAT * m];
		}
		plait__batchnorm_sums(sum_dy, sum_dy_xhat, var, eps, before + rows, call->training,
				      m, column);
	}
}

/* In evaluation there is less to do, which is not worth another estimate. */
static void batchnorm_stats_cost(const struct plait_node *node, int64_t rows,
				 struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 4, 2, cost);
}

static void batchnorm_bwd_sums_cost(const struct plait_node *node, int64_t rows,
				    struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 4, 2, cost);
}

const struct plait_op plait__op_batchnorm_stats = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_stats",
	.activation = true,
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.cpu = batchnorm_stats_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_stats_cuda),
	.cost = batchnorm_stats_cost,
};

const struct plait_op plait__op_batchnorm_bwd_sums = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_bwd_sums",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.cpu = batchnorm_bwd_sums_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_bwd_sums_cuda),
	.cost = batchnorm_bwd_sums_cost,
};
