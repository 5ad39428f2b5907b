/* SPDX-License-Identifier: MIT
 * Making a feed: its options are checked and their defaults filled in; then come the shape of its
 * samples, the layout of its slots and the number of batches in an epoch. */
#include "config.h"
#include "src/loader/feed.h"

#include <inttypes.h>
#include <string.h>

/* Slots that the tuner may use: enough for a load that takes six times as long as usual. */
#define MOST_SLOTS 8

/* About the cache of one core. */
#define CACHE_BYTES (INT64_C(1) << 20)

static int check_bad(const struct plait_bad_options *bad)
{
	if (bad->policy != PLAIT_BAD_FAIL && bad->policy != PLAIT_BAD_REPLACE &&
	    bad->policy != PLAIT_BAD_MASK)
		return plait__error(PLAIT_EINVAL, "there is no policy %d for bad samples",
				    (int)bad->policy);
	if (bad->limit < 0)
		return plait__error(PLAIT_EINVAL,
				    "limit of bad samples is %" PRId64 ", must not be negative",
				    bad->limit);
	if (bad->limit > 0 && !bad->list)
		return plait__error(PLAIT_EINVAL,
				    "a limit of %" PRId64 " bad samples needs a list, which tells "
				    "different ones from those met again",
				    bad->limit);
	return 0;
}

static int check_dtype(struct plait_loader_options *o, const struct plait_dataset_info *info)
{
	if (o->dtype == 0)
		o->dtype = PLAIT_F32;
	if (o->dtype != PLAIT_F32 && o->dtype != PLAIT_U8)
		return plait__error(PLAIT_EINVAL, "dtype %d of a batch, must be float32 or uint8",
				    (int)o->dtype);
	if (o->dtype == PLAIT_U8 && info->dtype != PLAIT_U8)
		return plait__error(PLAIT_EINVAL,
				    "%s: samples are %s: a batch of uint8 takes only uint8",
				    info->spec, plait_dtype_name(info->dtype));
	return 0;
}

static int check_options(struct plait_loader_options *o, const struct plait_dataset *dataset,
			 int cpu_workers)
{
	const struct plait_dataset_info *info = &dataset->info;
	int status;

	if (o->batch_size == 0)
		o->batch_size = PLAIT__BATCH_SIZE;
	if (o->workers == 0)
		o->workers = cpu_workers > 0 ? cpu_workers : 1;
	if (o->prefetch == 0)
		o->prefetch = MOST_SLOTS;
	if (o->batch_size < 0)
		return plait__error(PLAIT_EINVAL, "batch size %" PRId64 ", must be at least 1",
				    o->batch_size);
	if (o->workers < 0)
		return plait__error(PLAIT_EINVAL, "%d load workers, must be at least 1",
				    o->workers);
	if (o->prefetch < 2 || o->prefetch > 1024)
		return plait__error(
			PLAIT_EINVAL,
			"prefetch %d, must be 2 to 1024 slots: one is read while another is filled",
			o->prefetch);
	if (info->samples < 1)
		return plait__error(PLAIT_EINVAL, "%s: no samples", info->spec);
	if (o->drop_last && o->pad_last)
		return plait__error(PLAIT_EINVAL, "drop_last leaves out the short last batch, "
						  "pad_last fills it up: only one can be");
	if (!(o->load_delay >= 0))
		return plait__error(PLAIT_EINVAL, "load_delay is %g seconds, must be 0 or more",
				    o->load_delay);
	if (!(o->timeout >= 0))
		return plait__error(PLAIT_EINVAL, "timeout %g s, must be 0 (none) or more",
				    o->timeout);
	if (o->chunk < 0)
		return plait__error(PLAIT_EINVAL, "chunk is %" PRId64 ", must not be negative",
				    o->chunk);
	if (info->lengths && (o->transform || o->normalize.channels > 1))
		return plait__error(PLAIT_EINVAL,
				    "%s: samples of different lengths take no transform and are "
				    "normalised as one channel",
				    info->spec);
	status = check_bad(&o->bad);
	return status < 0 ? status : check_dtype(o, info);
}

