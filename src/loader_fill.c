/* SPDX-License-Identifier: MIT
 * Filling rows of a slot: which samples, and where each goes.  A pure function of (loader,
 * epoch, position), so neither worker count nor order of tasks can change a batch. */
#include "config.h"
#include "src/loader.h"

#include <string.h>

static struct plait__sample sample_at(const struct plait_loader *loader, unsigned char *slot,
				      int64_t row)
{
	const struct plait__slot_layout *layout = &loader->layout;
	struct plait__sample sample = { .x = (float *)slot + row * loader->elements };

	if (loader->with_labels)
		sample.label = (int32_t *)(slot + layout->labels_offset) + row;
	if (loader->with_targets)
		sample.target = (float *)(slot + layout->targets_offset) +
				row * loader->dataset->info.targets;
	return sample;
}

/* A batch that could not be made is zero: nothing of another batch may pass for it. */
static void clear(const struct plait_loader *loader, unsigned char *slot, int64_t first,
		  int64_t rows)
{
	for (int64_t row = first; row < first + rows; row++) {
		struct plait__sample sample = sample_at(loader, slot, row);

		memset(sample.x, 0, (size_t)loader->elements * sizeof *sample.x);
		if (sample.label)
			*sample.label = 0;
		if (sample.target)
			memset(sample.target, 0,
			       (size_t)loader->dataset->info.targets * sizeof *sample.target);
	}
}

/* A clock is read for every so many samples: it would cost more than a small one does. */
#define TIMED_ROWS 8

int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       int64_t first, int64_t rows, unsigned char *slot, struct plait__tools *tools)
{
	struct plait__epoch_order order =
		plait__sampler_epoch(&loader->sampler, loader->options.seed, epoch);

	memset(tools->microseconds, 0, sizeof tools->microseconds);
	for (int64_t row = first; row < first + rows; row++) {
		struct plait__sample sample = sample_at(loader, slot, row);
		int64_t position = index * loader->options.batch_size + row, i;
		uint64_t key;
		int status;

		i = plait__sampler_at(&order, position, &key);
		tools->timed = (row - first) % TIMED_ROWS == 0;
		status = i < 0 ? (int)i : plait__sample_make(loader, i, key, tools, &sample);
		if (status < 0) {
			clear(loader, slot, first, rows);
			return status;
		}
	}
	return 0;
}
