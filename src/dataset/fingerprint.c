/* SPDX-License-Identifier: MIT
 * The fingerprint of a data set.  Samples in memory are hashed, all of them if they are few.  For
 * stored samples the format adds what it knows without reading them, and a few are read. */
#include "config.h"
#include "src/dataset/dataset.h"

#include <stdlib.h>
#include <string.h>

/* The most bytes of memory that are hashed, which takes some 30 ms.  If there are more, samples of
 * so many bytes are hashed, evenly spread. */
#define WHOLE ((int64_t)256 << 20)

/* How many samples are read if they are not in memory. */
#define SAMPLES 16

static void add_number(struct plait__hash *hash, int64_t number)
{
	plait__hash_add(hash, &number, sizeof number);
}

/* Position i of count positions, which are evenly spread over [0,samples) and include both ends.
 * The square of count must be an int64_t. */
static int64_t spread(int64_t i, int64_t count, int64_t samples)
{
	PLAIT__ASSERT(i >= 0 && i < count && count <= samples, "a position is one of the samples");
	PLAIT__ASSERT(count <= INT32_MAX, "the square of the positions' number does not overflow");
	if (count < 2)
		return 0;
	return (samples - 1) / (count - 1) * i + (samples - 1) % (count - 1) * i / (count - 1);
}

static void add_info(struct plait__hash *hash, const struct plait_dataset *dataset)
{
	const struct plait_dataset_info *info = &dataset->info;

	add_number(hash, info->samples);
	add_number(hash, info->dtype);
	add_number(hash, info->ndim);
	for (int i = 0; i < info->ndim; i++)
		add_number(hash, info->dim[i]);
	add_number(hash, info->classes);
	add_number(hash, info->targets);
	if (dataset->upright)
		add_number(hash, 1);
	for (int64_t i = 0; info->class_names && i < info->classes; i++)
		plait__hash_add(hash, info->class_names[i], strlen(info->class_names[i]) + 1);
	for (int64_t i = 0; info->feature_names && i < info->dim[0]; i++)
		plait__hash_add(hash, info->feature_names[i], strlen(info->feature_names[i]) + 1);
	if (info->lengths)
		plait__hash_add(hash, info->lengths, (size_t)info->samples * sizeof *info->lengths);
	if (dataset->labels)
		plait__hash_add(hash, dataset->labels,
				(size_t)info->samples * sizeof *dataset->labels);
	if (dataset->targets)
		plait__hash_add(hash, dataset->targets,
				(size_t)info->samples * (size_t)info->targets *
					sizeof *dataset->targets);
}

static void add_memory(struct plait__hash *hash, const struct plait_dataset *dataset)
{
	int64_t samples = dataset->info.samples, count;
	int64_t bytes = (int64_t)plait__dataset_sample_bytes(dataset);
	const char *x = dataset->x;

	PLAIT__ASSERT(bytes > 0, "a sample has bytes");
	if (samples <= WHOLE / bytes) {
		plait__hash_add(hash, x, (size_t)samples * (size_t)bytes);
		return;
	}
	count = bytes < WHOLE ? WHOLE / bytes : 1;
	for (int64_t i = 0; i < count; i++)
		plait__hash_add(hash, x + spread(i, count, samples) * bytes, (size_t)bytes);
}

static int add_record(struct plait__hash *hash, const struct plait_dataset *dataset, int64_t index,
		      struct plait__buffer *memory)
{
	struct plait__stored stored;
	int status = dataset->fetch(dataset, index, memory, &stored);

	if (status < 0)
		return status;
	add_number(hash, (int64_t)stored.size);
	plait__hash_add(hash, stored.bytes, stored.size);
	return 0;
}

static int add_read(struct plait__hash *hash, const struct plait_dataset *dataset, int64_t index,
		    struct plait__buffer *memory)
{
	size_t bytes = plait__dataset_sample_bytes(dataset);
	size_t targets = (size_t)dataset->info.targets * sizeof(float);
	unsigned char *x = plait__buffer_reserve(memory, targets + bytes);
	int32_t label = 0;
	int status;

	if (!x)
		return PLAIT_ENOMEM;
	memset(x, 0, targets + bytes); /* read may leave out some bytes */
	status = plait_dataset_read(dataset, index, 0, x + targets, &label, (float *)x);
	if (status < 0)
		return status;
	add_number(hash, label);
	plait__hash_add(hash, x, targets + bytes);
	return 0;
}

static int add_samples(struct plait__hash *hash, const struct plait_dataset *dataset)
{
	int64_t samples = dataset->info.samples, count = samples < SAMPLES ? samples : SAMPLES;
	struct plait__buffer memory = { 0 };
	int status = 0;

	for (int64_t i = 0; i < count && status != PLAIT_ENOMEM; i++) {
		int64_t index = spread(i, count, samples);

		status = (dataset->fetch ? add_record : add_read)(hash, dataset, index, &memory);
		add_number(hash, status);
	}
	plait__buffer_free(&memory);
	return status == PLAIT_ENOMEM ? status : 0;
}

int plait__dataset_fingerprint(const struct plait_dataset *dataset, uint64_t *fingerprint_p)
{
	struct plait__hash hash;
	int status = 0;

	plait__hash_start(&hash);
	add_info(&hash, dataset);
	if (dataset->digest)
		dataset->digest(dataset, &hash);
	if (dataset->x && !dataset->digest)
		add_memory(&hash, dataset);
	else
		status = add_samples(&hash, dataset);
	*fingerprint_p = plait__hash_end(&hash);
	return status;
}
