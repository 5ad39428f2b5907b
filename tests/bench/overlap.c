/* SPDX-License-Identifier: MIT
 * Loading behind computing: the same training from memory, and from a function that takes 0.8
 * of a step's time for each batch; the function's work should not be seen.  Needs two cores.
 *
 * usage: overlap [SHARE]     of a step's time; 0.8
 *        prints "compute_us X us", "step_us X us", "ratio X times" and "wait_percent X %" */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 5

static double sample_seconds;

/* Keeps its core busy, as decoding would. */
static int read_slowly(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		       float *target)
{
	const struct bench *b = user;
	double begin = bench_now();
	size_t features = (size_t)b->job->features;

	(void)key;
	(void)target;
	memcpy(x, b->x + (size_t)index * features, features * sizeof *b->x);
	*label = b->y[index];
	while (bench_now() - begin < sample_seconds)
		;
	return 0;
}

/* Of a step's, in seconds. */
static double train(struct bench *b, struct plait_dataset *data, struct plait_metrics *metrics)
{
	struct plait_fit_options options = { .epochs = b->job->epochs,
					     .loader.batch_size = b->job->batch,
					     .loader.shuffle = true,
					     .quiet = true,
					     .metrics = metrics };
	int64_t batches = (b->job->samples + b->job->batch - 1) / b->job->batch;
	double begin = bench_now();

	bench_check(plait_fit(b->trainer, data, &options), "fit");
	return (bench_now() - begin) / (double)(batches * b->job->epochs);
}

int main(int argc, char **argv)
{
	const struct job *job = job_find("wide");
	double share = argc > 1 ? atof(argv[1]) : 0.8;
	double alone[ROUNDS], both[ROUNDS], ratio[ROUNDS], wait[ROUNDS];
	struct bench b = bench_start(job, &(struct plait_trainer_options){
						  .optimizer = plait_adam(0.001), .shards = 1 });
	struct plait_dataset_info info = *plait_dataset_info(b.data);
	struct plait_dataset *slow;
	struct plait_metrics metrics;

	info.spec = "slow";
	bench_check(plait_dataset_from_callback(&slow, &info, read_slowly, &b), "data");
	train(&b, b.data, &metrics);
	for (int i = 0; i < ROUNDS; i++) {
		alone[i] = train(&b, b.data, &metrics);
		sample_seconds = share * alone[i] / (double)job->batch;
		both[i] = train(&b, slow, &metrics);
		ratio[i] = both[i] / alone[i];
		wait[i] = plait_metrics_load_wait_percent(&metrics);
	}
	printf("compute_us %.1f us\n", bench_median(alone, ROUNDS) * 1e6);
	printf("step_us %.1f us\n", bench_median(both, ROUNDS) * 1e6);
	printf("ratio %.4f times\n", bench_median(ratio, ROUNDS));
	printf("wait_percent %.3f %%\n", bench_median(wait, ROUNDS));
	plait_dataset_destroy(slow);
	bench_stop(&b);
	return 0;
}
