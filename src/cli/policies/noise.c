/* SPDX-License-Identifier: MIT
 * Which differences of a sweep are more than noise.  All is computed with logarithms of a run's
 * time for a sample, so that noise is a share of the time.  First the median of each repeat over
 * all configurations is subtracted, as the machine may have been busy then.  The standard deviation
 * of a run is estimated from the range of a configuration's repeats, as in control charts (E(range)
 * = d2 x sigma); the median of all configurations' estimates is taken, so that one outlier changes
 * little.
 *
 * Among many equal configurations the best is ahead of the last by chance.  How far is simulated:
 * sweeps of normally distributed numbers in which no configuration is better, but with what the
 * real repeats had in common.  A difference is called distinguishable if, in units of a sweep's own
 * noise, only one simulated sweep in twenty has one as large.  (This is Tukey's range test, for
 * medians and this estimate.) */
#include "config.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/median.h"
#include "src/base/base.h"
#include "src/base/random.h"

#include <math.h>
#include <stdlib.h>

/* A smaller difference is no reason to choose a policy, even if it is certain. */
#define NEGLIGIBLE 0.01
/* How many sweeps are simulated: SIMULATIONS, or fewer if they had more than SIMULATED_RUNS runs in
 * all.  WRONG is the share of sweeps in which chance may look like a difference. */
#define SIMULATIONS 2000
#define SIMULATED_RUNS 4000000
#define WRONG 0.05

static double log_time(const struct cli_configuration *c, int repeat)
{
	return -log(c->run[repeat].measure.samples_per_second);
}

/* -- figures of a configuration -------------------------------------------------------------- */

/* The runs whose step times are in the middle: one twice, or two where their number is even.  All
 * figures of a configuration are the mean of these two, so that they belong together. */
struct middle {
	const struct cli_measure *one, *other;
};

/* How many runs were faster, of those alike the earlier ones. */
static int rank_of(const struct cli_sweep *sweep, const struct cli_configuration *c, int run)
{
	double step_us = c->run[run].measure.step_us;
	int rank = 0;

	for (int r = 0; r < sweep->turns; r++)
		rank += c->run[r].measure.step_us < step_us ||
			(c->run[r].measure.step_us <= step_us && r < run);
	return rank;
}

static struct middle find_middle(const struct cli_sweep *sweep, const struct cli_configuration *c)
{
	struct middle middle = { &c->run[0].measure, &c->run[0].measure };

	for (int r = 0; r < sweep->turns; r++) {
		int rank = rank_of(sweep, c, r);

		if (rank == (sweep->turns - 1) / 2)
			middle.one = &c->run[r].measure;
		if (rank == sweep->turns / 2)
			middle.other = &c->run[r].measure;
	}
	return middle;
}

static void sum_up(const struct cli_sweep *sweep, struct cli_configuration *c)
{
	struct middle m = find_middle(sweep, c);

	c->cpu_workers = c->run[0].measure.cpu_workers;
	c->workers = c->run[0].measure.workers;
	c->step_us = (m.one->step_us + m.other->step_us) / 2;
	/* Samples a step do not change from run to run. */
	c->samples_per_second = m.one->samples_per_second * m.one->step_us / c->step_us;
	c->load_wait_percent = (m.one->load_wait_percent + m.other->load_wait_percent) / 2;
	c->tasks_per_second = (m.one->tasks_per_second + m.other->tasks_per_second) / 2;
	for (int w = 0; w < c->workers; w++)
		c->idle_percent[w] = (m.one->idle_percent[w] + m.other->idle_percent[w]) / 2;
	c->low_us = HUGE_VAL;
	for (int r = 0; r < sweep->turns; r++) {
		c->low_us = fmin(c->low_us, c->run[r].measure.step_us);
		c->high_us = fmax(c->high_us, c->run[r].measure.step_us);
	}
}

/* The fastest comes first.  Configurations that were not measured come last, in their old order. */
static int by_speed(const void *left, const void *right)
{
	const struct cli_configuration *a = left, *b = right;

	return a->samples_per_second > b->samples_per_second   ? -1
	       : a->samples_per_second < b->samples_per_second ? 1
							       : 0;
}

/* -- noise ------------------------------------------------------------------------------------- */

/* log: of the time of configuration i in repeat r at i * repeats + r; median: by configuration;
 * common: by repeat, what all of its runs have in common. */
struct times {
	int configurations, repeats;
	double *log, *median, *common;
};

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

