/* SPDX-License-Identifier: MIT
 * groupnorm's gradients, made of sums over pixels that groupnorm_bwd_sums computes, [N,2,C]: of dy,
 *                        and of dy z, where y = z weight + bias.
 *                        db, dw: these over samples.
 *                        dx = (g - mean(g) - z mean(g z)) / sqrt(variance + eps), g = dy weight;
 *                        the means are those of a group.
 * So x and dy are read twice; of an image they are what takes time. */
#include "config.h"
#include "codelets/norm/sample_sums.h"
#include "codelets/ops.h"

/* The sums of some groups of a sample. */
INLINE void sums_of(const struct plait__sample_norm *s, int64_t groups, const float *stats,
		    const float *x, const float *dy, float *sum_dy, float *sum_dy_z)
{
	for (int64_t j = 0; j < groups * s->width; j += STRIP) {
		int64_t columns = strip_columns(s, groups, j);
		float mean[STRIP] = { 0 }, scale[STRIP];
		double sum[STRIP];

		spread(s, columns, 2, stats, mean);
		spread(s, columns, 2, stats + 1, scale);
		column_sums(PRODUCT, s->pixels, s->channels, columns, x + j, dy + j, mean, sum);
		for (int64_t l = 0; l < columns; l++)
			sum_dy_z[j + l] = (float)sum[l] * scale[l];
		column_sums(SLOPE, s->pixels, s->channels, columns, x + j, dy + j, mean, sum);
		for (int64_t l = 0; l < columns; l++)
			sum_dy[j + l] = (float)sum[l];
	}
}

PLAIT__CLONES static void all_sums(const struct plait__sample_norm *s, const float *stats,
				   const float *x, const float *dy, float *sums)
{
	int64_t sample = s->pixels * s->channels;

	for (int64_t n = 0; n < s->samples * sample; n += sample, sums += 2 * s->channels)
		for (int64_t g = 0, groups; g < s->groups; g += groups, stats += 2 * groups) {
			int64_t j = g * s->width;

			groups = groups_at_once(s, g);
			sums_of(s, groups, stats, x + n + j, dy + n + j, sums + j,
				sums + s->channels + j);
		}
}

static void groupnorm_bwd_sums_cpu(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[1]);

	all_sums(&s, plait__call_floats(call, 2), plait__call_floats(call, 1),
		 plait__call_floats(call, 0), plait__call_out(call));
}

/* Of some columns of a sample.  even, slope: of a column's group. */
INLINE void strip_by_x(const struct plait__sample_norm *s, int64_t columns, const float *stats,
		       const float *weight, float *even, float *slope, const float *restrict x,
		       const float *restrict dy, float *restrict dx)
{
	float mean[STRIP], scale[STRIP];

	spread(s, columns, 2, stats, mean);
	spread(s, columns, 2, stats + 1, scale);
	for (int64_t j = 0; j < columns; j++) {
		even[j] *= scale[j];
		slope[j] *= scale[j] * scale[j];
		scale[j] *= weight ? weight[j] : 1;
	}
	for (int64_t i = 0; i < s->pixels * s->channels; i += s->channels)
		for (int64_t j = 0; j < columns; j++)
			dx[i + j] =
				dy[i + j] * scale[j] - even[j] - (x[i + j] - mean[j]) * slope[j];
}

/* The mean over the pixels and channels of a group; sum: of each channel over its pixels. */
INLINE float group_mean(const struct plait__sample_norm *s, const float *sum, const float *weight)
{
	double total = 0;

	for (int64_t j = 0; j < s->width; j++)
		total += (double)sum[j] * (weight ? (double)weight[j] : 1);
	return (float)(total / (double)(s->pixels * s->width));
}

