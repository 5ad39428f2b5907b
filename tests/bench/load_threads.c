/* SPDX-License-Identifier: MIT
 * The work of load.c by plain threads, one a core, each of which takes the next batch and fills
 * a buffer of its own.  Nobody reads the buffers and nothing is handed over: it is what the
 * machine can do at all, less what a loader must do besides.
 *
 * usage: load_threads KIND FOLDER, of load.c's kinds, or load_threads bytes BATCH
 *        packed-jpeg is jpeg, without a container; packed decodes the files of the folder once,
 * before the clock runs prints "samples_per_second X samples/s" */
#include "config.h"
#include "tests/bench/load_threads.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 64

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* -- bytes ----------------------------------------------------------------------------------- */

/* What compilers make the best of: one multiplication and one addition. */
static void fill_bytes(const struct work *work, struct worker *worker, int64_t sample,
		       uint64_t random, float *out)
{
	const uint8_t *bytes = work->bytes + (size_t)sample * work->elements;
	float scale = 1 / (255 * 0.353f), shift = -0.286f / 0.353f;

	(void)worker;
	(void)random;
	for (size_t i = 0; i < work->elements; i++)
		out[i] = (float)bytes[i] * scale + shift;
}

static void open_bytes(struct work *work, int64_t batch)
{
	uint8_t *bytes;

	*work = (struct work){
		.fill = fill_bytes, .samples = 60000, .batch = batch, .elements = 784, .epochs = 10
	};
	work->bytes = bytes = malloc((size_t)work->samples * work->elements);
	if (!bytes || batch < 1)
		fail("no memory, or no batch size");
	for (size_t i = 0; i < (size_t)work->samples * work->elements; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 24);
}

/* -- the loop -------------------------------------------------------------------------------- */

static void *run(void *argument)
{
	struct work *work = argument;
	int64_t batches = (work->samples + work->batch - 1) / work->batch;
	float *slot = malloc((size_t)work->batch * work->elements * sizeof *slot);
	struct worker *worker = work->path ? jpeg_make_tools() : NULL;
	int64_t k;

	if (!slot)
		fail("no memory");
	while ((k = atomic_fetch_add(&work->next, 1)) < batches * work->epochs) {
		int64_t first = k % batches * work->batch, left = work->samples - first;

		for (int64_t i = 0; i < left && i < work->batch; i++)
			work->fill(work, worker, work->order[first + i], (uint64_t)(k * 7919 + i),
				   slot + (size_t)i * work->elements);
	}
	if (worker)
		jpeg_free_tools(worker);
	free(slot);
	return NULL;
}

/* One permutation for all epochs: making it is not what is measured. */
static void shuffle(struct work *work)
{
	uint64_t state = 1;

	work->order = malloc((size_t)work->samples * sizeof *work->order);
	if (!work->order || work->samples == 0)
		fail("no samples");
	for (int64_t i = 0; i < work->samples; i++)
		work->order[i] = (int32_t)i;
	for (int64_t i = work->samples - 1; i > 0; i--) {
		int64_t j = (int64_t)(next_random(&state) % (uint64_t)(i + 1));
		int32_t swapped = work->order[i];

		work->order[i] = work->order[j];
		work->order[j] = swapped;
	}
}

static double run_threads(struct work *work, int epochs)
{
	pthread_t thread[MOST_THREADS];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int threads = (int)(cores < MOST_THREADS ? cores : MOST_THREADS);
	double begin = now();

	work->epochs = epochs;
	atomic_store(&work->next, 0);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run, work) != 0)
			fail("pthread_create");
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return now() - begin;
}

int main(int argc, char **argv)
{
	struct work work = { 0 };
	double seconds;
	int epochs;

	if (argc == 3 && strcmp(argv[1], "bytes") == 0) {
		open_bytes(&work, atoi(argv[2]));
	} else if (argc != 3 || !jpeg_open(&work, argv[1], argv[2])) {
		fputs("usage: load_threads jpeg|packed-jpeg|packed|photos FOLDER\n"
		      "       load_threads bytes BATCH\n",
		      stderr);
		return 2;
	}
	shuffle(&work);
	epochs = work.epochs;
	run_threads(&work, 1);
	seconds = run_threads(&work, epochs);
	printf("samples_per_second %.0f samples/s\n",
	       (double)work.samples * (double)epochs / seconds);
	for (int64_t i = 0; work.path && i < work.samples; i++)
		free(work.path[i]);
	free(work.path);
	free((void *)work.bytes);
	free(work.order);
	return 0;
}
