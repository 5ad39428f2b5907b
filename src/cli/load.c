/* SPDX-License-Identifier: MIT
 * plait load: the loader alone, as a program with a loop of its own uses it. */
#include "config.h"
#include "src/cli/stages.h"
#include "src/cli/transforms.h"
#include "src/base.h"
#include "src/hash.h"

#include <inttypes.h>
#include <starpu.h>
#include <stdlib.h>

struct run {
	const struct cli_options *options;
	struct plait_dataset *data;
	struct plait_transform *transform;
	struct plait_loader *loader;
	double begin; /* of everything, by starpu_timing_now() */
	double first_batch_ms, seconds;
	int64_t samples;
	uint64_t *hash; /* [epochs], or NULL */
	struct cli_stages stages;
};

static int create_loader(struct run *run)
{
	const struct cli_options *o = run->options;
	int status =
		plait_loader_create(&run->loader, run->data,
				    &(struct plait_loader_options){ .batch_size = o->batch_size,
								    .shuffle = !o->no_shuffle,
								    .drop_last = o->drop_last,
								    .workers = (int)o->workers,
								    .prefetch = (int)o->prefetch,
								    .chunk = o->chunk,
								    .seed = (uint64_t)o->seed,
								    .transform = run->transform,
								    .normalize = o->normalize });

	return status < 0 ? cli_failed(status) : CLI_DONE;
}

static int open_loader(struct run *run)
{
	int status = plait_start(&(struct plait_start_options){ .policy = run->options->sched });

	if (status == 0)
		status = plait_dataset_open(&run->data, run->options->data);
	if (status < 0)
		return cli_failed(status);
	status = cli_transform_parse(&run->transform, "--transform", run->options->transform);
	run->begin = starpu_timing_now();
	return status == CLI_DONE ? create_loader(run) : status;
}

static void add_batch(struct plait__hash *hash, const struct plait_batch *batch, int64_t elements,
		      int64_t targets)
{
	size_t rows = (size_t)batch->samples;

	plait__hash_add(hash, batch->x, rows * (size_t)elements * sizeof *batch->x);
	if (batch->labels)
		plait__hash_add(hash, batch->labels, rows * sizeof *batch->labels);
	if (batch->targets)
		plait__hash_add(hash, batch->targets, rows * (size_t)targets * sizeof *batch->targets);
}

/* Reads an epoch's batches.  Returns PLAIT_END after the last, or an error. */
static int read_epoch(struct run *run, struct plait__hash *hash, int64_t elements)
{
	int64_t targets = plait_dataset_info(run->data)->targets;
	struct plait_batch batch;
	int status = 0;

	while (!cli_stop && (status = plait_loader_next(run->loader, &batch)) == 0) {
		if (run->first_batch_ms <= 0)
			run->first_batch_ms = (starpu_timing_now() - run->begin) / 1e3;
		if (run->hash)
			add_batch(hash, &batch, elements, targets);
		run->samples += batch.samples;
		plait_loader_release(run->loader);
	}
	return cli_stop ? PLAIT_EINTERRUPTED : status;
}

static void print_epoch(const struct run *run, int64_t epoch, double seconds, int64_t samples)
{
	printf("Epoch %" PRId64 "/%" PRId64 "  %.3f s  %.0f samples/s", epoch + 1,
	       run->options->epochs, seconds, (double)samples / seconds);
	if (run->hash)
		printf("  hash %016" PRIx64, run->hash[epoch]);
	putchar('\n');
	fflush(stdout);
}

static int read_epochs(struct run *run)
{
	int64_t dim[PLAIT_MAX_DIMS], elements;
	double begin = run->begin, end;
	int ndim, status = plait_sample_shape(run->data, run->transform, &ndim, dim);

	if (status < 0)
		return cli_failed(status);
	elements = plait_shape_elements(ndim, dim);
	for (int64_t epoch = 0; epoch < run->options->epochs; epoch++) {
		int64_t before = run->samples;
		struct plait__hash hash;

		plait__hash_start(&hash);
		status = read_epoch(run, &hash, elements);
		if (status == PLAIT_EINTERRUPTED) {
			cli_complain("interrupted after %" PRId64 " samples", run->samples);
			return CLI_INTERRUPTED;
		}
		if (status < 0)
			return cli_failed(status);
		if (run->hash)
			run->hash[epoch] = plait__hash_end(&hash);
		end = starpu_timing_now();
		if (!run->options->json)
			print_epoch(run, epoch, (end - begin) / 1e6, run->samples - before);
		begin = end;
	}
	run->seconds = (begin - run->begin) / 1e6;
	return CLI_DONE;
}

/* By a fresh loader, which has nothing under way. */
static int measure_stages(struct run *run)
{
	int status;

	plait_loader_destroy(run->loader);
	run->loader = NULL;
	status = create_loader(run);
	if (status != CLI_DONE)
		return status;
	status = cli_stages_measure(run->loader, &run->stages);
	return status < 0 ? cli_failed(status) : CLI_DONE;
}

/* One hash for the run: that of its only epoch, or of the epochs' hashes. */
static uint64_t hash_all(const struct run *run)
{
	uint64_t all = run->hash[0];

	for (int64_t i = 1; i < run->options->epochs; i++)
		all = plait__key(all, run->hash[i]);
	return all;
}

static void print_json(const struct run *run)
{
	printf("{\"samples\":%" PRId64 ",\"seconds\":%.9g,\"samples_per_second\":%.6g,"
	       "\"first_batch_ms\":%.3f,\"fetch_us\":%.4f,\"decode_us\":%.4f,"
	       "\"transform_us\":%.4f",
	       run->samples, run->seconds, (double)run->samples / run->seconds, run->first_batch_ms,
	       run->stages.fetch, run->stages.decode, run->stages.transform);
	if (run->hash) {
		printf(",\"hash\":\"%016" PRIx64 "\",\"epoch_hashes\":[", hash_all(run));
		for (int64_t i = 0; i < run->options->epochs; i++)
			printf("%s\"%016" PRIx64 "\"", i ? "," : "", run->hash[i]);
		putchar(']');
	}
	puts("}");
}

static void print_summary(const struct run *run)
{
	const struct cli_stages *s = &run->stages;
	double all = s->fetch + s->decode + s->transform;

	printf("%" PRId64 " samples in %.3f s: %.0f samples/s; the first batch after %.1f ms\n",
	       run->samples, run->seconds, (double)run->samples / run->seconds,
	       run->first_batch_ms);
	printf("On one core, files cached: fetch %.2f us, decode %.2f us, transform %.2f us a "
	       "sample (%.0f samples/s)\n",
	       s->fetch, s->decode, s->transform, 1e6 / all);
}

int cli_load(int argc, char **argv)
{
	struct cli_options options;
	struct run run = { .options = &options };
	int status = cli_options_parse(&options, CLI_LOAD, argc, argv);

	if (status >= 0)
		return status;
	cli_watch_interrupts();
	if (options.hash) {
		run.hash = plait__calloc((size_t)options.epochs, sizeof *run.hash, "hashes");
		if (!run.hash)
			return cli_failed(PLAIT_ENOMEM);
	}
	status = open_loader(&run);
	if (status == CLI_DONE)
		status = read_epochs(&run);
	if (status == CLI_DONE)
		status = measure_stages(&run);
	if (status == CLI_DONE) {
		if (options.json)
			print_json(&run);
		else
			print_summary(&run);
	}
	plait_loader_destroy(run.loader);
	plait_transform_destroy(run.transform);
	plait_dataset_destroy(run.data);
	plait_stop();
	free(run.hash);
	return status;
}
