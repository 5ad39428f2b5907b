/* SPDX-License-Identifier: MIT
 * A sweep: one job measured in many configurations, which run in turn, and which of their
 * differences are more than noise. */
#ifndef PLAIT_CLI_SWEEP_H
#define PLAIT_CLI_SWEEP_H

#include "src/cli/measure/measure.h"

/* The range of fewer runs tells next to nothing of noise. */
#define CLI_LEAST_REPEATS 3

/* The run of a repeat that counts. */
struct cli_run {
	bool begun;
	enum cli_child_end end;
	struct cli_measure measure; /* where end is CLI_CHILD_DONE */
};

struct cli_configuration {
	const char *policy;
	int64_t ncpu, grain, prefetch, batch_size; /* ncpu 0: not given; prefetch 0: auto */
	struct cli_run *run;                       /* [repeats] */
	int again; /* runs beyond those, in place of what the machine has spoilt */

	/* Summed up: */
	enum cli_child_end end;           /* CLI_CHILD_DONE if every run is */
	bool skipped;                     /* there was no time for a run */
	char why[CLI_CHILD_WHY];          /* what failed */
	double step_us;                   /* median of the runs, as all figures, */
	double low_us, high_us;           /* the fastest, the slowest */
	double samples_per_second, ratio; /* to the best's samples a second: 1 and more */
	double load_wait_percent, tasks_per_second, idle_percent[STARPU_NMAXWORKERS];
	int cpu_workers, workers;
	bool best; /* not distinguishable from the best */
};

struct cli_sweep {
	const struct cli_options *options;
	int argc; /* of the command line, for the report */
	char **argv;
	int64_t warmup;
	int repeats; /* that were asked for, */
	int turns;   /* and those there was time for, at least 1 */
	int count;
	struct cli_configuration *configuration; /* in the end the best first, the failed last */
	int done;                                /* of them, those that were measured */
	/* Standard deviation of a run, as a share of its time, without what all runs of a repeat
	 * have in common; NAN with less than CLI_LEAST_REPEATS. */
	double noise;
	/* Two configurations whose ratio is less are within noise. */
	double distinguishable;
};

/* Makes the configurations of the options' lists.  Returns CLI_DONE or the exit status after
 * saying what is wrong; cli_sweep_free in any case. */
int cli_sweep_make(struct cli_sweep *sweep, const struct cli_options *options);

/* Runs all of it.  CLI_DONE, CLI_FAILED or CLI_INTERRUPTED after saying so. */
int cli_sweep_run(struct cli_sweep *sweep);

/* Medians, order, noise and the group of the best (noise.c). */
void cli_sweep_sum_up(struct cli_sweep *sweep);

void cli_sweep_free(struct cli_sweep *sweep);

/* "failed", "skipped" and so on. */
const char *cli_configuration_status(const struct cli_configuration *configuration);

/* The report, as a table on standard output, and in files.  Returns CLI_DONE or CLI_FAILED. */
void cli_policies_print(const struct cli_sweep *sweep);
int cli_policies_write(const struct cli_sweep *sweep);

#endif
