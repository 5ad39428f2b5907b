/* SPDX-License-Identifier: MIT
 * A stage is too short for a clock, so whole loops are timed: fetching alone, fetching and
 * decoding, and all of it by the loader's own function; stages are the differences. */
#include "config.h"
#include "src/cli/stages.h"
#include "src/loader.h"

#include <math.h>
#include <starpu.h>
#include <stdlib.h>

#define ROUNDS 5
#define ROUND_MICROSECONDS 10000.0
#define MAX_ROWS 1024

struct bench {
	const struct plait_loader *loader;
	int64_t rows;
	unsigned char *slot;
	struct plait__tools tools;
};

static int fetch(struct bench *b, bool decode)
{
	const struct plait_dataset *dataset = b->loader->dataset;
	struct plait__record record;
	struct plait__image image;
	int status = 0;

	for (int64_t i = 0; i < b->rows && status == 0; i++) {
		int64_t sample = plait_loader_sample(b->loader, 0, i);

		status = sample < 0 ? (int)sample
				    : dataset->record(dataset, sample, &b->tools.record, &record);
		if (status == 0 && decode && record.kind == PLAIT__RECORD_ENCODED)
			status = plait__image_decode(record.bytes, record.size,
						     (int)dataset->info.dim[0], &b->tools.pixels,
						     &image);
	}
	return status;
}

static int fetch_only(struct bench *b)
{
	return fetch(b, false);
}

static int fetch_and_decode(struct bench *b)
{
	return fetch(b, true);
}

static int fill(struct bench *b)
{
	return plait__loader_fill(b->loader, 0, 0, 0, b->rows, b->slot, &b->tools);
}

/* The least time of a sample in several rounds. */
static int measure(struct bench *b, int (*stage)(struct bench *b), double *microseconds)
{
	double least = HUGE_VAL;

	for (int i = 0; i < ROUNDS; i++) {
		double begin = starpu_timing_now(), took;
		int status = stage(b);

		if (status < 0)
			return status;
		took = starpu_timing_now() - begin;
		least = fmin(least, took / (double)b->rows);
	}
	*microseconds = least;
	return 0;
}

/* So many samples that a round takes a moment; this meets each for the first time. */
static int choose_rows(struct bench *b)
{
	int64_t most = plait__loader_rows(b->loader, 0);
	double begin = starpu_timing_now();
	int status;

	if (most > MAX_ROWS)
		most = MAX_ROWS;
	do {
		b->rows = b->rows == 0 ? 1 : b->rows * 2 < most ? b->rows * 2 : most;
		status = fill(b);
	} while (status == 0 && b->rows < most && starpu_timing_now() - begin < ROUND_MICROSECONDS);
	return status;
}

int cli_stages_measure(const struct plait_loader *loader, struct cli_stages *stages)
{
	struct bench b = { .loader = loader };
	double fetched = 0, decoded = 0, all = 0;
	int status;

	b.slot = plait__calloc(1, loader->layout.bytes, "a batch");
	status = b.slot ? choose_rows(&b) : PLAIT_ENOMEM;
	if (status == 0 && loader->dataset->record)
		status = measure(&b, fetch_only, &fetched);
	if (status == 0 && loader->dataset->record)
		status = measure(&b, fetch_and_decode, &decoded);
	if (status == 0)
		status = measure(&b, fill, &all);
	stages->fetch = fetched;
	stages->decode = fmax(0, decoded - fetched);
	stages->transform = fmax(0, all - decoded);
	plait__tools_free(&b.tools);
	free(b.slot);
	return status;
}
