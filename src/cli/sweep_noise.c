/* SPDX-License-Identifier: MIT
 * What a sweep can tell.  The unit is the logarithm of a run's time for a sample, so that noise is
 * a share of it.  What all configurations have in common in a repeat (the machine was busy) is
 * taken out first.  A run's standard deviation is then estimated from the ranges of the
 * repeats, as control charts do (E(range) = d2 x sigma), and the median over all configurations
 * makes one outlier harmless.  A configuration is within noise of the best if its median is no
 * further away than such medians differ by chance, Bonferroni's correction for as many comparisons
 * as there are configurations included. */
#include "config.h"
#include "src/cli/sweep.h"
#include "src/cli/report.h"

#include <math.h>
#include <stdlib.h>

/* Differences below this are no reason to choose a policy, however surely they are there. */
#define NEGLIGIBLE 0.01

static double log_time(const struct cli_configuration *c, int repeat)
{
	return -log(c->run[repeat].measure.samples_per_second);
}

/* -- figures of a configuration -------------------------------------------------------------- */

static void take_median(const struct cli_sweep *sweep, const struct cli_configuration *c,
			size_t offset, double *median)
{
	double value[sweep->turns];

	for (int r = 0; r < sweep->turns; r++)
		value[r] = *(const double *)((const char *)&c->run[r].measure + offset);
	*median = cli_median(value, sweep->turns);
}

static void sum_up(const struct cli_sweep *sweep, struct cli_configuration *c)
{
	c->cpu_workers = c->run[0].measure.cpu_workers;
	c->workers = c->run[0].measure.workers;
	take_median(sweep, c, offsetof(struct cli_measure, step_us), &c->step_us);
	take_median(sweep, c, offsetof(struct cli_measure, samples_per_second),
		    &c->samples_per_second);
	take_median(sweep, c, offsetof(struct cli_measure, load_wait_percent),
		    &c->load_wait_percent);
	take_median(sweep, c, offsetof(struct cli_measure, tasks_per_second), &c->tasks_per_second);
	for (int w = 0; w < c->workers; w++)
		take_median(sweep, c,
			    offsetof(struct cli_measure, idle_percent[0]) +
				    (size_t)w * sizeof(double),
			    &c->idle_percent[w]);
	c->low_us = HUGE_VAL;
	for (int r = 0; r < sweep->turns; r++) {
		c->low_us = fmin(c->low_us, c->run[r].measure.step_us);
		c->high_us = fmax(c->high_us, c->run[r].measure.step_us);
	}
}

/* The fastest first; what was not measured last, in its old order. */
static int by_speed(const void *left, const void *right)
{
	const struct cli_configuration *a = left, *b = right;

	return a->samples_per_second > b->samples_per_second   ? -1
	       : a->samples_per_second < b->samples_per_second ? 1
							       : 0;
}

/* -- noise ------------------------------------------------------------------------------------- */

/* E(range of n normal values) / sigma: the constant d2 of control charts. */
static double range_of_normal(int n)
{
	static const double d2[] = { 0,     0,     1.128, 1.693, 2.059, 2.326,
				     2.534, 2.704, 2.847, 2.970, 3.078 };

	/* Beyond the table: extreme value theory's first terms are within 3 %. */
	return n <= 10 ? d2[n]
		       : 2 * sqrt(2 * log((double)n)) -
				 (log(log((double)n)) + 1.38) / sqrt(2 * log((double)n));
}

/* What repeat r has in common: the median of how far it is from the configurations' medians. */
static double common(const struct cli_sweep *sweep, int r)
{
	double off[sweep->done];

	for (int i = 0; i < sweep->done; i++)
		off[i] = log_time(&sweep->configuration[i], r) +
			 log(sweep->configuration[i].samples_per_second);
	return cli_median(off, sweep->done);
}

static double find_noise(const struct cli_sweep *sweep)
{
	double range[sweep->done], shift[sweep->turns];

	if (sweep->turns < 2 || sweep->done < 1)
		return NAN;
	for (int r = 0; r < sweep->turns; r++)
		shift[r] = sweep->done > 2 ? common(sweep, r) : 0;
	for (int i = 0; i < sweep->done; i++) {
		double low = HUGE_VAL, high = -HUGE_VAL;

		for (int r = 0; r < sweep->turns; r++) {
			double value = log_time(&sweep->configuration[i], r) - shift[r];

			low = fmin(low, value);
			high = fmax(high, value);
		}
		range[i] = high - low;
	}
	return cli_median(range, sweep->done) / range_of_normal(sweep->turns);
}

/* z with P(normal > z) = p: Abramowitz and Stegun, 26.2.23, within 4.5e-4. */
static double normal_quantile(double p)
{
	double t = sqrt(-2 * log(p));

	return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) /
			   (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
}

/* A median of n has sqrt(pi / 2) times the deviation of a mean of n, at most. */
static double find_distinguishable(const struct cli_sweep *sweep)
{
	int others = sweep->done > 2 ? sweep->done - 1 : 1;
	double deviation = sweep->noise * sqrt(M_PI / 2 * 2 / sweep->turns);

	if (isnan(sweep->noise))
		return NAN;
	return fmax(exp(normal_quantile(0.05 / others) * deviation), 1 + NEGLIGIBLE);
}

void cli_sweep_sum_up(struct cli_sweep *sweep)
{
	struct cli_configuration *all = sweep->configuration;

	sweep->done = 0;
	for (int i = 0; i < sweep->count; i++)
		if (all[i].end == CLI_CHILD_DONE && !all[i].skipped) {
			sum_up(sweep, &all[i]);
			sweep->done++;
		}
	qsort(all, (size_t)sweep->count, sizeof *all, by_speed);
	sweep->noise = find_noise(sweep);
	sweep->distinguishable = find_distinguishable(sweep);
	for (int i = 0; i < sweep->done; i++) {
		all[i].ratio = all[0].samples_per_second / all[i].samples_per_second;
		all[i].best = i == 0 || all[i].ratio <= sweep->distinguishable;
	}
}