/* Names two images of different sizes. */
static int differ(const struct plait_dataset *dataset, const char *what)
{
	const struct plait_dataset_info *info = &dataset->info;
	const char *first = plait__dataset_path(dataset, dataset->typical);
	const char *second = plait__dataset_path(dataset, dataset->other);

	/* A packed file keeps no size but that of the first. */
	if (!first || !second || dataset->other_height == 0)
		return plait__error(PLAIT_ESHAPE, "%s: images differ in size: %s", info->spec,
				    what);
	return plait__error(PLAIT_ESHAPE,
			    "%s: images differ in size (%s has %" PRId64 " x %" PRId64
			    " pixels, height x width, %s has %" PRId64 " x %" PRId64 "): %s",
			    info->spec, first, info->dim[1], info->dim[2], second,
			    dataset->other_height, dataset->other_width, what);
}

int plait_sample_shape(const struct plait_dataset *dataset, const struct plait_transform *transform,
		       int *ndim_p, int64_t *dim)
{
	const struct plait_dataset_info *info = plait_dataset_info(dataset);
	int64_t image[3] = { 1, 1, 1 };
	char text[128];
	int status;

	if (!dataset || !ndim_p || !dim)
		return plait__error(PLAIT_EINVAL,
				    "plait_sample_shape: the data set, ndim_p or dim is NULL");
	if (!transform && !dataset->varying) {
		*ndim_p = info->ndim;
		memcpy(dim, info->dim, sizeof info->dim);
		return 0;
	}
	if (!transform)
		return differ(dataset, "a transform must make them equal, as \"resize:256 "
				       "center-crop:224\"");
	if (info->dtype != PLAIT_U8 || info->ndim < 2 || info->ndim > 3)
		return plait__error(
			PLAIT_ESHAPE,
			"%s: samples are %s %s; transforms are for uint8 images, [H,W] or [C,H,W]",
			info->spec, plait_dtype_name(info->dtype),
			plait_shape_text(info->ndim, info->dim, text, sizeof text));
	memcpy(image + 3 - info->ndim, info->dim, (size_t)info->ndim * sizeof *image);
	if (image[0] != 1 && image[0] != 3)
		return plait__error(
			PLAIT_ESHAPE,
			"%s: samples are %s; transforms are for images [H,W] or [C,H,W] "
			"with 1 or 3 channels (layout=hwc says that channels come last)",
			info->spec, plait_shape_text(info->ndim, info->dim, text, sizeof text));
	status = plait_transform_shape(transform, image, dataset->varying, dim);
	if (status < 0)
		return dataset->varying ? differ(dataset, plait_error_message()) : status;
	*ndim_p = 3;
	return 0;
}

/* Adds a part behind those that a slot has; returns where it begins. */
static size_t add_part(struct plait__slot_layout *layout, bool has, size_t bytes)
{
	size_t begin = layout->bytes;

	PLAIT__ASSERT(begin % PLAIT__ALIGN == 0, "the parts of a slot are aligned");
	layout->bytes += has ? plait__align(bytes) : 0;
	return begin;
}

int plait__feed_lay_out(struct plait__feed *feed)
{
	const struct plait_dataset_info *info = &feed->dataset->info;
	struct plait__slot_layout *layout = &feed->layout;
	int64_t row = 0, bytes;

	feed->elements = plait_shape_elements(feed->ndim, feed->dim);
	/* If this product fits, all sizes below do. */
	if (feed->elements < 0 ||
	    __builtin_add_overflow(feed->elements, info->targets + 2 + PLAIT__ALIGN, &row) ||
	    __builtin_mul_overflow(row, feed->options.batch_size, &bytes) || bytes > INT64_MAX / 8)
		return plait__error(PLAIT_ENOMEM,
				    "%s: a batch of %" PRId64 " samples does not fit in memory",
				    info->spec, feed->options.batch_size);
	size_t rows = (size_t)feed->options.batch_size;

	layout->bytes = plait__align(rows * plait__feed_row_bytes(feed));
	layout->labels_offset = add_part(layout, feed->has_labels, rows * sizeof(int32_t));
	layout->targets_offset =
		add_part(layout, feed->has_targets, rows * (size_t)info->targets * sizeof(float));
	layout->weights_offset = add_part(layout, feed->has_weights, rows * sizeof(float));
	layout->lengths_offset = add_part(layout, feed->has_lengths, rows * sizeof(int32_t));
	layout->key_offset = add_part(layout, feed->has_key, sizeof(uint64_t));
	return 0;
}

