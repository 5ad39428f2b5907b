/* SPDX-License-Identifier: MIT
 * Filling rows of a slot: which samples, and where each goes.  A pure function of (loader,
 * epoch, position), so neither worker count nor order of tasks can change a batch. */
#include "config.h"
#include "src/loader/bad_samples.h"
#include "src/loader/loader.h"

#include <inttypes.h>
#include <string.h>

/* length: of the samples in this slot. */
static struct plait__sample sample_at(const struct plait_loader *loader, int64_t length,
				      unsigned char *slot, int64_t row)
{
	const struct plait__slot_layout *layout = &loader->layout;
	size_t bytes = plait__loader_row_bytes(loader) / (size_t)loader->dim[0] * (size_t)length;
	struct plait__sample sample = { .x = slot + (size_t)row * bytes, .bytes = bytes };

	if (loader->with_labels)
		sample.label = (int32_t *)(slot + layout->labels_offset) + row;
	if (loader->with_targets)
		sample.target = (float *)(slot + layout->targets_offset) +
				row * loader->dataset->info.targets;
	if (loader->with_lengths)
		sample.length = (int32_t *)(slot + layout->lengths_offset) + row;
	return sample;
}

/* Rows without samples are zero: nothing of another batch may pass for them.  They have no label
 * where weights tell the loss so, else one that it can take. */
static void clear(const struct plait_loader *loader, int64_t length, unsigned char *slot,
		  int64_t first, int64_t end)
{
	for (int64_t row = first; row < end; row++) {
		struct plait__sample sample = sample_at(loader, length, slot, row);

		memset(sample.x, 0, sample.bytes);
		if (sample.length)
			*sample.length = 0;
		if (sample.label)
			*sample.label = loader->with_weights ? -1 : 0;
		if (sample.target)
			memset(sample.target, 0,
			       (size_t)loader->dataset->info.targets * sizeof *sample.target);
		plait__loader_mark(loader, slot, row, false);
	}
}

/* -- bad samples --------------------------------------------------------------------------- */

/* Samples drawn in a bad one's place: where half of all are bad, one place in 65,536 finds none. */
#define DRAWS 16

/* Notes the sample that was made last and is bad.  PLAIT_EDATA if those are too many. */
static int note(const struct plait_loader *loader, const struct plait__load_worker *worker)
{
	const struct plait_bad_options *bad = &loader->options.bad;
	struct plait_bad_sample sample = { .spec = loader->dataset->info.spec,
					   .index = worker->sample,
					   .path = worker->path,
					   .offset = worker->offset,
					   .message = plait_error_message() };
	int64_t count;
	int status;

	if (!bad->list || worker->trial)
		return 0;
	status = plait__bad_samples_add(bad->list, &sample, &count);
	if (status < 0 || bad->limit == 0 || count <= bad->limit)
		return status;
	return plait__error(PLAIT_EDATA,
			    "%" PRId64 " samples are bad, the limit is %" PRId64 "; the last: %s",
			    count, bad->limit, plait_error_message());
}

/* The position whose sample is the draw-th substitute for that at a position. */
static int64_t substitute(const struct plait__epoch_order *order, int64_t position, int draw)
{
	uint64_t key = plait__key(plait__key(order->seed, PLAIT__STREAM_SUBSTITUTE),
				  (uint64_t)order->epoch);
	uint64_t random = plait__random(plait__key(key, (uint64_t)position), (uint64_t)draw);

	return (int64_t)(random % (uint64_t)order->sampler->positions);
}

/* -- rows ---------------------------------------------------------------------------------- */

/* Makes the sample at a position, or one that stands for it.  1: it is bad and does not count. */
static int make_row(const struct plait_loader *loader, const struct plait__epoch_order *order,
		    int64_t position, struct plait__load_worker *worker,
		    struct plait__sample *sample)
{
	int64_t at = position, bad = -1;

	for (int draw = 0;; draw++) {
		uint64_t key;
		int64_t i = plait__sampler_at(order, at, &key);
		int status = i < 0 ? (int)i : plait__sample_make(loader, i, key, worker, sample);
		int noted;

		if (i < 0 || loader->options.bad.policy == PLAIT_BAD_FAIL ||
		    !plait__bad_status(status))
			return status;
		bad = draw == 0 ? i : bad;
		noted = note(loader, worker);
		if (noted < 0)
			return noted;
		if (loader->options.bad.policy == PLAIT_BAD_MASK)
			return 1;
		if (draw == DRAWS)
			return plait__error(status,
					    "%s: sample %" PRId64 " is bad, and so are %d drawn in "
					    "its place; the last: %s",
					    loader->dataset->info.spec, bad, DRAWS,
					    plait_error_message());
		at = substitute(order, position, draw);
	}
}

static void prefetch(const struct plait_loader *loader, const struct plait__epoch_order *order,
		     int64_t position)
{
	uint64_t key;
	int64_t i;

	if (!loader->exceeds_cache || position >= loader->sampler.positions)
		return;
	i = plait__sampler_at(order, position, &key);
	if (i >= 0)
		plait__sample_prefetch(loader, i);
}

/* A clock is read for every so many samples: it would cost more than a small one does. */
#define TIMED_ROWS 8

int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       int64_t first, int64_t rows, unsigned char *slot,
		       struct plait__load_worker *worker)
{
	struct plait__epoch_order order =
		plait__sampler_epoch(&loader->sampler, loader->options.seed, epoch);
	int64_t row = first, taken = plait__loader_taken(loader, index);
	int64_t length = plait__loader_length(loader, epoch, index);

	memset(worker->microseconds, 0, sizeof worker->microseconds);
	for (; row < first + rows && row < taken; row++) {
		struct plait__sample sample = sample_at(loader, length, slot, row);
		int status;

		worker->timed = (row - first) % TIMED_ROWS == 0;
		prefetch(loader, &order, index * loader->options.batch_size + row + 1);
		status = make_row(loader, &order, index * loader->options.batch_size + row, worker,
				  &sample);
		if (status < 0) {
			clear(loader, length, slot, first, first + rows);
			return status;
		}
		if (status == 0)
			plait__loader_mark(loader, slot, row, true);
		else
			clear(loader, length, slot, row, row + 1);
	}
	clear(loader, length, slot, row, first + rows);
	return 0;
}
