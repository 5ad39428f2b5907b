/* SPDX-License-Identifier: MIT
 * The order of samples and the filling of a slot.  Both are pure functions of (seed, epoch,
 * position), so neither worker count nor order of tasks can change a batch. */
#include "config.h"
#include "src/loader.h"
#include "src/permutation.h"

#include <inttypes.h>
#include <string.h>

/* Streams of the loader's seed. */
enum { KEY_ORDER, KEY_SAMPLE };

static int check_options(struct plait_loader_options *o, const struct plait_dataset *dataset,
			 int cpu_workers)
{
	const struct plait_dataset_info *info = &dataset->info;

	if (o->batch_size == 0)
		o->batch_size = 32;
	if (o->workers == 0)
		o->workers = cpu_workers > 0 ? cpu_workers : 1;
	if (o->prefetch == 0)
		o->prefetch = 4;
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
	if (o->drop_last && o->batch_size > info->samples)
		return plait__error(PLAIT_EINVAL,
				    "%s: %" PRId64 " samples are fewer than the batch size %" PRId64
				    ", and drop_last leaves out the short batch: nothing is left",
				    info->spec, info->samples, o->batch_size);
	return plait_normalize_check(&o->normalize, info->ndim, info->dim);
}

static int set_layout(struct plait_loader *loader)
{
	const struct plait_dataset_info *info = &loader->dataset->info;
	struct plait__slot_layout *layout = &loader->layout;
	int64_t row = 0, bytes;

	loader->elements = plait_shape_elements(info->ndim, info->dim);
	/* One product decides whether every size below fits. */
	if (loader->elements < 0 ||
	    __builtin_add_overflow(loader->elements, info->targets + 1 + PLAIT__ALIGN, &row) ||
	    __builtin_mul_overflow(row, loader->options.batch_size, &bytes) ||
	    bytes > INT64_MAX / 8)
		return plait__error(PLAIT_ENOMEM,
				    "%s: a batch of %" PRId64 " samples does not fit in memory",
				    info->spec, loader->options.batch_size);
	size_t rows = (size_t)loader->options.batch_size;

	layout->labels_offset = plait__align(rows * (size_t)loader->elements * sizeof(float));
	layout->targets_offset = layout->labels_offset +
				 (loader->with_labels ? plait__align(rows * sizeof(int32_t)) : 0);
	layout->bytes =
		layout->targets_offset +
		(loader->with_targets ? plait__align(rows * (size_t)info->targets * sizeof(float))
				      : 0);
	return 0;
}

int plait__loader_init(struct plait_loader *loader, struct plait_dataset *dataset,
		       const struct plait_loader_options *options, bool labels, bool targets,
		       int cpu_workers)
{
	const struct plait_dataset_info *info = &dataset->info;
	int status;

	*loader = (struct plait_loader){ .dataset = dataset };
	if (options)
		loader->options = *options;
	status = check_options(&loader->options, dataset, cpu_workers);
	if (status < 0)
		return status;
	int64_t batch = loader->options.batch_size;

	loader->batches =
		info->samples / batch + (!loader->options.drop_last && info->samples % batch != 0);
	loader->with_labels = labels && info->classes > 0;
	loader->with_targets = targets && info->targets > 0;
	return set_layout(loader);
}

int64_t plait_loader_batches(const struct plait_loader *loader)
{
	return loader->batches;
}

int64_t plait__loader_rows(const struct plait_loader *loader, int64_t index)
{
	int64_t batch = loader->options.batch_size;
	int64_t left = loader->dataset->info.samples - index * batch;

	return left < batch ? left : batch;
}

static struct plait__permutation order_of(const struct plait_loader *loader, int64_t epoch)
{
	uint64_t key = plait__key(plait__key(loader->options.seed, KEY_ORDER), (uint64_t)epoch);

	return plait__permutation_make((uint64_t)loader->dataset->info.samples, key);
}

int64_t plait_loader_sample(const struct plait_loader *loader, int64_t epoch, int64_t i)
{
	struct plait__permutation order;

	if (!loader->options.shuffle)
		return i;
	order = order_of(loader, epoch);
	return (int64_t)plait__permute(&order, (uint64_t)i);
}

