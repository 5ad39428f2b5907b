/* SPDX-License-Identifier: MIT
 * The table.  Settings that all configurations share stand above it, the others are columns. */
#include "config.h"
#include "src/cli/policies/sweep.h"
#include "src/cli/options/grain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct columns {
	bool ncpu, grain, prefetch, batch_size;
	int policy_width;
};

static const char *count_text(int64_t value, char text[24])
{
	snprintf(text, 24, "%" PRId64, value);
	return value == 0 ? "auto" : text;
}

static struct columns find_columns(const struct cli_sweep *sweep)
{
	const struct cli_configuration *all = sweep->configuration;
	struct columns columns = { .policy_width = 6 };

	for (int i = 0; i < sweep->count; i++) {
		int width = (int)strlen(all[i].policy);

		columns.ncpu |= all[i].ncpu != all[0].ncpu;
		columns.grain |= all[i].grain != all[0].grain;
		columns.prefetch |= all[i].prefetch != all[0].prefetch;
		columns.batch_size |= all[i].batch_size != all[0].batch_size;
		columns.policy_width = width > columns.policy_width ? width : columns.policy_width;
	}
	return columns;
}

static void print_common(const struct cli_sweep *sweep, const struct columns *columns)
{
	const struct cli_configuration *c = &sweep->configuration[0];
	char text[24];

	printf("%d configuration%s, %" PRId64 " steps after %" PRId64
	       " of warm-up in each of %d run%s",
	       sweep->count, sweep->count == 1 ? "" : "s", sweep->options->steps, sweep->warmup,
	       sweep->turns, sweep->turns == 1 ? "" : "s");
	if (sweep->turns < sweep->repeats)
		printf(" (there was no time for %d)", sweep->repeats);
	puts("");
	if (!columns->ncpu && sweep->done > 0)
		printf("CPU workers: %d  ", c->cpu_workers);
	if (!columns->grain)
		printf("granularity: %s  ", cli_grain_text(c->grain, text));
	if (!columns->prefetch)
		printf("prefetch: %s  ", count_text(c->prefetch, text));
	if (!columns->batch_size)
		printf("batch size: %" PRId64, c->batch_size);
	puts("\n");
}

static void print_head(const struct columns *columns)
{
	printf("  %-*s", columns->policy_width, "policy");
	if (columns->ncpu)
		printf(" ncpu");
	if (columns->grain)
		printf("    grain");
	if (columns->prefetch)
		printf(" pref");
	if (columns->batch_size)
		printf(" batch");
	puts("   step us  spread of runs  samples/s  ratio wait%  idle%  tasks/s");
}

static void print_key(const struct cli_configuration *c, const struct columns *columns)
{
	char text[24];

	printf("%c %-*s", c->best ? '*' : ' ', columns->policy_width, c->policy);
	if (columns->ncpu)
		printf(" %4d", c->cpu_workers > 0 ? c->cpu_workers : (int)c->ncpu);
	if (columns->grain)
		printf(" %8s", cli_grain_text(c->grain, text));
	if (columns->prefetch)
		printf(" %4s", count_text(c->prefetch, text));
	if (columns->batch_size)
		printf(" %5" PRId64, c->batch_size);
}

/* The figure of each worker if there are few, else the least and the most.  The files have all. */
static const char *idle_text(const struct cli_configuration *c, char text[24])
{
	double least = HUGE_VAL, most = -HUGE_VAL;
	int length = 0;

	for (int w = 0; w < c->workers; w++) {
		least = fmin(least, c->idle_percent[w]);
		most = fmax(most, c->idle_percent[w]);
	}
	snprintf(text, 24, "%.0f..%.0f", least, most);
	for (int w = 0; w < c->workers && c->workers <= 2; w++)
		length += snprintf(text + length, 24 - (size_t)length, "%s%.0f", w ? "/" : "",
				   c->idle_percent[w]);
	return text;
}

/* How far the fastest and the slowest run are from the median. */
static const char *spread_text(const struct cli_configuration *c, char text[24])
{
	snprintf(text, 24, "%+.1f %+.1f %%", 100 * (c->low_us / c->step_us - 1),
		 100 * (c->high_us / c->step_us - 1));
	return text;
}

static void print_row(const struct cli_configuration *c, const struct columns *columns)
{
	char spread[24], idle[24];

	print_key(c, columns);
	printf(" %9.1f %15s %10.0f %6.3f %5.1f %6s %8.0f\n", c->step_us, spread_text(c, spread),
	       c->samples_per_second, c->ratio, c->load_wait_percent, idle_text(c, idle),
	       c->tasks_per_second);
}

static void print_failed(const struct cli_sweep *sweep, const struct columns *columns)
{
	for (int i = sweep->done; i < sweep->count; i++) {
		const struct cli_configuration *c = &sweep->configuration[i];

		print_key(c, columns);
		printf(" %s%s%s\n", cli_configuration_status(c), *c->why ? ": " : "", c->why);
	}
}

static void print_noise(const struct cli_sweep *sweep)
{
	int best = 0, again = 0;

	for (int i = 0; i < sweep->count; i++)
		again += sweep->configuration[i].again;
	while (best < sweep->done && sweep->configuration[best].best)
		best++;
	puts("");
	if (again > 0)
		printf("%d run%s measured again: the same tasks had taken over a tenth longer than "
		       "in\nthe configuration's best run, as when the machine is busy otherwise.\n",
		       again, again == 1 ? " was" : "s were");
	if (isnan(sweep->noise)) {
		printf("%s of noise: all differences may be chance (--repeats %d "
		       "or more).\n",
		       sweep->turns == 1 ? "One run each tells nothing"
					 : "Two runs each tell too little",
		       CLI_LEAST_REPEATS);
		return;
	}
	printf("Noise: a run varies by %.1f %%; ratios up to %.3f may be chance or are\n"
	       "negligible. ",
	       100 * sweep->noise, sweep->distinguishable);
	if (best == sweep->done)
		puts("That is all of them: no configuration is better than another.");
	else
		printf("* marks the %d that %s not told from the best.\n", best,
		       best == 1 ? "is" : "are");
}

void cli_policies_print(const struct cli_sweep *sweep)
{
	struct columns columns = find_columns(sweep);

	print_common(sweep, &columns);
	print_head(&columns);
	for (int i = 0; i < sweep->done; i++)
		print_row(&sweep->configuration[i], &columns);
	print_failed(sweep, &columns);
	if (sweep->done > 0)
		print_noise(sweep);
}
