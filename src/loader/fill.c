/* SPDX-License-Identifier: MIT
 * Filling rows of a slot.  What is in a row depends only on feed, epoch and position, so neither
 * the number of workers nor the order of tasks changes a batch. */
#include "config.h"
#include "src/loader/bad_samples.h"
#include "src/loader/feed.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The memory of a row's sample; length is dimension 0 of the samples in this slot. */
static struct plait__sample sample_at(const struct plait__feed *feed, int64_t length,
				      unsigned char *slot, int64_t row)
{
	const struct plait__slot_layout *layout = &feed->layout;
	size_t bytes = plait__feed_row_bytes(feed) / (size_t)feed->dim[0] * (size_t)length;
	struct plait__sample sample = { .x = slot + (size_t)row * bytes, .bytes = bytes };

	if (feed->has_labels)
		sample.label = (int32_t *)(slot + layout->labels_offset) + row;
	if (feed->has_targets)
		sample.target = (float *)(slot + layout->targets_offset) +
				row * feed->dataset->info.targets;
	if (feed->has_lengths)
		sample.length = (int32_t *)(slot + layout->lengths_offset) + row;
	return sample;
}

/* Several tasks may fill a slot, so rows are only marked first.  Weights are known when the last
 * task is done. */
static float *weights_of(const struct plait__feed *feed, unsigned char *slot)
{
	return (float *)(void *)(slot + feed->layout.weights_offset);
}

void plait__feed_mark(const struct plait__feed *feed, unsigned char *slot, int64_t row, bool counts)
{
	if (feed->has_weights)
		weights_of(feed, slot)[row] = counts;
}

/* Whether the mean of the weights is 1, apart from rounding, or all weights are 0. */
static bool mean_is_one(const float *weights, int64_t rows)
{
	double sum = 0;

	for (int64_t i = 0; i < rows; i++)
		sum += weights[i];
	return sum == 0 || fabs(sum - (double)rows) <= 1e-6 * (double)rows;
}

int64_t plait__feed_weigh(const struct plait__feed *feed, int64_t index, unsigned char *slot)
{
	int64_t rows = plait__feed_rows(feed, index), valid = 0;
	float *weights = weights_of(feed, slot);

	if (!feed->has_weights)
		return rows;
	for (int64_t i = 0; i < rows; i++)
		valid += weights[i] != 0;
	for (int64_t i = 0; i < rows; i++)
		if (weights[i] != 0)
			weights[i] = (float)rows / (float)valid;
	PLAIT__ASSERT(mean_is_one(weights, rows), "the weights of a batch sum to its rows");
	return valid;
}

/* Numbers of steps are different, and so are the numbers of a stream at different places. */
void plait__feed_key(const struct plait__feed *feed, int64_t epoch, int64_t index,
		     unsigned char *slot)
{
	int64_t step = feed->first_step + epoch * feed->batches + index;
	uint64_t key =
		plait__random(plait__key(feed->options.seed, PLAIT__STREAM_BATCH), (uint64_t)step);
	uint32_t word[2] = { (uint32_t)key, (uint32_t)(key >> 32) };

	if (feed->has_key)
		memcpy(slot + feed->layout.key_offset, word, sizeof word);
}

/* Zeroes rows without samples, so that nothing of an older batch is left in them.  Their label is
 * -1 (none) where weights tell the loss to skip the row, otherwise 0, which every loss accepts. */
static void clear(const struct plait__feed *feed, int64_t length, unsigned char *slot,
		  int64_t first, int64_t end)
{
	for (int64_t row = first; row < end; row++) {
		struct plait__sample sample = sample_at(feed, length, slot, row);

		memset(sample.x, 0, sample.bytes);
		if (sample.length)
			*sample.length = 0;
		if (sample.label)
			*sample.label = feed->has_weights ? -1 : 0;
		if (sample.target)
			memset(sample.target, 0,
			       (size_t)feed->dataset->info.targets * sizeof *sample.target);
		plait__feed_mark(feed, slot, row, false);
	}
}

