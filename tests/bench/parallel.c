/* SPDX-License-Identifier: MIT
 * Ways to compute a batch on two workers, in turn, in one process: shards, replicas, a pipeline of
 * two stages, and shards of unequal sizes where one worker has something else to do, too.
 *
 * usage: parallel           prints "NAME_us_per_step X us" of each
 * The policy is prio: a pipeline needs priorities.  It needs two CPU workers (STARPU_NCPU=2) and no
 * GPU. */
#include "config.h"
#include "tests/bench/job.h"

#include <starpu.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS = 9, SAMPLES = 5120 };

#define WIDE "linear:512 relu linear:512 relu linear:10"
/* Two halves of equal work. */
#define DEEP \
	"linear:512 relu linear:512 relu linear:512 relu linear:512 relu linear:512 relu " \
	"linear:512"

#define HALVES "0-5:cpu0 6-:cpu1"

/* One way: the network, its batch, where its layers are and in which parts. */
static const struct way {
	const char *name, *words;
	int64_t features, classes, batch;
	const char *place; /* NULL: left to the policy */
	int shards, replicas, microbatches;
	enum plait_pipeline_schedule schedule;
	int sizes[2]; /* of two shards, on cpu0 and cpu1; 0: the policy has all shards */
} ways[] = {
	{ "one_shard", WIDE, 784, 10, 128, NULL, 1, 0, 0, 0, { 0 } },
	{ "two_shards", WIDE, 784, 10, 128, NULL, 2, 0, 0, 0, { 0 } },
	{ "two_replicas", WIDE, 784, 10, 128, NULL, 0, 2, 0, 0, { 0 } },
	{ "two_shards_of_512", WIDE, 784, 10, 512, NULL, 2, 0, 0, 0, { 0 } },
	{ "two_replicas_of_512", WIDE, 784, 10, 512, NULL, 0, 2, 0, 0, { 0 } },
	{ "one_worker", DEEP, 512, 512, 256, "0-:cpu0", 1, 0, 0, 0, { 0 } },
	{ "two_stages", DEEP, 512, 512, 256, HALVES, 1, 0, 4, 0, { 0 } },
	{ "gpipe_stages", DEEP, 512, 512, 256, HALVES, 1, 0, 4, PLAIT_PIPELINE_GPIPE, { 0 } },
	{ "beside_2_2", WIDE, 784, 10, 128, NULL, 2, 0, 0, 0, { 2, 2 } },
	{ "beside_3_1", WIDE, 784, 10, 128, NULL, 2, 0, 0, 0, { 3, 1 } },
};
enum { WAYS = sizeof ways / sizeof *ways };

struct made {
	struct plait_dataset *data;
	struct plait_graph *net;
	struct plait_trainer *trainer;
	double seconds[TURNS];
};

/* -- what else cpu1 does --------------------------------------------------------------------- */

static double spin_seconds; /* in each step */

static void spin(void *buffers[], void *arg)
{
	double end = bench_now() + spin_seconds;

	(void)buffers;
	(void)arg;
	while (bench_now() < end)
		;
}

static struct starpu_codelet spin_codelet = { .cpu_funcs = { spin }, .name = "spin" };

static int spin_beside(void *user, const struct plait_submitted *step)
{
	struct starpu_task *task = starpu_task_create();

	(void)user;
	(void)step;
	task->cl = &spin_codelet;
	task->execute_on_a_specific_worker = 1;
	task->workerid = (unsigned)starpu_worker_get_by_type(STARPU_CPU_WORKER, 1);
	task->priority = STARPU_MAX_PRIO;
	return plait_submit(task);
}

/* -- the ways -------------------------------------------------------------------------------- */

static struct made make(const struct way *way)
{
	static const char *const devices[] = { "cpu0", "cpu1" };
	bool beside = way->sizes[0] > 0;
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-3),
						 .shards = way->shards,
						 .replicas = way->replicas,
						 .microbatches = way->microbatches,
						 .pipeline_schedule = way->schedule,
						 .shard_sizes = beside ? way->sizes : NULL,
						 .shard_devices = beside ? devices : NULL };
	struct made m = { .net = plait_graph_create() };
	char spec[80];

	snprintf(spec, sizeof spec, "synthetic:%d,%lld,%lld", SAMPLES, (long long)way->features,
		 (long long)way->classes);
	bench_check(plait_dataset_open(&m.data, spec), spec);
	plait_cross_entropy(
		plait_model(plait_input(m.net, PLAIT_F32, 1, &way->features), way->words),
		plait_labels(m.net));
	if (way->place)
		bench_check(plait_place_words(m.net, way->place), way->place);
	bench_check(plait_trainer_create(&m.trainer, m.net, &options), way->name);
	return m;
}

static double train(const struct way *way, const struct made *m)
{
	struct plait_fit_options options = { .epochs = 1,
					     .loader.batch_size = way->batch,
					     .on_submit = way->sizes[0] > 0 ? spin_beside : NULL,
					     .quiet = true };
	double begin = bench_now();

	bench_check(plait_fit(m->trainer, m->data, &options), way->name);
	return bench_now() - begin;
}

int main(void)
{
	struct made made[WAYS];

	bench_check(plait_start(&(struct plait_start_options){ .policy = "prio" }), "start");
	if (plait_cpu_workers() != 2 || plait_cuda_workers() != 0) {
		fputs("parallel needs STARPU_NCPU=2 and STARPU_NCUDA=0\n", stderr);
		plait_stop();
		return 1;
	}
	for (int i = 0; i < WAYS; i++) {
		made[i] = make(&ways[i]);
		train(&ways[i], &made[i]); /* warm */
	}
	/* As long as a step takes on both workers, half of its work: with a quarter of the work
	 * cpu1 is then done when cpu0 is done with three. */
	spin_seconds = train(&ways[1], &made[1]) / ((double)SAMPLES / (double)ways[1].batch);
	for (int t = 0; t < TURNS; t++)
		for (int i = 0; i < WAYS; i++)
			made[i].seconds[t] = train(&ways[i], &made[i]);
	for (int i = 0; i < WAYS; i++) {
		printf("%s_us_per_step %.1f us\n", ways[i].name,
		       bench_median(made[i].seconds, TURNS) * 1e6 * (double)ways[i].batch /
			       SAMPLES);
		plait_trainer_destroy(made[i].trainer);
		plait_graph_destroy(made[i].net);
		plait_dataset_destroy(made[i].data);
	}
	plait_stop();
	return 0;
}