/* x / 255, correctly rounded for every byte without dividing: the product is at most one
 * unit off, and the remainder says by how much.  tests/loader.c compares all 256. */
static inline float unit_from_byte(uint8_t byte)
{
	float v = byte, q = v * (1.0f / 255.0f);

	return q + (v - q * 255.0f) * (1.0f / 255.0f);
}

PLAIT__CLONES
static void convert_u8(int64_t n, const uint8_t *x, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = unit_from_byte(x[i]);
}

PLAIT__CLONES
static void normalize(int64_t n, float mean, float std, float *y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = (y[i] - mean) / std;
}

static void finish_sample(const struct plait_loader *loader, const void *x, float *y)
{
	const struct plait_normalize *norm = &loader->options.normalize;
	int64_t n = loader->elements;

	if (loader->dataset->info.dtype == PLAIT_U8)
		convert_u8(n, x, y);
	else if (x != y)
		memcpy(y, x, (size_t)n * sizeof *y);
	for (int c = 0; c < norm->channels; c++) {
		int64_t part = n / norm->channels;

		normalize(part, norm->mean[c], norm->std[c], y + c * part);
	}
}

/* One sample by the data set's own reader, which writes float32 straight into the slot. */
static int read_sample(const struct plait_loader *loader, int64_t index, uint64_t key, float *x,
		       int32_t *label, float *target, void *bounce)
{
	const struct plait_dataset *dataset = loader->dataset;
	void *raw = dataset->info.dtype == PLAIT_F32 ? (void *)x : bounce;
	int status = plait_dataset_read(dataset, index, key, raw, label, target);

	if (status < 0)
		return status;
	if (label && (*label < 0 || *label >= dataset->info.classes))
		return plait__error(PLAIT_ELABEL,
				    "%s: sample %" PRId64 ": label %" PRId32
				    ", must be 0 to %" PRId64,
				    dataset->info.spec, index, *label, dataset->info.classes - 1);
	finish_sample(loader, raw, x);
	return 0;
}

static void copy_sample(const struct plait_loader *loader, int64_t index, float *x, int32_t *label,
			float *target)
{
	const struct plait_dataset *dataset = loader->dataset;
	size_t bytes = plait__dataset_sample_bytes(dataset),
	       targets = (size_t)dataset->info.targets;

	finish_sample(loader, (const char *)dataset->x + (size_t)index * bytes, x);
	if (label)
		*label = dataset->labels[index];
	if (target)
		memcpy(target, dataset->targets + (size_t)index * targets,
		       targets * sizeof *target);
}

int plait__loader_fill(const struct plait_loader *loader, int64_t epoch, int64_t index,
		       unsigned char *slot, void *bounce)
{
	int64_t rows = plait__loader_rows(loader, index),
		first = index * loader->options.batch_size;
	struct plait__permutation order = order_of(loader, epoch);
	uint64_t key = plait__key(plait__key(loader->options.seed, KEY_SAMPLE), (uint64_t)epoch);
	float *x = (float *)slot;
	int32_t *labels =
		loader->with_labels ? (int32_t *)(slot + loader->layout.labels_offset) : NULL;
	float *targets =
		loader->with_targets ? (float *)(slot + loader->layout.targets_offset) : NULL;

	for (int64_t i = 0; i < rows; i++) {
		int64_t sample = first + i;
		int32_t *label = labels ? labels + i : NULL;
		float *target = targets ? targets + i * loader->dataset->info.targets : NULL;
		int status = 0;

		if (loader->options.shuffle)
			sample = (int64_t)plait__permute(&order, (uint64_t)sample);
		if (loader->dataset->x)
			copy_sample(loader, sample, x + i * loader->elements, label, target);
		else
			status = read_sample(loader, sample, plait__key(key, (uint64_t)sample),
					     x + i * loader->elements, label, target, bounce);
		if (status < 0) {
			memset(slot, 0, loader->layout.bytes);
			return status;
		}
	}
	return 0;
}
