/* SPDX-License-Identifier: MIT
 * A line for each run: how long it took, and its best figures. */
#include "config.h"
#include "src/cli/runs/runs.h"
#include "src/base/text.h"

#include <string.h>

/* "0.9123 (7)": the best value of a series, and its epoch. */
static void print_best(const struct cli_run *run, const char *key)
{
	const struct cli_series *s = cli_run_series(run, key, false);
	char text[40] = "-";
	int best;

	if (s) {
		best = cli_series_best(s);
		snprintf(text, sizeof text, "%.4f (%.0f)", s->point[best][1], s->point[best][0]);
	}
	printf("  %14s", text);
}

static void print_rate(const struct cli_run *run)
{
	char text[32];

	printf("  %10s", run->last ? plait__grouped_text(json_number_value(json_object_get(
								 run->last, "samples_per_second")),
							 text)
				   : "-");
}

static bool has(const struct cli_runs *runs, const char *key)
{
	for (int i = 0; i < runs->count; i++)
		if (cli_run_series(&runs->run[i], key, false))
			return true;
	return false;
}

/* The figures that a line of text has room for, of those that the runs have. */
static const char *const columns[] = { "loss", "accuracy", "val_loss", "val_accuracy" };
enum { COLUMNS = sizeof columns / sizeof *columns };

/* What sets it apart, and the log too where that is not enough. */
static void print_name(const struct cli_run *run)
{
	const char *apart = run->differs && *run->differs ? run->differs : NULL;

	fputs("  ", stdout);
	plait__text_print(stdout, run->name);
	if (apart) {
		fputs(": ", stdout);
		plait__text_print(stdout, apart);
	}
	putchar('\n');
}

void cli_runs_print(const struct cli_runs *runs)
{
	printf("%6s", "epochs");
	for (int i = 0; i < COLUMNS; i++)
		if (has(runs, columns[i]))
			printf("  %14s", columns[i]);
	printf("  %10s  %10s  run\n", "seconds", "samples/s");
	for (int i = 0; i < runs->count; i++) {
		const struct cli_run *run = &runs->run[i];

		printf("%6d", run->epochs);
		for (int j = 0; j < COLUMNS; j++)
			if (has(runs, columns[j]))
				print_best(run, columns[j]);
		printf("  %10.3g", run->seconds);
		print_rate(run);
		print_name(run);
	}
	puts("Figures are the best of each run, with their epoch.");
}
