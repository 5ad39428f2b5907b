/* SPDX-License-Identifier: MIT
 * Making one sample, in its place in the slot.  It is read from memory, from the user's function,
 * or as a stored image from the data set or the cache.  The result depends only on feed, index and
 * key. */
#include "config.h"
#include "src/loader/cache.h"
#include "src/loader/feed.h"
#include "src/transform/pixels.h"

#include <inttypes.h>
#include <string.h>

void plait__load_worker_free(struct plait__load_worker *worker)
{
	plait__buffer_free(&worker->stored);
	plait__buffer_free(&worker->pixels);
	plait__buffer_free(&worker->turned);
	plait__buffer_free(&worker->scratch);
}

void plait__load_worker_stages(const struct plait__load_worker *worker, double busy,
			       double *microseconds)
{
	const double *us = worker->microseconds;
	double timed = us[PLAIT__FETCH] + us[PLAIT__DECODE] + us[PLAIT__TRANSFORM];

	microseconds[PLAIT__IDLE] = 0;
	for (int i = PLAIT__FETCH; i < PLAIT__STAGES; i++)
		microseconds[i] = timed > 0 ? busy * us[i] / timed : 0;
}

/* Elements of a sample as it is delivered, without padding. */
static size_t elements_of(const struct plait__feed *feed, int64_t index)
{
	const int32_t *lengths = feed->dataset->info.lengths;
	size_t elements = (size_t)feed->elements;

	return lengths ? elements / (size_t)feed->dim[0] * (size_t)lengths[index] : elements;
}

static void convert_bytes(const struct plait__feed *feed, size_t elements, const uint8_t *x,
			  float *y)
{
	const struct plait__affine *affine = &feed->affine;
	int channels = affine->channels > 1 ? affine->channels : 1;
	size_t part = elements / (size_t)channels;

	for (int c = 0; c < channels; c++, x += part, y += part)
		plait__convert(part, x, plait__affine_scale(affine, c),
			       plait__affine_shift(affine, c), y);
}

/* A product and a sum, as for bytes, would lose digits if the mean is many times the std. */
PLAIT__CLONES
static void normalize(size_t n, const float *x, float mean, float std, float *y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - mean) / std;
}

static void convert_floats(const struct plait__feed *feed, size_t elements, const float *x,
			   float *y)
{
	const struct plait_normalize *norm = &feed->options.normalize;
	size_t part = elements;

	if (norm->channels == 0 && x != y)
		memcpy(y, x, part * sizeof *y);
	else if (norm->channels > 0)
		part /= (size_t)norm->channels;
	for (int c = 0; c < norm->channels; c++, x += part, y += part)
		normalize(part, x, norm->mean[c], norm->std[c], y);
}

static int transform_image(const struct plait__feed *feed, const struct plait__image *image,
			   uint64_t key, struct plait__load_worker *worker, void *y)
{
	const struct plait_transform *transform = feed->options.transform;

	plait__load_stage(worker, PLAIT__TRANSFORM);
	return feed->options.dtype == PLAIT_U8
		       ? plait__transform_apply_bytes(transform, image, key, &worker->scratch, y)
		       : plait__transform_apply(transform, image, key, &feed->affine,
						&worker->scratch, y);
}

static int transform_array(const struct plait__feed *feed, const uint8_t *x, uint64_t key,
			   struct plait__load_worker *worker, void *y)
{
	const struct plait_dataset_info *info = &feed->dataset->info;
	struct plait__image image = { .pixels = x,
				      .width = (int)info->dim[info->ndim - 1],
				      .height = (int)info->dim[info->ndim - 2],
				      .channels = info->ndim == 3 ? (int)info->dim[0] : 1,
				      .stride = (size_t)info->dim[info->ndim - 1],
				      .planar = true };

	return transform_image(feed, &image, key, worker, y);
}

/* Makes the sample of uint8 planes or floats of the data set's shape. */
static int finish_array(const struct plait__feed *feed, int64_t index, const void *x, uint64_t key,
			struct plait__load_worker *worker, void *y)
{
	size_t elements = elements_of(feed, index);

	plait__load_stage(worker, PLAIT__TRANSFORM);
	if (feed->options.transform)
		return transform_array(feed, x, key, worker, y);
	if (feed->dataset->info.dtype != PLAIT_U8)
		convert_floats(feed, elements, x, y);
	else if (feed->options.dtype != PLAIT_U8)
		convert_bytes(feed, elements, x, y);
	else if (x != y)
		memcpy(y, x, elements);
	return 0;
}

static int check_label(const struct plait__feed *feed, int64_t index, int32_t label)
{
	const struct plait_dataset_info *info = &feed->dataset->info;

	if (label >= 0 && label < info->classes)
		return 0;
	return plait__error(PLAIT_ELABEL,
			    "%s: sample %" PRId64 ": label %" PRId32 ", must be 0 to %" PRId64,
			    info->spec, index, label, info->classes - 1);
}

#define CACHE_LINE 64
/* The rest of a longer sample is loaded by the processor itself, which sees that it is read in
 * order. */
#define PREFETCH_BYTES 4096

void plait__sample_prefetch(const struct plait__feed *feed, int64_t index)
{
	const struct plait_dataset *dataset = feed->dataset;
	size_t bytes = plait__dataset_sample_bytes(dataset);
	const char *x = dataset->x;

	x += (size_t)index * bytes;
	if (dataset->there)
		__builtin_prefetch(dataset->there + index);
	for (size_t i = 0; i < bytes && i < PREFETCH_BYTES; i += CACHE_LINE)
		__builtin_prefetch(x + i);
}

