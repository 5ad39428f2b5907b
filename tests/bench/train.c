/* SPDX-License-Identifier: MIT
 * One training, as peers/train.py does it in PyTorch: an epoch to warm up, then the job's
 * epochs, timed from the call to its return; again until half a second is spent (a seed
 * training takes a fiftieth of one), and the median of these.
 *
 * usage: train JOB [SHARDS]     prints "us_per_step X us" */
#include "config.h"
#include "tests/bench/job.h"

#include <starpu.h>
#include <stdlib.h>

#define MAX_TRAININGS 1000

int main(int argc, char **argv)
{
	const struct job *job = job_find(argc > 1 ? argv[1] : "seed");
	int shards = argc > 2 ? atoi(argv[2]) : 1;
	struct bench b;
	double seconds[MAX_TRAININGS], spent = 0;
	int n = 0;

	if (!job) {
		fprintf(stderr, "%s: no such job\n", argv[1]);
		return 2;
	}
	b = bench_start(job, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001),
							      .shards = shards });
	bench_fit(&b, 1);
	while (n < MAX_TRAININGS && spent < 0.5) {
		seconds[n] = bench_fit(&b, job->epochs);
		spent += seconds[n++];
	}
	int64_t batches = (job->samples + job->batch - 1) / job->batch;

	bench_sort(seconds, n);
	printf("us_per_step %.3f us\n",
	       (seconds[(n - 1) / 2] + seconds[n / 2]) / 2 * 1e6 / (double)(batches * job->epochs));
	bench_stop(&b);
	return 0;
}
