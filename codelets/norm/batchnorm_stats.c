/* SPDX-License-Identifier: MIT
 * batchnorm_stats: y = [mean, var], each [C], of x's channels; var divides by the rows; in
 *                  evaluation the running ones.  y: [2,C].
 * Over the rows of a part of a batch: each part has its own, as each process of PyTorch's
 * DistributedDataParallel has, and nothing adds them up. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/room.h"

#include <string.h>

/* Rows (beside each other: one) whose mean is known before their squares are summed, because the
 * difference of two large sums would have no digits left.  A strip of them stays in the first cache
 * for that. */
#define BLOCK 256

/* Columns that are summed at once, as four sums each. */
#define LANES 16

/* Some rows of a part, and what they are in it. */
struct block {
	int64_t before, rows, beside; /* in all beside * rows */
	int64_t m;
	const float *x;
};

/* Sums of so many columns of x, or of the squares of x - center. */
static inline __attribute__((always_inline)) void lane_sums(int64_t rows, int64_t row,
							    int64_t width, const float *restrict x,
							    const float *center, float *restrict to)
{
	float sum[4][LANES] = { { 0 } };
	int64_t i = 0;

	for (; i + 4 <= rows; i += 4)
		for (int r = 0; r < 4; r++)
			for (int64_t j = 0; j < width; j++) {
				float v = x[(i + r) * row + j];

				sum[r][j] += center ? (v - center[j]) * (v - center[j]) : v;
			}
	for (; i < rows; i++)
		for (int64_t j = 0; j < width; j++) {
			float v = x[i * row + j];

			sum[i % 4][j] += center ? (v - center[j]) * (v - center[j]) : v;
		}
	for (int64_t j = 0; j < width; j++)
		to[j] = (sum[0][j] + sum[1][j]) + (sum[2][j] + sum[3][j]);
}

/* The same of a strip of channels, whose rows are beside each other.  center [channels] or NULL. */
static inline __attribute__((always_inline)) void
strip_sums(const struct block *b, int64_t begin, int64_t channels, const float *center, float *to)
{
	int64_t width = b->beside * channels, row = b->beside * b->m, j = 0;
	float centers[PLAIT__STRIP], sum[PLAIT__STRIP];
	const float *x = b->x + begin;

	for (int64_t c = 0; center && c < width; c++)
		centers[c] = center[c % channels];
	for (; j + LANES <= width; j += LANES)
		lane_sums(b->rows, row, LANES, x + j, center ? centers + j : NULL, sum + j);
	if (j < width)
		lane_sums(b->rows, row, width - j, x + j, center ? centers + j : NULL, sum + j);
	for (int64_t c = 0; c < channels; c++) {
		to[c] = sum[c];
		for (int64_t k = 1; k < b->beside; k++)
			to[c] += sum[k * channels + c];
	}
}

/* Mean and variance with a block more: Chan, Golub, LeVeque, "Updating formulae and a pairwise
 * algorithm for computing sample variances", 1979. */
PLAIT__CLONES static void add_block(const struct block *b, int64_t begin, int64_t channels,
				    float *restrict mean, float *restrict var)
{
	int64_t n = b->rows * b->beside;
	float inverse = 1.0f / (float)n, share = (float)n / (float)(b->before + n);
	float own[PLAIT__STRIP], squares[PLAIT__STRIP];

	strip_sums(b, begin, channels, NULL, own);
	for (int64_t j = 0; j < channels; j++)
		own[j] *= inverse;
	strip_sums(b, begin, channels, own, squares);
	for (int64_t j = 0; j < channels; j++) {
		float apart = b->before > 0 ? own[j] - mean[j] : 0.0f;
		float old = b->before > 0 ? var[j] : 0.0f;

		mean[j] = b->before > 0 ? mean[j] + apart * share : own[j];
		var[j] =
			old + share * (squares[j] * inverse - old + apart * apart * (1.0f - share));
	}
}

static void add_rows(struct block *b, int64_t rows, float *mean, float *var)
{
	for (int64_t i = 0; i < rows; i += BLOCK) {
		b->rows = rows - i < BLOCK ? rows - i : BLOCK;
		for (int64_t j = 0; j < b->m; j += PLAIT__STRIP)
			add_block(b, j, plait__strip_width(b->m, j), mean + j, var + j);
		b->before += b->rows * b->beside;
		b->x += b->rows * b->beside * b->m;
	}
}

static void batchnorm_stats_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t m = plait__channels(x), rows = plait__channel_rows(call, x);
	struct block block = { .before = plait__channel_rows_before(call, x),
			       .beside = plait__rows_beside(m),
			       .m = m,
			       .x = plait__call_floats(call, 0) };
	float *mean = plait__call_out(call), *var = mean + m;

	if (!call->training) {
		memcpy(mean, plait__call_floats(call, PLAIT__RUNNING_MEAN),
		       (size_t)m * sizeof *mean);
		memcpy(var, plait__call_floats(call, PLAIT__RUNNING_VAR), (size_t)m * sizeof *var);
		return;
	}
	if (block.before + rows == 0)
		memset(mean, 0, 2 * (size_t)m * sizeof *mean);
	add_rows(&block, rows / block.beside, mean, var);
	block.beside = 1;
	add_rows(&block, rows % plait__rows_beside(m), mean, var);
}

/* In evaluation there is less to do, which is not worth another estimate. */
static void batchnorm_stats_cost(const struct plait_node *node, int64_t rows,
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
