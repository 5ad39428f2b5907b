/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "tests/dataset/packed.h"
#include "tests/pictures.h"

static const char *const names[] = { "ant", "bee", "cow" };

bool packed_can_decode(void)
{
	return pictures_have_png() || pictures_have_jpeg();
}

struct images {
	struct picture picture[64];
};

static int fetch(const struct plait_dataset *dataset, int64_t index, struct plait__buffer *memory,
		 struct plait__stored *stored)
{
	const struct images *images = dataset->state;
	const struct picture *p = &images->picture[index];

	(void)memory;
	*stored = (struct plait__stored){ .kind = dataset->user ? PLAIT__STORED_PLANES
								: PLAIT__STORED_ENCODED,
					  .bytes = p->bytes,
					  .size = p->size,
					  .label = dataset->labels[index],
					  .path = "source" };
	return 0;
}

static void destroy(struct plait_dataset *dataset)
{
	struct images *images = dataset->state;

	for (int i = 0; i < 64; i++)
		free(images->picture[i].bytes);
	free(images);
	free((void *)dataset->labels);
}

static struct picture noise(size_t size, int i)
{
	struct picture p = { malloc(size), size };

	for (size_t k = 0; k < size; k++)
		p.bytes[k] = (unsigned char)((k + 1) * (unsigned)(7 * i + 3));
	return p;
}

static struct plait_dataset *stored(int64_t samples)
{
	struct plait_dataset *dataset = calloc(1, sizeof *dataset);
	int32_t *labels = malloc((size_t)samples * sizeof *labels);

	for (int64_t i = 0; i < samples; i++)
		labels[i] = (int32_t)(i % 2);
	dataset->info = (struct plait_dataset_info){ .spec = strdup("test:records"),
						     .samples = samples,
						     .dtype = PLAIT_U8,
						     .ndim = 3,
						     .dim = { 3, 5, 4 },
						     .classes = 3 };
	dataset->info.class_names = memcpy(malloc(sizeof names), names, sizeof names);
	dataset->labels = labels;
	dataset->fetch = fetch;
	dataset->destroy = destroy;
	dataset->state = calloc(1, sizeof(struct images));
	return dataset;
}

struct plait_dataset *packed_source_images(int64_t samples, bool varying)
{
	struct plait_dataset *dataset = stored(samples);
	struct images *images = dataset->state;

	for (int i = 0; i < samples; i++) {
		int kind = !pictures_have_png() ? 1 : !pictures_have_jpeg() ? 0 : i % 2;
		bool odd = varying && i == samples - 1;

		images->picture[i] = packed_can_decode() ? pictures_small(kind, odd ? 6 : 4, 5, i)
							 : noise(100 + (size_t)i, i);
	}
	return dataset;
}

struct plait_dataset *packed_source_planes(int64_t samples)
{
	static char planes;
	struct plait_dataset *dataset = stored(samples);
	struct images *images = dataset->state;

	dataset->user = &planes;
	for (int i = 0; i < samples; i++)
		images->picture[i] = noise(60, i);
	return dataset;
}

struct plait_dataset *packed_source_floats(int64_t samples)
{
	static float x[64 * 6], y[64 * 3];
	struct plait_tensor tx = { NULL, PLAIT_F32, 3, { samples, 2, 3 }, x };
	struct plait_tensor ty = { NULL, PLAIT_F32, 2, { samples, 3 }, y };
	struct plait_dataset *dataset = NULL;

	for (int i = 0; i < 64 * 6; i++)
		x[i] = (float)i / 7;
	for (int i = 0; i < 64 * 3; i++)
		y[i] = (float)-i / 3;
	if (plait_dataset_from_memory(&dataset, &tx, &ty, 0) < 0)
		tap_bail_out("%s", plait_error_message());
	return dataset;
}

struct plait__packed_result packed_write(const char *name, const struct plait_dataset *dataset,
					 bool raw)
{
	struct plait__packed_result result;

	if (plait__packed_write(files_path(name), dataset,
				&(struct plait__packed_options){ .raw = raw }, &result) < 0)
		tap_bail_out("%s: %s", name, plait_error_message());
	return result;
}

const char *packed_spec(const char *name)
{
	return files_spec("packed:%s", name, name);
}

static bool same_info(const struct plait_dataset_info *a, const struct plait_dataset_info *b)
{
	bool same = a->samples == b->samples && a->dtype == b->dtype && a->ndim == b->ndim &&
		    memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim) == 0 &&
		    a->classes == b->classes && a->targets == b->targets &&
		    !a->class_names == !b->class_names;

	for (int64_t i = 0; same && a->class_names && i < a->classes; i++)
		same = strcmp(a->class_names[i], b->class_names[i]) == 0;
	return same;
}

int64_t packed_differ(const struct plait_dataset *a, const struct plait_dataset *b)
{
	size_t bytes = plait__dataset_sample_bytes(a), targets = (size_t)a->info.targets * 4;
	unsigned char *x = malloc(2 * bytes);
	float *y = calloc(2, targets + 4);
	int64_t differ = 0;

	if (!same_info(&a->info, &b->info))
		return -1;
	for (int64_t i = 0; i < a->info.samples; i++) {
		int32_t p = -1, q = -1;

		if (plait_dataset_read(a, i, 0, x, &p, y) < 0 ||
		    plait_dataset_read(b, i, 0, x + bytes, &q, y + a->info.targets) < 0)
			tap_bail_out("sample %lld: %s", (long long)i, plait_error_message());
		differ += memcmp(x, x + bytes, bytes) != 0 || p != q ||
			  memcmp(y, y + a->info.targets, targets) != 0;
	}
	free(x);
	free(y);
	return differ;
}
