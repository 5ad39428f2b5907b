/* SPDX-License-Identifier: MIT
 * Ways to compute a batch on two workers, in turn, in one process: shards, replicas, a pipeline of
 * two stages, and shards of unequal sizes where one worker has something else to do, too.
 *
 * usage: parallel [NAME...]     prints "NAME_us_per_step X us" of each, or of those
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

/* One way: the network, its batch, where its layers are and in which parts. */
static const struct way {
	const char *name, *words;
	int64_t features, classes, batch;
	const char *place;                  /* NULL: left to the policy */
	int shards, replicas, microbatches; /* -4: 4 of them, by gpipe */
	int sizes[2]; /* of two shards, on cpu0 and cpu1; 0: the policy has all shards */
} ways[] = {
	{ "one_shard", WIDE, 784, 10, 128, NULL, 1, 0, 0, { 0 } },
	{ "two_shards", WIDE, 784, 10, 128, NULL, 2, 0, 0, { 0 } },
	{ "two_replicas", WIDE, 784, 10, 128, NULL, 0, 2, 0, { 0 } },
	{ "two_shards_of_512", WIDE, 784, 10, 512, NULL, 2, 0, 0, { 0 } },
	{ "two_replicas_of_512", WIDE, 784, 10, 512, NULL, 0, 2, 0, { 0 } },
	{ "one_worker", DEEP, 512, 512, 256, "0-:cpu0", 1, 0, 0, { 0 } },
	{ "two_stages", DEEP, 512, 512, 256, "0-5:cpu0 6-:cpu1", 1, 0, 4, { 0 } },
	{ "gpipe_stages", DEEP, 512, 512, 256, "0-5:cpu0 6-:cpu1", 1, 0, -4, { 0 } },
	{ "beside_2_2", WIDE, 784, 10, 128, NULL, 2, 0, 0, { 2, 2 } },
	{ "beside_3_1", WIDE, 784, 10, 128, NULL, 2, 0, 0, { 3, 1 } },
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
						 .microbatches = abs(way->microbatches),
						 .schedule = way->microbatches < 0
								     ? PLAIT_SCHEDULE_GPIPE
								     : PLAIT_SCHEDULE_1F1B,
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

/* Whether the program is to measure the way. */
static bool is_wanted(const struct way *way, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(way->name, argv[i]) == 0)
			return true;
	return argc < 2;
}

/* Trains for the first time, and takes from that how long to spin: as long as a step takes on both
 * workers, half of its work.  With a quarter of the work cpu1 is then done when cpu0 is done with
 * three. */
static void warm(const struct way *way, const struct made *m)
{
	double steps = (double)SAMPLES / (double)way->batch;

	train(way, m);
	if (way->sizes[0] > 0 && spin_seconds == 0)
		spin_seconds = train(way, m) / steps;
}

static void report(const struct way *way, struct made *m)
{
	printf("%s_us_per_step %.1f us\n", way->name,
	       bench_median(m->seconds, TURNS) * 1e6 * (double)way->batch / SAMPLES);
	plait_trainer_destroy(m->trainer);
	plait_graph_destroy(m->net);
	plait_dataset_destroy(m->data);
}

int main(int argc, char **argv)
{
	struct way wanted[WAYS];
	struct made made[WAYS];
	int n = 0;

	for (int i = 0; i < WAYS; i++)
		if (is_wanted(&ways[i], argc, argv))
			wanted[n++] = ways[i];
	bench_check(plait_start(&(struct plait_start_options){ .policy = "prio" }), "start");
	if (n == 0 || plait_cpu_workers() != 2 || plait_cuda_workers() != 0) {
		fputs("parallel needs STARPU_NCPU=2 and STARPU_NCUDA=0, and names of ways\n",
		      stderr);
		plait_stop();
		return 1;
	}
	for (int i = 0; i < n; i++) {
		made[i] = make(&wanted[i]);
		warm(&wanted[i], &made[i]);
	}
	for (int t = 0; t < TURNS; t++)
		for (int i = 0; i < n; i++)
			made[i].seconds[t] = train(&wanted[i], &made[i]);
	for (int i = 0; i < n; i++)
		report(&wanted[i], &made[i]);
	plait_stop();
	return 0;
}
