/* SPDX-License-Identifier: MIT
 * Normalization within each sample on CPUs, forward. */
#include "config.h"
#include "codelets/norm/sample_sums.h"
#include "src/graph/op.h"

#include <math.h>

INLINE float inverse_deviation(double squares, double count, float eps)
{
	return (float)(1 / sqrt(squares / count + (double)eps));
}

/* The variance is that of x - mean: a difference of two large sums would lose its digits. */
INLINE void row_stats(const struct plait__sample_norm *s, const float *x, float *stats)
{
	double count = (double)s->width;

	stats[0] = (float)(row_sum(VALUE, s->width, x, x, NULL, 0) / count);
	stats[1] =
		inverse_deviation(row_sum(SQUARE, s->width, x, x, NULL, stats[0]), count, s->eps);
}

/* sum[i]: that of group i, over its pixels and channels. */
INLINE void group_sums(enum term term, const struct plait__sample_norm *s, int64_t groups,
		       const float *x, const float *stats, double *sum)
{
	for (int64_t i = 0; i < groups; i++)
		sum[i] = 0;
	for (int64_t j = 0; j < groups * s->width; j += STRIP) {
		int64_t columns = strip_columns(s, groups, j);
		int64_t width = s->width < columns ? s->width : columns;
		float mean[STRIP] = { 0 };
		double to[STRIP];

		if (term == SQUARE)
			spread(s, columns, 2, stats, mean);
		column_sums(term, s->pixels, s->channels, columns, x + j, x + j, mean, to);
		for (int64_t i = 0; i * width < columns; i++)
			for (int64_t l = i * width; l < (i + 1) * width; l++)
				sum[i] += to[l];
	}
}

INLINE void group_stats(const struct plait__sample_norm *s, int64_t groups, const float *x,
			float *stats)
{
	double count = (double)(s->pixels * s->width), sum[STRIP];

	group_sums(VALUE, s, groups, x, stats, sum);
	for (int64_t i = 0; i < groups; i++)
		stats[2 * i] = (float)(sum[i] / count);
	group_sums(SQUARE, s, groups, x, stats, sum);
	for (int64_t i = 0; i < groups; i++)
		stats[2 * i + 1] = inverse_deviation(sum[i], count, s->eps);
}

PLAIT__CLONES static void all_stats(const struct plait__sample_norm *s, const float *x,
				    float *stats)
{
	for (int64_t n = 0; n < s->samples; n++, x += s->pixels * s->channels)
		for (int64_t g = 0, groups; g < s->groups; g += groups, stats += 2 * groups) {
			groups = groups_at_once(s, g);
			if (s->pixels == 1)
				row_stats(s, x + g * s->width, stats);
			else
				group_stats(s, groups, x + g * s->width, stats);
		}
}

void plait__sample_stats_cpu(const struct plait_call *call)
{
	struct plait__sample_norm s = plait__sample_norm_of(call, call->node->input[0]);

	all_stats(&s, plait__call_floats(call, 0), plait__call_out(call));
}

INLINE void row_norm(int64_t n, const float *stats, const float *restrict weight,
		     const float *restrict bias, const float *restrict x, float *restrict y)
{
	float mean = stats[0], scale = stats[1];

	if (weight)
		for (int64_t j = 0; j < n; j++)
			y[j] = (x[j] - mean) * scale * weight[j] + bias[j];
	else
		for (int64_t j = 0; j < n; j++)
			y[j] = (x[j] - mean) * scale;
}

INLINE void strip_norm(const struct plait__sample_norm *s, int64_t columns, const float *stats,
		       const float *weight, const float *bias, const float *restrict x,
		       float *restrict y)
{
	float mean[STRIP], scale[STRIP], shift[STRIP];

	spread(s, columns, 2, stats, mean);
	spread(s, columns, 2, stats + 1, scale);
	for (int64_t j = 0; j < columns; j++) {
		scale[j] *= weight ? weight[j] : 1;
		shift[j] = weight ? bias[j] : 0;
	}
	for (int64_t i = 0; i < s->pixels * s->channels; i += s->channels)
		for (int64_t j = 0; j < columns; j++)
			y[i + j] = (x[i + j] - mean[j]) * scale[j] + shift[j];
}

INLINE void group_norm(const struct plait__sample_norm *s, int64_t groups, const float *stats,
		       const float *weight, const float *bias, const float *x, float *y)
{
	for (int64_t j = 0; j < groups * s->width; j += STRIP)
		strip_norm(s, strip_columns(s, groups, j), stats, from(weight, j), from(bias, j),
			   x + j, y + j);
}

PLAIT__CLONES static void all_norms(const struct plait__sample_norm *s, const float *stats,
				    const float *weight, const float *bias, const float *x,
				    float *y)
{
	for (int64_t n = 0; n < s->samples * s->pixels * s->channels; n += s->pixels * s->channels)
		for (int64_t g = 0, groups; g < s->groups; g += groups, stats += 2 * groups) {
			int64_t j = g * s->width;

			groups = groups_at_once(s, g);
			if (s->pixels == 1)
				row_norm(s->width, stats, from(weight, j), from(bias, j), x + n + j,
					 y + n + j);
			else
				group_norm(s, groups, stats, from(weight, j), from(bias, j),
					   x + n + j, y + n + j);
		}
}

void plait__sample_norm_cpu(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	struct plait__sample_norm s = plait__sample_norm_of(call, y);
	bool affine = y->ninputs == 4;

	all_norms(&s, plait__call_floats(call, 1), affine ? plait__call_floats(call, 2) : NULL,
		  affine ? plait__call_floats(call, 3) : NULL, plait__call_floats(call, 0),
		  plait__call_out(call));
}
