/* SPDX-License-Identifier: MIT
 * Steps on more workers than are at hand: a list schedule of the plan's tasks
 * (src/plan/simulate.h), which take as long as they took on one worker.  What workers take from
 * each other by sharing caches and memory is not in it.
 *
 * usage: workers JOB BATCH SHARDS WORKERS < COSTS
 * COSTS: lines "TASK MICROSECONDS", as `plait trace --json` has them.  Prints
 * "predicted_us_per_step X us". */
#include "config.h"
#include "src/plan/simulate.h"
#include "src/trainer/trainer.h"
#include "tests/bench/job.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 256 };

struct costs {
	char name[MOST][64];
	double us[MOST];
	int n;
};

static void read_costs(struct costs *costs)
{
	while (costs->n < MOST &&
	       scanf("%63s %lf", costs->name[costs->n], &costs->us[costs->n]) == 2)
		costs->n++;
}

static double seconds_of(const struct costs *costs, const char *task)
{
	for (int i = 0; i < costs->n; i++)
		if (strcmp(costs->name[i], task) == 0)
			return costs->us[i] * 1e-6;
	fprintf(stderr, "no cost of %s is given\n", task);
	exit(1);
}

static double predict(const struct plait_trainer *trainer, int64_t batch, int shards, int workers)
{
	struct plait__slot_layout slot = { .bytes = (size_t)batch * 4096 };
	struct plait__plan_options options = { .mode = PLAIT__TRAIN,
					       .granularity = PLAIT_GRANULARITY_LAYER,
					       .split.shards = shards,
					       .batch_size = batch,
					       .slot = &slot };
	struct plait__machine machine = { .cpus = workers,
					  .task_seconds = PLAIT__TASK_SECONDS,
					  .cold_seconds = PLAIT__COLD_SECONDS };
	struct plait__prediction prediction;
	struct plait__plan *plan = NULL;
	static struct costs costs;

	read_costs(&costs);
	bench_check(plait__plan_create(&plan, trainer->graph, &trainer->store, &options), "a plan");
	double *seconds = malloc((size_t)plan->segments * sizeof *seconds);

	for (int i = 0; i < plan->segments && seconds; i++)
		seconds[i] = seconds_of(&costs, plan->segment[i].name);
	bench_check(seconds ? plait__plan_simulate(plan, seconds, &machine, &prediction) : -1,
		    "a simulation");
	free(seconds);
	plait__plan_destroy(plan);
	return prediction.step_seconds;
}

int main(int argc, char **argv)
{
	const struct job *job = argc == 5 ? job_find(argv[1]) : NULL;
	int64_t batch = job ? atoll(argv[2]) : 0;
	int shards = job ? atoi(argv[3]) : 0, workers = job ? atoi(argv[4]) : 0;

	if (batch < 1 || shards < 1 || workers < 1) {
		fputs("usage: workers JOB BATCH SHARDS WORKERS < COSTS\n", stderr);
		return 2;
	}
	struct bench bench =
		bench_start(job, &(struct plait_trainer_options){ .optimizer = plait_adam(1e-3) });

	printf("predicted_us_per_step %.1f us\n",
	       predict(bench.trainer, batch, shards, workers) * 1e6);
	bench_stop(&bench);
	return 0;
}
