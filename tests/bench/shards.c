/* SPDX-License-Identifier: MIT
 * What plait train --shards auto chooses for a job, and then a step of so many shards beside one of
 * 1, in turn in one process.  Where it chooses 1 both are the same, and what they differ in is
 * noise.
 *
 * usage: shards PROGRAM JOB     prints "shards N shards", "choosing X s", "one X us", "auto X us"
 *                               and "ratio X times", the median of auto / one in each turn */
#include "config.h"
#include "tests/bench/job.h"

#include <starpu.h>
#include <stdlib.h>

enum { TURNS = 9, MOST_STEPS = 1 << 20 };
#define TURN_SECONDS 0.05

static char spec[80];

/* What the program says. */
static int choose(const char *program, const struct job *job)
{
	char command[1024], line[256];
	int shards = 0;
	FILE *said;

	snprintf(command, sizeof command,
		 "'%s' train --data %s --model '%s' --batch-size %lld --steps 1 --shards auto",
		 program, spec, job->words, (long long)job->batch);
	said = popen(command, "r");
	while (said && fgets(line, sizeof line, said))
		if (sscanf(line, "Shards: %d", &shards) == 1)
			fprintf(stderr, "%s: %s", job->name, line);
	if (!said || pclose(said) != 0 || shards < 1) {
		fprintf(stderr, "%s: it chooses nothing\n", command);
		exit(1);
	}
	return shards;
}

/* One of the two ways. */
struct way {
	const struct job *job;
	struct plait_dataset *data;
	struct plait_graph *net;
	struct plait_trainer *trainer;
	int64_t steps; /* of a turn */
	double us[TURNS];
};

static double train(const struct way *way)
{
	double begin = bench_now();

	bench_check(plait_fit(way->trainer, way->data,
			      &(struct plait_fit_options){ .steps = way->steps,
							   .loader.batch_size = way->job->batch,
							   .loader.shuffle = true,
							   .quiet = true }),
		    "fit");
	return bench_now() - begin;
}

/* Warm, and with as many steps as a turn takes. */
static struct way make(const struct job *job, struct plait_dataset *data, int shards)
{
	struct way way = { .job = job, .data = data, .net = plait_graph_create(), .steps = 1 };
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-3), .shards = shards };

	plait_cross_entropy(
		plait_model(plait_input(way.net, PLAIT_F32, 1, &job->features), job->words),
		plait_labels(way.net));
	bench_check(plait_trainer_create(&way.trainer, way.net, &options), "trainer");
	while (train(&way) < TURN_SECONDS && way.steps < MOST_STEPS)
		way.steps *= 2;
	return way;
}

static void destroy(struct way *way)
{
	plait_trainer_destroy(way->trainer);
	plait_graph_destroy(way->net);
}

static void compare(struct way *one, struct way *chosen)
{
	double ratio[TURNS];

	/* As many of both: what a run costs by itself is then the same. */
	if (one->steps < chosen->steps)
		one->steps = chosen->steps;
	chosen->steps = one->steps;
	for (int t = 0; t < TURNS; t++) {
		one->us[t] = train(one) * 1e6 / (double)one->steps;
		chosen->us[t] = train(chosen) * 1e6 / (double)chosen->steps;
		ratio[t] = chosen->us[t] / one->us[t];
	}
	printf("one %.4g us\nauto %.4g us\nratio %.4g times\n", bench_median(one->us, TURNS),
	       bench_median(chosen->us, TURNS), bench_median(ratio, TURNS));
}

int main(int argc, char **argv)
{
	const struct job *job = argc == 3 ? job_find(argv[2]) : NULL;
	struct plait_dataset *data = NULL;
	struct way one, chosen;
	double begin;
	int shards;

	if (!job) {
		fputs("usage: shards PROGRAM JOB\n", stderr);
		return 2;
	}
	snprintf(spec, sizeof spec, "synthetic:%lld,%lld,%lld", (long long)job->samples,
		 (long long)job->features, (long long)job->classes);
	begin = bench_now();
	shards = choose(argv[1], job);
	printf("shards %d shards\nchoosing %.3g s\n", shards, bench_now() - begin);
	bench_check(plait_start(NULL), "start");
	bench_check(plait_dataset_open(&data, spec), spec);
	one = make(job, data, 1);
	chosen = make(job, data, shards);
	compare(&one, &chosen);
	destroy(&one);
	destroy(&chosen);
	plait_dataset_destroy(data);
	plait_stop();
	return 0;
}
