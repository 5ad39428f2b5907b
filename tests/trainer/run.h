/* SPDX-License-Identifier: MIT
 * What tests of runs share that a program drives. */
#ifndef PLAIT_TESTS_TRAINER_RUN_H
#define PLAIT_TESTS_TRAINER_RUN_H

#include "tests/nets.h"

#define WORDS "linear:16 relu linear:4"

/* What every test has: data, a network and its trainer. */
struct job {
	struct samples s;
	struct plait_graph *net;
	struct plait_trainer *trainer;
};

static inline struct job job_make(int64_t samples, struct plait_optimizer optimizer,
				  enum plait_granularity grain, int shards)
{
	struct job job = { .s = samples_make(samples, 6, 4, 0, 1),
			   .net = net_make(6, WORDS, false) };

	job.trainer = trainer_make(job.net, optimizer, grain, shards);
	return job;
}

static inline void job_free(struct job *job)
{
	plait_trainer_destroy(job->trainer);
	plait_graph_destroy(job->net);
	samples_free(&job->s);
}

static inline struct plait_run *open_run(const struct job *job, struct plait_run_options options)
{
	struct plait_run *run = NULL;

	if (plait_run_open(&run, job->trainer, job->s.set, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return run;
}

/* Steps to the end of the epoch, at most so many; returns what the last call did. */
static inline int step_on(struct plait_run *run, int64_t steps)
{
	int status = 0;

	while (status == 0 && steps-- > 0)
		status = plait_run_step(run);
	return status;
}

#endif
