/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tests/bench/job.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct job jobs[] = {
	{ .name = "seed",
	  .words = "linear:50 relu linear:2",
	  .features = 10,
	  .classes = 2,
	  .samples = 10000,
	  .batch = 32,
	  .epochs = 5 },
	{ .name = "seed-4-workers",
	  .words = "linear:50 relu linear:2",
	  .features = 10,
	  .classes = 2,
	  .samples = 10000,
	  .batch = 32,
	  .epochs = 5,
	  .workers = 4 },
	{ .name = "mlp",
	  .words = "linear:200 relu linear:100 relu linear:60 relu linear:30 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6000,
	  .batch = 100,
	  .epochs = 8 },
	{ .name = "wide",
	  .words = "linear:512 relu linear:512 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 128,
	  .epochs = 5 },
	/* Between the seed program and the largest, for shards alone: peers/ has no twins of them.
	 */
	{ .name = "seed-1024",
	  .words = "linear:50 relu linear:2",
	  .features = 10,
	  .classes = 2,
	  .samples = 65536,
	  .batch = 1024,
	  .epochs = 5 },
	{ .name = "narrow",
	  .words = "linear:64 relu linear:10",
	  .features = 64,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 64,
	  .epochs = 5 },
	{ .name = "digits",
	  .words = "linear:30 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 32,
	  .epochs = 5 },
	{ .name = "hundred",
	  .words = "linear:100 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 64,
	  .epochs = 5 },
	{ .name = "deep",
	  .words =
		  "linear:256 relu linear:256 relu linear:256 relu linear:256 relu linear:256 relu "
		  "linear:256 relu linear:256 relu linear:10",
	  .features = 256,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 64,
	  .epochs = 5 },
	{ .name = "wide-16",
	  .words = "linear:512 relu linear:512 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 16,
	  .epochs = 5 },
	{ .name = "large",
	  .words = "linear:1024 relu linear:1024 relu linear:10",
	  .features = 784,
	  .classes = 10,
	  .samples = 6400,
	  .batch = 256,
	  .epochs = 5 },
	/* Networks of images. */
	{ .name = "cnn",
	  .words = "cnn",
	  .image = { 1, 28, 28 },
	  .features = 784,
	  .classes = 10,
	  .samples = 640,
	  .batch = 64,
	  .epochs = 1 },
	{ .name = "resnet8",
	  .words = "resnet8",
	  .image = { 3, 32, 32 },
	  .features = 3072,
	  .classes = 10,
	  .samples = 1280,
	  .batch = 128,
	  .epochs = 1 },
	{ .name = "mobilenet-small",
	  .words = "mobilenet-small",
	  .image = { 3, 32, 32 },
	  .features = 3072,
	  .classes = 10,
	  .samples = 1280,
	  .batch = 128,
	  .epochs = 1 },
	/* No figure: shows that a bench runs where computing is slow. */
	{ .name = "tiny",
	  .words = "linear:4 relu linear:2",
	  .features = 4,
	  .classes = 2,
	  .samples = 32,
	  .batch = 16,
	  .epochs = 2 },
};

const struct job *job_find(const char *name)
{
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
		if (strcmp(jobs[i].name, name) == 0)
			return &jobs[i];
	return NULL;
}

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void bench_sort(double *value, int n)
{
	qsort(value, (size_t)n, sizeof *value, compare);
}

double bench_median(double *value, int n)
{
	bench_sort(value, n);
	return value[n / 2];
}

void bench_check(int status, const char *what)
{
	if (status >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, plait_error_message());
	exit(1);
}

static float uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (float)(*state >> 40) * 0x1p-24f;
}

static void make_data(struct bench *b)
{
	int64_t n = b->job->samples, k = b->job->features;
	uint64_t state = 1;

	b->x = calloc((size_t)(n * k), sizeof *b->x);
	b->y = calloc((size_t)n, sizeof *b->y);
	if (!b->x || !b->y)
		bench_check(PLAIT_ENOMEM, "no memory");
	for (int64_t i = 0; i < n * k; i++)
		b->x[i] = 2 * uniform(&state) - 1;
	for (int64_t i = 0; i < n; i++)
		b->y[i] = (int32_t)((float)b->job->classes * uniform(&state));
	bench_check(plait_dataset_from_memory(
			    &b->data,
			    &(struct plait_tensor){
				    .dtype = PLAIT_F32, .ndim = 2, .dim = { n, k }, .data = b->x },
			    &(struct plait_tensor){
				    .dtype = PLAIT_I32, .ndim = 1, .dim = { n }, .data = b->y },
			    b->job->classes),
		    "data");
}

struct plait_node *job_input(struct plait_graph *net, const struct job *job)
{
	return job->image[0] > 0 ? plait_input(net, PLAIT_F32, 3, job->image)
				 : plait_input(net, PLAIT_F32, 1, &job->features);
}

struct bench bench_start(const struct job *job, const struct plait_trainer_options *options)
{
	struct bench b = { .job = job };
	struct plait_node *x;

	bench_check(plait_start(NULL), "start");
	make_data(&b);
	b.net = plait_graph_create();
	x = plait_model(job_input(b.net, job), job->words);
	plait_cross_entropy(x, plait_labels(b.net));
	bench_check(plait_trainer_create(&b.trainer, b.net, options), "trainer");
	return b;
}

double bench_fit(struct bench *b, int epochs)
{
	double start = bench_now();

	bench_check(plait_fit(b->trainer, b->data,
			      &(struct plait_fit_options){ .epochs = epochs,
							   .loader.batch_size = b->job->batch,
							   .loader.shuffle = true,
							   .loader.workers = b->job->workers,
							   .quiet = true }),
		    "fit");
	return bench_now() - start;
}

void bench_stop(struct bench *b)
{
	plait_trainer_destroy(b->trainer);
	plait_graph_destroy(b->net);
	plait_dataset_destroy(b->data);
	plait_stop();
	free(b->x);
	free(b->y);
}