/* What repeat r has in common: the median of its distances from the configurations' medians. */
static double find_common(const struct times *t, int r)
{
	double off[t->configurations];

	if (t->configurations < 3)
		return 0;
	for (int i = 0; i < t->configurations; i++)
		off[i] = t->log[i * t->repeats + r] - t->median[i];
	return cli_median(off, t->configurations);
}

/* The standard deviation of a run.  Fills in median and common. */
static double find_noise(struct times *t)
{
	double range[t->configurations];

	PLAIT__ASSERT(t->repeats > 1, "one run has no range");
	for (int i = 0; i < t->configurations; i++)
		t->median[i] = cli_median(t->log + i * t->repeats, t->repeats);
	for (int r = 0; r < t->repeats; r++)
		t->common[r] = find_common(t, r);
	for (int i = 0; i < t->configurations; i++) {
		double low = HUGE_VAL, high = -HUGE_VAL;

		for (int r = 0; r < t->repeats; r++) {
			double value = t->log[i * t->repeats + r] - t->common[r];

			low = fmin(low, value);
			high = fmax(high, value);
		}
		range[i] = high - low;
	}
	return cli_median(range, t->configurations) / range_of_normal(t->repeats);
}

/* -- what may be chance ------------------------------------------------------------------------ */

/* The i-th number of a normal distribution (Box and Muller). */
static double normal(uint64_t i)
{
	double u = ((double)(plait__random(0, 2 * i) >> 11) + 0.5) * 0x1p-53;
	double v = (double)(plait__random(0, 2 * i + 1) >> 11) * 0x1p-53;

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* The difference of medians, in units of the noise, that a sweep like this exceeds by chance only
 * with probability WRONG.  Overwrites the times. */
static double find_chance(struct times *t, double noise)
{
	int runs = t->configurations * t->repeats;
	int sweeps = runs > SIMULATED_RUNS / SIMULATIONS ? SIMULATED_RUNS / runs : SIMULATIONS;
	double difference[SIMULATIONS], common[t->repeats];

	for (int r = 0; r < t->repeats; r++)
		common[r] = noise > 0 ? t->common[r] / noise : 0;
	if (sweeps < 40)
		sweeps = 40;
	PLAIT__ASSERT(sweeps <= SIMULATIONS, "there is room for each simulated sweep");
	for (int s = 0; s < sweeps; s++) {
		double low = HUGE_VAL, high = -HUGE_VAL, found;

		for (int i = 0; i < runs; i++)
			t->log[i] = common[i % t->repeats] +
				    normal((uint64_t)s * (uint64_t)runs + (uint64_t)i);
		found = find_noise(t);
		for (int i = 0; i < t->configurations; i++) {
			low = fmin(low, t->median[i]);
			high = fmax(high, t->median[i]);
		}
		difference[s] = (high - low) / found;
	}
	qsort(difference, (size_t)sweeps, sizeof *difference, by_size);
	return difference[(int)((1 - WRONG) * sweeps)];
}

/* Sets noise and distinguishable: NAN with too few runs of each configuration, and without memory.
 */
static void judge(struct cli_sweep *sweep)
{
	struct times t = { .configurations = sweep->done, .repeats = sweep->turns };
	double noise;
	size_t runs = (size_t)sweep->done * (size_t)sweep->turns;

	sweep->noise = sweep->distinguishable = NAN;
	if (sweep->turns < CLI_LEAST_REPEATS || sweep->done < 1)
		return;
	t.log = calloc(runs, sizeof *t.log);
	t.median = calloc((size_t)sweep->done, sizeof *t.median);
	t.common = calloc((size_t)sweep->turns, sizeof *t.common);
	if (t.log && t.median && t.common) {
		for (int i = 0; i < sweep->done; i++)
			for (int r = 0; r < sweep->turns; r++)
				t.log[i * sweep->turns + r] = log_time(&sweep->configuration[i], r);
		sweep->noise = noise = find_noise(&t);
		sweep->distinguishable = fmax(exp(find_chance(&t, noise) * noise), 1 + NEGLIGIBLE);
	}
	free(t.log);
	free(t.median);
	free(t.common);
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
	judge(sweep);
	for (int i = 0; i < sweep->done; i++) {
		all[i].ratio = all[0].samples_per_second / all[i].samples_per_second;
		all[i].best = i == 0 || all[i].ratio <= sweep->distinguishable;
		PLAIT__ASSERT(all[i].end == CLI_CHILD_DONE && all[i].ratio >= 1,
			      "measured configurations come first, the fastest of them before all");
	}
}
