/* SPDX-License-Identifier: MIT
 * Members of a pool beside the same trainers one after another, in turn, in one process.
 *
 * usage: pool JOB [MEMBERS]             prints "alone_us_per_step X us", "pool_us_per_step X us",
 * of all members' steps, and "speedup X times" pool images:FOLDER [MEMBERS]   what loading costs
 * the workers: "one_load_ms X ms", "load_ms X ms" of all members, and "load_ratio X times" */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>
#include <string.h>

enum { TURNS = 15, MOST = 64 };

struct members {
	struct plait_dataset *data;
	struct plait_fit_options options;
	struct plait_graph *net[MOST];
	struct plait_trainer *trainer[MOST];
	int n;
};

static void add(struct members *m, struct plait_node *x, const char *words)
{
	struct plait_trainer_options how = { .optimizer = plait_adam(0.001),
					     .seed = (uint64_t)m->n };

	plait_cross_entropy(plait_model(x, words), plait_labels(m->net[m->n]));
	bench_check(plait_trainer_create(&m->trainer[m->n], m->net[m->n], &how), "trainer");
	m->n++;
}

/* -- computing --------------------------------------------------------------------------- */

static double one_after_another(struct members *m)
{
	double start = bench_now();

	for (int i = 0; i < m->n; i++)
		bench_check(plait_fit(m->trainer[i], m->data, &m->options), "fit");
	return bench_now() - start;
}

static double at_once(struct members *m)
{
	double start = bench_now();

	bench_check(plait_pool_fit(m->trainer, m->n, m->data, &m->options, NULL), "pool");
	return bench_now() - start;
}

static void run_job(const struct job *job, int n)
{
	struct bench b =
		bench_start(job, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	struct members m = { .data = b.data,
			     .options = { .epochs = job->epochs,
					  .loader = { .batch_size = job->batch, .shuffle = true },
					  .quiet = true } };
	double steps = (double)((job->samples + job->batch - 1) / job->batch * job->epochs * n);
	double alone[TURNS], pool[TURNS], ratio[TURNS];

	while (m.n < n) {
		m.net[m.n] = plait_graph_create();
		add(&m, plait_input(m.net[m.n], PLAIT_F32, 1, &job->features), job->words);
	}
	at_once(&m);
	for (int i = 0; i < TURNS; i++) {
		alone[i] = one_after_another(&m) * 1e6 / steps;
		pool[i] = at_once(&m) * 1e6 / steps;
		ratio[i] = alone[i] / pool[i];
	}
	printf("alone_us_per_step %.2f us\n", bench_median(alone, TURNS));
	printf("pool_us_per_step %.2f us\n", bench_median(pool, TURNS));
	printf("speedup %.2f times\n", bench_median(ratio, TURNS));
	while (m.n > 0) {
		plait_trainer_destroy(m.trainer[--m.n]);
		plait_graph_destroy(m.net[m.n]);
	}
	bench_stop(&b);
}

/* -- loading ----------------------------------------------------------------------------- */

static int64_t made; /* samples, by all workers */

static void count(void *user, uint64_t key, int height, int width, int channels, uint8_t *pixels)
{
	(void)user;
	(void)key;
	(void)height;
	(void)width;
	(void)channels;
	(void)pixels;
	__atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
}

/* The workers' seconds for all samples that were made: what one took by what a member is told. */
static double load(struct members *m, int n)
{
	struct plait_pool_member member[MOST] = { { .work = PLAIT_POOL_FIT } };
	const struct plait_load_stats *stats = &member[0].metrics.load;

	for (int i = 0; i < n; i++)
		member[i] = (struct plait_pool_member){ .trainer = m->trainer[i],
							.dataset = m->data,
							.options = &m->options };
	made = 0;
	bench_check(plait_pool_run(member, n), "pool");
	return stats->load_seconds / (double)stats->samples * (double)made;
}

static void run_images(const char *spec, int n)
{
	struct members m = { .options = {
				     .loader = { .batch_size = 32, .shuffle = true, .chunk = 8 },
				     .quiet = true } };
	struct plait_transform *transform = NULL;
	double one[TURNS], all[TURNS], ratio[TURNS];

	bench_check(plait_start(NULL), "start");
	bench_check(plait_dataset_open(&m.data, spec), "data");
	bench_check(plait_transform_parse(&transform, "resize:64 center-crop:64"), "transform");
	bench_check(plait_transform_append(transform, count, NULL), "transform");
	m.options.loader.transform = transform;
	while (m.n < n) {
		m.net[m.n] = plait_graph_create();
		add(&m,
		    plait_flatten(plait_input(m.net[m.n], PLAIT_F32, 3, (int64_t[]){ 3, 64, 64 })),
		    "linear:32 relu linear:10");
	}
	for (int i = 0; i < TURNS; i++) {
		one[i] = load(&m, 1) * 1e3;
		all[i] = load(&m, n) * 1e3;
		ratio[i] = all[i] / one[i];
	}
	printf("one_load_ms %.1f ms\n", bench_median(one, TURNS));
	printf("load_ms %.1f ms\n", bench_median(all, TURNS));
	printf("load_ratio %.2f times\n", bench_median(ratio, TURNS));
	while (m.n > 0) {
		plait_trainer_destroy(m.trainer[--m.n]);
		plait_graph_destroy(m.net[m.n]);
	}
	plait_transform_destroy(transform);
	plait_dataset_destroy(m.data);
	plait_stop();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "seed";
	bool images = strncmp(what, "images:", 7) == 0;
	int n = argc > 2 ? atoi(argv[2]) : images ? 8 : 4;
	const struct job *job = job_find(what);

	if (n < 1 || n > MOST || (!images && !job)) {
		fprintf(stderr, "%s: no such job, or not 1 to %d members\n", what, MOST);
		return 2;
	}
	if (images)
		run_images(what, n);
	else
		run_job(job, n);
	return 0;
}
