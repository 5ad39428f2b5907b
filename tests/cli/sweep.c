/* SPDX-License-Identifier: MIT
 * What a comparison of configurations may claim: figures worked out by hand, and how often it is
 * wrong where the truth is known, as the times are drawn here. */
#include "config.h"
#include "src/cli/complain.h"
#include "src/cli/interrupt.h"
#include "src/cli/policies/sweep.h"
#include "src/base/random.h"
#include "tests/tap.h"

#include <stdarg.h>

#define MOST 64
#define TURNS 3
#define SWEEPS 100

/* The program's own is beside its main. */
void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

volatile int cli_stop;

static struct cli_configuration configuration[MOST];
static struct cli_run run[MOST][TURNS];
static struct cli_sweep sweep;

static void begin(int count, int turns)
{
	memset(configuration, 0, sizeof configuration);
	memset(run, 0, sizeof run);
	sweep = (struct cli_sweep){ .count = count, .configuration = configuration };
	sweep.turns = sweep.repeats = turns;
	for (int i = 0; i < count; i++)
		configuration[i].run = run[i];
}

/* A run of configuration i: microseconds of a step of 32 samples. */
static void set(int i, int turn, double step_us)
{
	run[i][turn].begun = true;
	run[i][turn].measure.step_us = step_us;
	run[i][turn].measure.samples_per_second = 32e6 / step_us;
	configuration[i].batch_size = i; /* to know it again, once they are sorted */
}

static const struct cli_configuration *find(int i)
{
	int at = 0;

	while (configuration[at].batch_size != i)
		at++;
	return &configuration[at];
}

static void test_figures(void)
{
	static const double step_us[4][TURNS] = {
		{ 200, 210, 190 }, { 100, 103, 101 }, { 101, 100, 103 }, { 500, 1, 1 }
	};

	begin(4, TURNS);
	for (int i = 0; i < 4; i++)
		for (int t = 0; t < TURNS; t++)
			set(i, t, step_us[i][t]);
	configuration[3].end = CLI_CHILD_TIMEOUT;
	cli_sweep_sum_up(&sweep);
	is_int(sweep.done, 3, "one that failed does not count");
	is_int(configuration[3].batch_size, 3, "and comes last");
	is_near(find(1)->step_us, 101, 1e-9, "the median");
	is_near(find(1)->low_us, 100, 1e-9, "the fastest");
	is_near(find(1)->high_us, 103, 1e-9, "the slowest");
	is_near(configuration[0].ratio, 1, 1e-12, "the best has ratio 1");
	is_near(find(0)->ratio, 200 / 101.0, 1e-9, "another one's is of the medians");
	is_int(configuration[2].batch_size, 0, "the slowest of those that ran is third");
	ok(find(1)->best && find(2)->best && !find(0)->best, "the two alike are the best");
}

/* Two configurations, so that nothing is taken out: the ranges of the logarithms are 0.1 and 0.3,
 * their median 0.2, sigma 0.2 / 1.693. */
static void test_noise(void)
{
	begin(2, 3);
	for (int t = 0; t < 3; t++) {
		set(0, t, 100 * exp(0.05 * t));
		set(1, t, 150 * exp(0.15 * t));
	}
	cli_sweep_sum_up(&sweep);
	is_near(sweep.noise, 0.2 / 1.693, 1e-9, "noise of two ranges");

	/* 775 and 7431 against 900 and 910: the means are of times, and so are order and ratio. */
	begin(2, 2);
	set(0, 0, 775);
	set(0, 1, 7431);
	set(1, 0, 910);
	set(1, 1, 900);
	configuration[0].run[1].measure.tasks_per_second = 10;
	configuration[0].run[0].measure.tasks_per_second = 20;
	cli_sweep_sum_up(&sweep);
	ok(isnan(sweep.noise), "two runs of each tell too little of noise");
	is_int(configuration[0].batch_size, 1, "rows are in the order of their times");
	is_near(find(0)->step_us, 4103, 1e-9, "the median of two is their mean,");
	is_near(find(0)->samples_per_second, 32e6 / 4103, 1e-6, "and samples a second are of it,");
	is_near(find(0)->ratio, 4103 / 905.0, 1e-9, "and the ratio,");
	is_near(find(0)->tasks_per_second, 15, 1e-9, "and the tasks");
	ok(find(1)->best && !find(0)->best, "only the best is marked");

	begin(2, 1);
	set(0, 0, 100);
	set(1, 0, 101);
	cli_sweep_sum_up(&sweep);
	ok(isnan(sweep.noise), "one run tells nothing of noise");
	ok(find(0)->best, "the first is the first all the same");
}

/* In (0, 1). */
static double uniform(uint64_t i)
{
	return ((double)(plait__random(7, i) >> 11) + 0.5) * 0x1p-53;
}

/* The i-th number of a normal distribution (Box and Muller). */
static double normal(uint64_t i)
{
	return sqrt(-2 * log(uniform(2 * i))) * cos(2 * M_PI * uniform(2 * i + 1));
}

/* Many sweeps in which the last configuration takes so much longer and all others the same; a
 * repeat has a pace of its own.  How many sweeps called one of the equal ones worse than the best,
 * and how many found the slow one out. */
static void simulate(int count, double noise, double slower, int *wrong, int *found)
{
	static uint64_t at;

	*wrong = *found = 0;
	for (int s = 0; s < SWEEPS; s++) {
		bool all = true;

		begin(count, TURNS);
		for (int t = 0; t < TURNS; t++) {
			double pace = exp(0.2 * normal(at++));

			for (int i = 0; i < count; i++)
				set(i, t,
				    100 * pace * (i == count - 1 ? slower : 1) *
					    exp(noise * normal(at++)));
		}
		cli_sweep_sum_up(&sweep);
		for (int i = 0; i < count - 1; i++)
			all &= find(i)->best;
		*wrong += !all;
		*found += !find(count - 1)->best;
	}
}

static void test_claims(void)
{
	int wrong, found;

	for (int count = 4; count <= 40; count += 36) {
		simulate(count, 0.05, 1.0, &wrong, &found);
		/* One in twenty is 5 of 100; three standard deviations of that, 2.2, more. */
		ok(wrong <= 11, "%d alike: %d of 100 sweeps call one of them worse", count, wrong);
		simulate(count, 0.02, 1.25, &wrong, &found);
		ok(found >= 99, "%d, one a quarter slower: %d of 100 sweeps tell", count, found);
	}
}

int main(void)
{
	test_figures();
	test_noise();
	test_claims();
	return tap_done();
}
