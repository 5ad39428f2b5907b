/* SPDX-License-Identifier: MIT
 * Data sets that are functions and have bad samples, and what loaders make of them. */
#ifndef PLAIT_TESTS_BAD_SOURCE_H
#define PLAIT_TESTS_BAD_SOURCE_H

#include "tests/loader/bad.h"

#define SAMPLES 200
#define WIDTH 6

/* Bad ones: failing[i] < 0 is no sample; label_at's label is out of range. */
struct source {
	int64_t failing[3], label_at;
};

static const struct source none = { { -1, -1, -1 }, -1 };
static const struct source three = { { 0, 33, 160 }, -1 };

/* Sample i is i, then noise from its key. */
static inline int read_sample(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
			      float *target)
{
	const struct source *source = user;
	float *value = x;
	int result = 0;

	value[0] = (float)index;
	for (uint64_t i = 1; i < WIDTH; i++)
		value[i] = plait__uniform(plait__random(key, i));
	*label = index == source->label_at ? 4 : (int32_t)(index % 4);
	target[0] = 2 * (float)index;
	for (int i = 0; i < 3; i++)
		result |= index == source->failing[i] ? 17 : 0;
	/* Some samples take longer, so that loads overtake each other. */
	for (volatile int spin = 0; spin < (index % 7 == 0 ? 20000 : 0); spin++)
		;
	return result;
}

static inline struct plait_dataset *open_source(const struct source *source, const char *spec)
{
	struct plait_dataset_info info = { .spec = spec,
					   .samples = SAMPLES,
					   .dtype = PLAIT_F32,
					   .ndim = 1,
					   .dim = { WIDTH },
					   .classes = 4,
					   .targets = 1 };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_sample, (void *)source) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* An epoch as it was delivered. */
struct epoch {
	float x[SAMPLES][WIDTH], targets[SAMPLES], weights[SAMPLES];
	int64_t valid;
	int32_t labels[SAMPLES];
};

/* Reads an epoch, or what is left of it. */
static inline void read_epoch(struct plait_loader *loader, struct epoch *epoch)
{
	struct plait_batch batch;
	int64_t row = 0;
	int status;

	memset(epoch, 0, sizeof *epoch);
	while ((status = plait_loader_next(loader, &batch)) == 0) {
		size_t rows = (size_t)batch.samples;

		memcpy(epoch->x[row], batch.x, rows * sizeof *epoch->x);
		memcpy(epoch->targets + row, batch.targets, rows * sizeof *epoch->targets);
		memcpy(epoch->labels + row, batch.labels, rows * sizeof *epoch->labels);
		if (batch.weights)
			memcpy(epoch->weights + row, batch.weights, rows * sizeof *epoch->weights);
		epoch->valid += batch.valid;
		row += batch.samples;
		plait_loader_release(loader);
	}
	if (status < 0)
		tap_bail_out("%s", plait_error_message());
}

static inline bool contains_bad(const struct source *source, const struct epoch *epoch)
{
	for (int64_t i = 0; i < SAMPLES; i++)
		for (int j = 0; j < 3; j++)
			if (epoch->x[i][0] == (float)source->failing[j] ||
			    epoch->x[i][0] == (float)source->label_at)
				return true;
	return false;
}

/* Whoever wants something else changes it. */
static inline struct plait_loader_options replacing(struct plait_bad_samples *list, int64_t limit)
{
	return (struct plait_loader_options){
		.batch_size = 24,
		.seed = 5,
		.bad = { .policy = PLAIT_BAD_REPLACE, .limit = limit, .list = list }
	};
}

#endif
