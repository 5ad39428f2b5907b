/* SPDX-License-Identifier: MIT
 * What submitting a task costs the thread that does it, at granularity op, in the steady
 * state: the linker puts a clock around plait__binding_submit (--wrap), so that the library
 * measured is the library as it is.  Loads are not counted.
 *
 * usage: submit [JOB]     prints "us_per_task X us" and more */
#include "config.h"
#include "src/executor/binding.h"
#include "tests/bench/job.h"

#include <stdlib.h>

#define MAX_STEPS 100000
#define WARM_STEPS 1000 /* first calls of everything, memory of StarPU's own */

int __real_plait__binding_submit(struct plait__binding *binding, struct plait__burst *burst,
				 void (*done)(void *burst));
int __wrap_plait__binding_submit(struct plait__binding *binding, struct plait__burst *burst,
				 void (*done)(void *burst));

static double microseconds[MAX_STEPS];
static int steps, tasks;

int __wrap_plait__binding_submit(struct plait__binding *binding, struct plait__burst *burst,
				 void (*done)(void *burst))
{
	double start = bench_now();
	int status = __real_plait__binding_submit(binding, burst, done);

	tasks = binding->plan->segments;
	if (steps < MAX_STEPS)
		microseconds[steps++] = (bench_now() - start) * 1e6;
	return status;
}

int main(int argc, char **argv)
{
	const struct job *job = job_find(argc > 1 ? argv[1] : "seed");
	struct bench b;
	double seconds, sum = 0;
	int n;

	if (!job) {
		fprintf(stderr, "%s: no such job\n", argv[1]);
		return 2;
	}
	b = bench_start(job,
			&(struct plait_trainer_options){ .optimizer = plait_adam(0.001),
							 .granularity = PLAIT_GRANULARITY_OP });
	int64_t batches = (job->samples + job->batch - 1) / job->batch;
	int epochs = (int)(5 * WARM_STEPS / batches) + 1;

	seconds = bench_fit(&b, epochs);
	n = steps - WARM_STEPS;
	for (int i = WARM_STEPS; i < steps; i++)
		sum += microseconds[i];
	printf("tasks_per_step %d tasks\n", tasks);
	printf("us_per_task %.3f us\n", bench_median(microseconds + WARM_STEPS, n) / tasks);
	printf("mean_us_per_task %.3f us\n", sum / n / tasks);
	printf("us_per_step %.3f us\n", seconds * 1e6 / (double)(batches * epochs));
	bench_stop(&b);
	return 0;
}
