/* SPDX-License-Identifier: MIT
 * Errors of outputs that are numbers. */
#include "config.h"
#include "src/scores/scores.h"

#include <math.h>

void plait__scores_add_numbers(struct plait_scores *s, const struct plait_scores_rows *rows,
			       int64_t i)
{
	int64_t n = s->options.outputs;
	const float *x = rows->outputs + i * n, *t = rows->targets + i * n;

	for (int64_t j = 0; j < n; j++) {
		struct plait__number *number = &s->number[j];
		double target = (double)t[j], error = (double)x[j] - target;
		double off = target - number->mean;

		number->absolute += fabs(error);
		number->squared += error * error;
		/* B. P. Welford, Note on a Method for Calculating Corrected Sums of Squares and
		 * Products, Technometrics 4 (1962). */
		number->mean += off / (double)(s->samples + 1);
		number->spread += off * (target - number->mean);
		if (s->samples == 0)
			number->first = target;
		number->varies |= target != number->first;
	}
	plait__scores_add_worst(s, rows, i, -1, -1);
}

static double r2(const struct plait__number *number, int64_t samples)
{
	if (samples < 2)
		return NAN;
	if (!number->varies)
		return number->squared == 0 ? 1 : 0;
	return 1 - number->squared / number->spread;
}

struct plait_number_scores plait__scores_numbers(struct plait_scores *s)
{
	double samples = (double)s->samples, n = (double)s->options.outputs;
	struct plait_number_scores mean = { 0 };

	for (int64_t j = 0; j < s->options.outputs; j++) {
		const struct plait__number *number = &s->number[j];
		struct plait_number_scores *out = &s->by_output[j];

		out->mae = number->absolute / samples; /* of no samples: NaN */
		out->mse = number->squared / samples;
		out->rmse = sqrt(out->mse);
		out->r2 = r2(number, s->samples);
		mean.mae += out->mae / n;
		mean.mse += out->mse / n;
		mean.rmse += out->rmse / n;
		mean.r2 += out->r2 / n;
	}
	return mean;
}
