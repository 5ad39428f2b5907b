/* SPDX-License-Identifier: MIT
 * What a step costs in a loop of one's own, beside plait_fit: both train the job in turn, in one
 * process, and the medians are told.
 *
 * usage: own_loop [JOB]     prints "fit_us_per_step X us", "own_us_per_step X us" and more */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>

#define TURNS 41

static double own_loop(struct bench *b, int epochs)
{
	struct plait_run_options options = { .loader.batch_size = b->job->batch,
					     .loader.shuffle = true,
					     .loader.workers = b->job->workers };
	struct plait_run *run = NULL;
	double start = bench_now();

	bench_check(plait_run_open(&run, b->trainer, b->data, &options), "open");
	for (int e = 0; e < epochs; e++) {
		int status = 0;

		while (status == 0)
			status = plait_run_step(run);
		bench_check(status, "step");
	}
	bench_check(plait_run_close(run), "close");
	return bench_now() - start;
}

int main(int argc, char **argv)
{
	const struct job *job = job_find(argc > 1 ? argv[1] : "seed");
	double fit[TURNS], own[TURNS], more[TURNS];
	int64_t steps;
	struct bench b;

	if (!job) {
		fprintf(stderr, "%s: no such job\n", argv[1]);
		return 2;
	}
	b = bench_start(job, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	steps = (job->samples + job->batch - 1) / job->batch * job->epochs;
	bench_fit(&b, 1);
	for (int i = 0; i < TURNS; i++) {
		fit[i] = bench_fit(&b, job->epochs) * 1e6 / (double)steps;
		own[i] = own_loop(&b, job->epochs) * 1e6 / (double)steps;
		more[i] = own[i] - fit[i];
	}
	printf("fit_us_per_step %.2f us\n", bench_median(fit, TURNS));
	printf("own_us_per_step %.2f us\n", bench_median(own, TURNS));
	printf("more_us_per_step %.2f us\n", bench_median(more, TURNS));
	bench_stop(&b);
	return 0;
}
