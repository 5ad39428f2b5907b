/* SPDX-License-Identifier: MIT
 * Making samples: from memory, from the user's function or from stored images, each written
 * once, where it belongs in the slot.  Pure functions of (loader, epoch, position). */
#include "config.h"
#include "src/loader.h"
#include "src/permutation.h"
#include "src/transform_pixels.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void plait__tools_free(struct plait__tools *tools)
{
	plait__buffer_free(&tools->record);
	plait__buffer_free(&tools->pixels);
	plait__buffer_free(&tools->scratch);
}

PLAIT__CLONES
static void convert_u8(int64_t n, const uint8_t *x, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__unit_from_byte(x[i]);
}

PLAIT__CLONES
static void normalize(int64_t n, float mean, float std, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = (y[i] - mean) / std;
}

static void normalize_sample(const struct plait_loader *loader, float *y)
{
	const struct plait_normalize *norm = &loader->options.normalize;

	for (int c = 0; c < norm->channels; c++) {
		int64_t part = loader->elements / norm->channels;

		normalize(part, norm->mean[c], norm->std[c], y + c * part);
	}
}

/* What the transforms want: rows of interleaved pixels. */
static int interleave(const struct plait_loader *loader, const uint8_t *planes,
		      struct plait__tools *tools, struct plait__image *image)
{
	const struct plait_dataset_info *info = &loader->dataset->info;
	int channels = info->ndim == 3 ? (int)info->dim[0] : 1;
	int height = (int)info->dim[info->ndim - 2], width = (int)info->dim[info->ndim - 1];
	size_t plane = (size_t)height * (size_t)width;
	uint8_t *pixels;

	*image = (struct plait__image){ .pixels = planes,
					.width = width,
					.height = height,
					.channels = channels,
					.stride = (size_t)width * (size_t)channels };
	if (channels == 1)
		return 0;
	pixels = plait__buffer_reserve(&tools->pixels, plane * (size_t)channels);
	if (!pixels)
		return PLAIT_ENOMEM;
	for (size_t i = 0; i < plane; i++)
		for (int c = 0; c < channels; c++)
			pixels[i * (size_t)channels + (size_t)c] = planes[(size_t)c * plane + i];
	image->pixels = pixels;
	return 0;
}

/* uint8 planes or floats of the data set's shape, to the sample. */
static int finish_array(const struct plait_loader *loader, const void *x, uint64_t key,
			struct plait__tools *tools, float *y)
{
	struct plait__image image;
	int status;

	if (loader->options.transform) {
		status = interleave(loader, x, tools, &image);
		if (status == 0)
			status = plait__transform_apply(loader->options.transform, &image, key,
							&tools->scratch, y);
		if (status < 0)
			return status;
	} else if (loader->dataset->info.dtype == PLAIT_U8) {
		convert_u8(loader->elements, x, y);
	} else if (x != y) {
		memcpy(y, x, (size_t)loader->elements * sizeof *y);
	}
	normalize_sample(loader, y);
	return 0;
}

static int check_label(const struct plait_loader *loader, int64_t index, int32_t label)
{
	const struct plait_dataset_info *info = &loader->dataset->info;

	if (label >= 0 && label < info->classes)
		return 0;
	return plait__error(PLAIT_ELABEL,
			    "%s: sample %" PRId64 ": label %" PRId32 ", must be 0 to %" PRId64,
			    info->spec, index, label, info->classes - 1);
}

static int from_memory(const struct plait_loader *loader, int64_t index, uint64_t key,
		       struct plait__tools *tools, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = loader->dataset;
	size_t bytes = plait__dataset_sample_bytes(dataset);
	size_t targets = (size_t)dataset->info.targets;

	if (sample->label)
		*sample->label = dataset->labels[index];
	if (sample->target)
		memcpy(sample->target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *sample->target);
	return finish_array(loader, (const char *)dataset->x + (size_t)index * bytes, key, tools,
			    sample->x);
}