static void copy_target(const struct plait_dataset *dataset, int64_t index,
			struct plait__sample *sample)
{
	size_t targets = (size_t)dataset->info.targets;

	if (sample->target)
		memcpy(sample->target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *sample->target);
}

static int from_memory(const struct plait__feed *feed, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = feed->dataset;
	size_t bytes = plait__dataset_sample_bytes(dataset);
	struct plait__stored where = { 0 };
	int status = plait__dataset_bring(dataset, index, &where);

	if (status < 0) {
		worker->path = where.path;
		worker->offset = where.offset;
		return status;
	}
	if (sample->label)
		*sample->label = dataset->labels[index];
	copy_target(dataset, index, sample);
	return finish_array(feed, index, (const char *)dataset->x + (size_t)index * bytes, key,
			    worker, sample->x);
}

/* By the data set's function, which writes into the slot if nothing has to be converted. */
static int from_reader(const struct plait__feed *feed, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = feed->dataset;
	void *raw = sample->x;
	int status;

	if (feed->options.transform || dataset->info.dtype != feed->options.dtype)
		raw = plait__buffer_reserve(&worker->stored, plait__dataset_sample_bytes(dataset));
	if (!raw)
		return PLAIT_ENOMEM;
	plait__load_stage(worker, PLAIT__FETCH);
	status = plait__dataset_read(dataset, index, key, raw, sample->label, sample->target);
	if (status == 0 && sample->label)
		status = check_label(feed, index, *sample->label);
	return status < 0 ? status : finish_array(feed, index, raw, key, worker, sample->x);
}

/* This image may have another size than most.  Its result
 * must fit its row of the slot. */
static int check_size(const struct plait__feed *feed, const struct plait__image *image)
{
	const int64_t *expected = feed->dataset->info.dim;
	int64_t dim[3] = { image->channels, image->height, image->width }, result[3];
	const struct plait_transform *transform = feed->options.transform;
	int status = 0;

	if (dim[1] == expected[1] && dim[2] == expected[2])
		return 0;
	memcpy(result, dim, sizeof dim);
	if (transform)
		status = plait_transform_shape(transform, dim, false, result);
	if (status < 0 || memcmp(result, feed->dim, sizeof result) == 0)
		return status;
	return plait__dataset_wrong_size(feed->dataset, image->height, image->width);
}

static int decode(const struct plait__feed *feed, const struct plait__stored *stored,
		  struct plait__load_worker *worker, struct plait__image *image)
{
	int status;

	plait__load_stage(worker, PLAIT__DECODE);
	status = plait__dataset_decode(feed->dataset, stored, &worker->pixels, &worker->turned,
				       image);
	return status < 0 ? status : check_size(feed, image);
}

static int from_record(const struct plait__feed *feed, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = feed->dataset;
	struct plait__stored stored = { 0 };
	struct plait__image image;
	bool cached;
	int status = 0;

	plait__load_stage(worker, PLAIT__FETCH);
	cached = plait__cache_find(worker->cache, index, &stored, &image);
	if (!cached)
		status = dataset->fetch(dataset, index, &worker->stored, &stored);
	worker->path = stored.path;
	worker->offset = stored.offset;
	if (status == 0 && sample->label) {
		*sample->label = plait__dataset_label(dataset, index, &stored);
		status = check_label(feed, index, *sample->label);
	}
	if (status < 0)
		return status;
	copy_target(dataset, index, sample);
	if (stored.kind == PLAIT__STORED_ENCODED && !image.pixels)
		status = decode(feed, &stored, worker, &image);
	if (status == 0 && !cached)
		plait__cache_add(worker->cache, index, &stored, &image);
	if (stored.kind == PLAIT__STORED_PLANES)
		return finish_array(feed, index, stored.bytes, key, worker, sample->x);
	if (status == 0)
		status = transform_image(feed, &image, key, worker, sample->x);
	if (status < 0 && stored.offset > 0)
		return plait__error(status, "%s: sample %" PRId64 ": %s at byte %" PRId64 ": %s",
				    dataset->info.spec, index, stored.path, stored.offset,
				    plait_error_message());
	if (status < 0) /* at offset 0 the sample is a whole file */
		return plait__error(status, "%s: sample %" PRId64 ": %s: %s", dataset->info.spec,
				    index, stored.path, plait_error_message());
	return 0;
}

static void pad(const struct plait__feed *feed, int64_t index, struct plait__sample *sample)
{
	size_t used = elements_of(feed, index) * plait_dtype_size(feed->options.dtype);

	memset((char *)sample->x + used, 0, sample->bytes - used);
	if (sample->length)
		*sample->length = feed->dataset->info.lengths[index];
}

int plait__sample_make(const struct plait__feed *feed, int64_t index, uint64_t key,
		       struct plait__load_worker *worker, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = feed->dataset;
	int status;

	__atomic_store_n(&worker->sample, index, __ATOMIC_RELAXED);
	worker->path = NULL;
	worker->offset = 0;
	if (dataset->x)
		status = from_memory(feed, index, key, worker, sample);
	else if (dataset->fetch)
		status = from_record(feed, index, key, worker, sample);
	else
		status = from_reader(feed, index, key, worker, sample);
	if (status == 0 && dataset->info.lengths)
		pad(feed, index, sample);
	plait__load_stage(worker, PLAIT__IDLE);
	return status;
}