INLINE void groups_by_x(const struct plait__sample_norm *s, int64_t groups, const float *stats,
			const float *sums, const float *weight, const float *x, const float *dy,
			float *dx)
{
	float mean_g[STRIP], mean_g_z[STRIP];

	for (int64_t i = 0; i < groups; i++) {
		const float *w = from(weight, i * s->width), *sum = sums + i * s->width;

		mean_g[i] = group_mean(s, sum, w);
		mean_g_z[i] = group_mean(s, sum + s->channels, w);
	}
	for (int64_t j = 0; j < groups * s->width; j += STRIP) {
		int64_t columns = strip_columns(s, groups, j);
		float even[STRIP], slope[STRIP];

		spread(s, columns, 1, mean_g, even);
		spread(s, columns, 1, mean_g_z, slope);
		strip_by_x(s, columns, stats, from(weight, j), even, slope, x + j, dy + j, dx + j);
	}
}

PLAIT__CLONES static void by_x(const struct plait__sample_norm *s, const float *stats,
			       const float *sums, const float *weight, const float *x,
			       const float *dy, float *dx)
{
	int64_t sample = s->pixels * s->channels;

	for (int64_t n = 0; n < s->samples * sample; n += sample, sums += 2 * s->channels)
		for (int64_t g = 0, groups; g < s->groups; g += groups, stats += 2 * groups) {
			int64_t j = g * s->width;

			groups = groups_at_once(s, g);
			groups_by_x(s, groups, stats, sums + j, from(weight, j), x + n + j,
				    dy + n + j, dx + n + j);
		}
}

static void groupnorm_bwd_dx_cpu(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__sample_norm s = plait__sample_norm_of(call, dx);

	by_x(&s, plait__call_floats(call, 2), plait__call_floats(call, 3),
	     dx->ninputs == 5 ? plait__call_floats(call, 4) : NULL, plait__call_floats(call, 1),
	     plait__call_floats(call, 0), plait__call_out(call));
}

/* Over samples, of one of the two sums. */
static void add_samples(const struct plait_call *call, int which)
{
	const float *sums = plait__call_floats(call, 0);
	float *sum = plait__call_out(call);
	int64_t channels = plait_node_elements(call->node);

	for (int64_t j = 0; j < channels; j++) {
		double total = 0;

		for (int64_t n = 0; n < call->rows; n++)
			total += (double)sums[(2 * n + which) * channels + j];
		sum[j] = (float)total;
	}
}

static void groupnorm_bwd_dw_cpu(const struct plait_call *call)
{
	add_samples(call, 1);
}

static void groupnorm_bwd_db_cpu(const struct plait_call *call)
{
	add_samples(call, 0);
}

static void groupnorm_bwd_sums_cost(const struct plait_node *node, int64_t rows,
				    struct plait_cost *cost)
{
	plait_op_cost(node->input[1], rows, 4, 2, cost);
}

static void groupnorm_bwd_dx_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node, rows, 5, 3, cost);
}

static void groupnorm_bwd_dw_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 0.5, 0.5, cost);
}

const struct plait_op plait__op_groupnorm_bwd_sums = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm_bwd_sums",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = groupnorm_bwd_sums_cpu,
	.cuda = PLAIT__CUDA(plait__groupnorm_bwd_sums_cuda),
	.cost = groupnorm_bwd_sums_cost,
};

const struct plait_op plait__op_groupnorm_bwd_dx = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm_bwd_dx",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = groupnorm_bwd_dx_cpu,
	.cuda = PLAIT__CUDA(plait__groupnorm_bwd_dx_cuda),
	.cost = groupnorm_bwd_dx_cost,
};

const struct plait_op plait__op_groupnorm_bwd_dw = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm_bwd_dw",
	.layout = PLAIT_CHANNELS_LAST,
	.cpu = groupnorm_bwd_dw_cpu,
	.cuda = PLAIT__CUDA(plait__groupnorm_bwd_dw_cuda),
	.cost = groupnorm_bwd_dw_cost,
};

const struct plait_op plait__op_groupnorm_bwd_db = {
	.abi = PLAIT_OP_ABI,
	.name = "groupnorm_bwd_db",
	.layout = PLAIT_CHANNELS_LAST,
	.cpu = groupnorm_bwd_db_cpu,
	.cuda = PLAIT__CUDA(plait__groupnorm_bwd_db_cuda),
	.cost = groupnorm_bwd_dw_cost,
};
