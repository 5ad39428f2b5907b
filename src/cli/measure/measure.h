/* SPDX-License-Identifier: MIT
 * How fast a job is, measured the same way by all commands that compare: in a process of its own,
 * so many steps after a warm-up. */
#ifndef PLAIT_CLI_MEASURE_H
#define PLAIT_CLI_MEASURE_H

#include "src/cli/measure/child.h"
#include "src/cli/options/options.h"

#include <starpu.h>

enum cli_measure_kind {
	CLI_MEASURE_TRAIN,
	CLI_MEASURE_LOAD, /* batches, and nothing done with them */
};

struct cli_measure_job {
	enum cli_measure_kind kind;
	const struct cli_options *options;
	int64_t warmup, steps; /* steps that do not count, and that do */
	double seconds;        /* fewer count if it takes longer than this; 0: no limit */
	bool may_not_fit;      /* what does not is no failure: nothing is measured then */
};

struct cli_measure {
	int64_t steps;  /* that counted */
	double step_us; /* their mean */
	double samples_per_second;
	double load_wait_percent; /* of all steps */
	double tasks_per_second;  /* that workers ran */
	double task_us;           /* that tasks of a step took, warm-up included */
	int cpu_workers, cuda_workers;
	int workers;
	double idle_percent[STARPU_NMAXWORKERS]; /* time not in a task */
	float loss;                              /* of the last epoch */
	bool no_room;                            /* it does not fit in memory, and may not */
};

/* How many steps to run before those that count: more than are in flight at once, and than the
 * tuner needs for its first decisions. */
int64_t cli_measure_warmup(const struct cli_options *options);

/* Measures in a child (child.h) with these settings, this limit and this output. */
struct cli_child_result cli_measure(const struct cli_measure_job *job,
				    const struct cli_setting *setting, double limit, int output,
				    struct cli_measure *measure);

/* Where options ask for --batch-size auto: measures, and sets the batch size of train to the power
 * of two with the most samples a second, which it says in a line.  CLI_DONE or the exit status. */
int cli_choose_batch(struct cli_options *options);

/* Where options ask for --shards auto, measures, once the batch size is known, and sets the number
 * of shards of train, which it says in a line.  members: how many train at once; of several each
 * has the least number.  CLI_DONE or the exit status. */
int cli_choose_shards(struct cli_options *options, int members);

#endif