/* By the data set's own reader, which writes float32 straight into the slot. */
static int from_reader(const struct plait_loader *loader, int64_t index, uint64_t key,
		       struct plait__tools *tools, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = loader->dataset;
	void *raw = sample->x;
	int status;

	if (dataset->info.dtype != PLAIT_F32)
		raw = plait__buffer_reserve(&tools->record, plait__dataset_sample_bytes(dataset));
	if (!raw)
		return PLAIT_ENOMEM;
	status = plait_dataset_read(dataset, index, key, raw, sample->label, sample->target);
	if (status == 0 && sample->label)
		status = check_label(loader, index, *sample->label);
	return status < 0 ? status : finish_array(loader, raw, key, tools, sample->x);
}

/* A folder is opened without reading all its images: one of another size may turn up here, and
 * must fit its row of the slot. */
static int check_size(const struct plait_loader *loader, const struct plait__image *image)
{
	const int64_t *expected = loader->dataset->info.dim;
	int64_t dim[3] = { image->channels, image->height, image->width }, result[3];
	const struct plait_transform *transform = loader->options.transform;
	int status = 0;

	if (dim[1] == expected[1] && dim[2] == expected[2])
		return 0;
	memcpy(result, dim, sizeof dim);
	if (transform)
		status = plait_transform_shape(transform, dim, false, result);
	if (status < 0 || memcmp(result, loader->dim, sizeof result) == 0)
		return status;
	return plait__error(PLAIT_ESHAPE,
			    "%dx%d pixels, where %" PRId64 "x%" PRId64
			    " were expected: a transform must make them equal",
			    image->width, image->height, expected[2], expected[1]);
}

static int from_record(const struct plait_loader *loader, int64_t index, uint64_t key,
		       struct plait__tools *tools, struct plait__sample *sample)
{
	const struct plait_dataset *dataset = loader->dataset;
	struct plait__record record;
	struct plait__image image;
	int status = dataset->record(dataset, index, &tools->record, &record);

	if (status < 0)
		return status;
	if (sample->label) {
		*sample->label = record.label;
		status = check_label(loader, index, record.label);
	}
	if (status < 0)
		return status;
	if (record.kind == PLAIT__RECORD_PLANES)
		return finish_array(loader, record.bytes, key, tools, sample->x);
	status = plait__image_decode(record.bytes, record.size, (int)dataset->info.dim[0],
				     &tools->pixels, &image);
	if (status == 0)
		status = check_size(loader, &image);
	if (status == 0)
		status = plait__transform_apply(loader->options.transform, &image, key,
						&tools->scratch, sample->x);
	if (status < 0)
		return plait__error(status, "%s: sample %" PRId64 ": %s at byte %" PRId64 ": %s",
				    dataset->info.spec, index, record.path, record.offset,
				    plait_error_message());
	normalize_sample(loader, sample->x);
	return 0;
}

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

int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       int64_t first, int64_t rows, unsigned char *slot, struct plait__tools *tools)
{
	const struct plait_dataset *dataset = loader->dataset;
	struct plait__permutation order = plait__loader_order(loader, epoch);
	uint64_t key = plait__loader_key(loader, epoch);

	for (int64_t row = first; row < first + rows; row++) {
		struct plait__sample sample = sample_at(loader, slot, row);
		int64_t i = index * loader->options.batch_size + row;
		int status;

		if (loader->options.shuffle)
			i = (int64_t)plait__permute(&order, (uint64_t)i);
		uint64_t own = plait__key(key, (uint64_t)i);

		if (dataset->x)
			status = from_memory(loader, i, own, tools, &sample);
		else if (dataset->record)
			status = from_record(loader, i, own, tools, &sample);
		else
			status = from_reader(loader, i, own, tools, &sample);
		if (status < 0) {
			clear(loader, slot, first, rows);
			return status;
		}
	}
	return 0;
}