static int set_batches(struct plait__feed *feed)
{
	const struct plait_loader_options *o = &feed->options;
	int64_t positions = feed->sampler.positions;

	feed->batches =
		positions / o->batch_size + (!o->drop_last && positions % o->batch_size != 0);
	if (feed->batches > 0)
		return 0;
	return plait__error(PLAIT_EINVAL,
			    "%s: %" PRId64 " samples are fewer than the batch size %" PRId64
			    ", and drop_last leaves out the short batch: nothing is left",
			    feed->dataset->info.spec, positions, o->batch_size);
}

int plait__feed_init(struct plait__feed *feed, struct plait_dataset *dataset,
		     const struct plait_loader_options *options, unsigned parts, int cpu_workers)
{
	const struct plait_dataset_info *info = &dataset->info;
	int status;

	*feed = (struct plait__feed){ .dataset = dataset, .slot_batches = 1 };
	if (options)
		feed->options = *options;
	feed->tunes_workers = feed->options.workers == 0;
	feed->tunes_prefetch = feed->options.prefetch == 0;
	status = check_options(&feed->options, dataset, cpu_workers);
	if (status == 0)
		status = plait__sampler_init(&feed->sampler, &feed->options.sampler, info,
					     feed->options.shuffle, feed->options.drop_last);
	if (status == 0)
		status = set_batches(feed);
	if (status == 0)
		status = plait_sample_shape(dataset, feed->options.transform, &feed->ndim,
					    feed->dim);
	if (status == 0)
		status = plait_normalize_check(&feed->options.normalize, feed->ndim, feed->dim);
	if (status < 0)
		return status;
	plait__affine_join(feed->options.transform, &feed->options.normalize, &feed->affine);
	feed->exceeds_cache =
		dataset->x &&
		info->samples > CACHE_BYTES / (int64_t)plait__dataset_sample_bytes(dataset);
	feed->has_labels = (parts & PLAIT__LABELS) && info->classes > 0;
	feed->has_targets = (parts & PLAIT__TARGETS) && info->targets > 0;
	feed->has_weights = (parts & PLAIT__WEIGHTS) || feed->options.pad_last ||
			    feed->options.bad.policy == PLAIT_BAD_MASK;
	feed->has_lengths = (parts & PLAIT__LENGTHS) && info->lengths;
	feed->has_key = parts & PLAIT__KEY;
	return plait__feed_lay_out(feed);
}

int plait__feed_widen(struct plait__feed *feed, int batches)
{
	int64_t bytes;

	PLAIT__ASSERT(batches >= 1, "a slot has room for a batch");
	if (__builtin_mul_overflow((int64_t)feed->layout.bytes, batches, &bytes))
		return plait__error(PLAIT_ENOMEM,
				    "%s: %d batches of %" PRId64 " samples do not fit in memory",
				    feed->dataset->info.spec, batches, feed->options.batch_size);
	feed->slot_batches = batches;
	return 0;
}

void plait__feed_fini(struct plait__feed *feed)
{
	plait__sampler_free(&feed->sampler);
}

int64_t plait__feed_rows(const struct plait__feed *feed, int64_t index)
{
	return feed->options.pad_last ? feed->options.batch_size : plait__feed_samples(feed, index);
}

int64_t plait__feed_samples(const struct plait__feed *feed, int64_t index)
{
	int64_t batch = feed->options.batch_size;
	int64_t left = feed->sampler.positions - index * batch;

	PLAIT__ASSERT(index >= 0 && index < feed->batches, "a batch is one of its epoch");

	return left < batch ? left : batch;
}

/* The tasks that fill parts of one batch must agree on its length. */
int64_t plait__feed_length(const struct plait__feed *feed, int64_t epoch, int64_t index)
{
	struct plait__epoch_order order;
	int64_t begin = index * feed->options.batch_size, longest = 1;
	int64_t end = begin + plait__feed_samples(feed, index);

	/* A substitute for a bad sample may be longer than all samples of the batch. */
	if (!feed->has_lengths || feed->options.bad.policy == PLAIT_BAD_REPLACE)
		return feed->dim[0];
	order = plait__sampler_epoch(&feed->sampler, feed->options.seed, epoch);
	for (int64_t at = begin; at < end; at++) {
		uint64_t key;
		int64_t i = plait__sampler_at(&order, at, &key);

		if (i >= 0 && feed->dataset->info.lengths[i] > longest)
			longest = feed->dataset->info.lengths[i];
	}
	return longest;
}