/* -- bad samples --------------------------------------------------------------------------- */

/* How often a substitute for a bad sample is drawn.  Where half of all samples are bad, one row in
 * 65,536 finds none. */
#define DRAWS 16

/* Notes the bad sample that the worker made last.  PLAIT_EDATA if more are bad than the limit. */
static int note(const struct plait__feed *feed, const struct plait__load_worker *worker)
{
	const struct plait_bad_options *bad = &feed->options.bad;
	struct plait_bad_sample sample = { .spec = feed->dataset->info.spec,
					   .index = worker->sample,
					   .path = worker->path,
					   .offset = worker->offset,
					   .message = plait_error_message() };
	int64_t count;
	int status;

	if (!bad->list || worker->discards)
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

/* Makes the sample at a position, or a substitute for it.  Returns 1 if the sample is bad and its
 * row does not count. */
static int make_row(const struct plait__feed *feed, const struct plait__epoch_order *order,
		    int64_t position, struct plait__load_worker *worker,
		    struct plait__sample *sample)
{
	int64_t at = position, bad = -1;

	for (int draw = 0;; draw++) {
		uint64_t key;
		int64_t i = plait__sampler_at(order, at, &key);
		int status = i < 0 ? (int)i : plait__sample_make(feed, i, key, worker, sample);
		int noted;

		if (i < 0 || feed->options.bad.policy == PLAIT_BAD_FAIL ||
		    !plait__bad_status(status))
			return status;
		bad = draw == 0 ? i : bad;
		noted = note(feed, worker);
		if (noted < 0)
			return noted;
		if (feed->options.bad.policy == PLAIT_BAD_MASK)
			return 1;
		if (draw == DRAWS)
			return plait__error(status,
					    "%s: sample %" PRId64 " is bad, and so are %d drawn in "
					    "its place; the last: %s",
					    feed->dataset->info.spec, bad, DRAWS,
					    plait_error_message());
		at = substitute(order, position, draw);
	}
}

static void prefetch(const struct plait__feed *feed, const struct plait__epoch_order *order,
		     int64_t position)
{
	uint64_t key;
	int64_t i;

	if (!feed->exceeds_cache || position >= feed->sampler.positions)
		return;
	i = plait__sampler_at(order, position, &key);
	if (i >= 0)
		plait__sample_prefetch(feed, i);
}

/* One sample of this many is timed: reading the clock takes longer than making a small sample. */
#define TIMED_ROWS 8

int plait__feed_fill(const struct plait__feed *feed, int64_t epoch, int64_t index, int64_t first,
		     int64_t rows, unsigned char *slot, struct plait__load_worker *worker)
{
	struct plait__epoch_order order =
		plait__sampler_epoch(&feed->sampler, feed->options.seed, epoch);
	int64_t row = first, samples = plait__feed_samples(feed, index);
	int64_t length = plait__feed_length(feed, epoch, index);

	PLAIT__ASSERT(epoch >= 0, "epochs are counted from 0");
	PLAIT__ASSERT(first >= 0 && rows >= 0 && first + rows <= plait__feed_rows(feed, index),
		      "the rows to fill are rows of the batch");
	memset(worker->microseconds, 0, sizeof worker->microseconds);
	for (; row < first + rows && row < samples; row++) {
		struct plait__sample sample = sample_at(feed, length, slot, row);
		int status;

		worker->timed = (row - first) % TIMED_ROWS == 0;
		prefetch(feed, &order, index * feed->options.batch_size + row + 1);
		status = make_row(feed, &order, index * feed->options.batch_size + row, worker,
				  &sample);
		if (status < 0) {
			clear(feed, length, slot, first, first + rows);
			return status;
		}
		if (status == 0)
			plait__feed_mark(feed, slot, row, true);
		else
			clear(feed, length, slot, row, row + 1);
	}
	clear(feed, length, slot, row, first + rows);
	return 0;
}
