/* SPDX-License-Identifier: MIT
 * Batches of bytes.  A device makes of them, bit for bit, the values of a batch of floats, for
 * every kind of data set and whichever worker fills the slots. */
#include "config.h"
#include "src/base/scalar.h"
#include "src/loader/feed.h"
#include "tests/nets.h"
#include "tests/dataset/packed.h"

enum { SAMPLES = 50, CLASSES = 3 };

/* -- sources -------------------------------------------------------------------------- */

static uint8_t noise(uint64_t sample, uint64_t i)
{
	return (uint8_t)(plait__random(sample + 5, i) >> 56);
}

static int read_noise(void *user, int64_t index, uint64_t key, void *x, int32_t *label,
		      float *target)
{
	const int64_t *bad = user;
	uint8_t *byte = x;

	(void)key;
	(void)target;
	for (uint64_t i = 0; i < 60; i++)
		byte[i] = noise((uint64_t)index, i);
	if (label)
		*label = (int32_t)(index % CLASSES);
	return bad && index == *bad ? 17 : 0;
}

static struct plait_dataset *from_callback(int64_t *bad)
{
	struct plait_dataset_info info = { .spec = "noise",
					   .samples = SAMPLES,
					   .dtype = PLAIT_U8,
					   .ndim = 3,
					   .dim = { 3, 5, 4 },
					   .classes = CLASSES };
	struct plait_dataset *set = NULL;

	if (plait_dataset_from_callback(&set, &info, read_noise, bad) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* channels 0: [5,12] without a dimension for them. */
static struct plait_dataset *from_memory(int64_t channels)
{
	static uint8_t x[SAMPLES * 60];
	static int32_t labels[SAMPLES];
	struct plait_tensor tx = {
		.dtype = PLAIT_U8, .ndim = 4, .dim = { SAMPLES, 3, 5, 4 }, .data = x
	};
	struct plait_tensor ty = {
		.dtype = PLAIT_I32, .ndim = 1, .dim = { SAMPLES }, .data = labels
	};
	struct plait_dataset *set = NULL;

	if (channels == 0)
		tx = (struct plait_tensor){
			.dtype = PLAIT_U8, .ndim = 3, .dim = { SAMPLES, 5, 12 }, .data = x
		};
	for (int i = 0; i < SAMPLES; i++) {
		labels[i] = i % CLASSES;
		for (int j = 0; j < 60; j++)
			x[60 * i + j] = noise((uint64_t)i, (uint64_t)j);
	}
	if (plait_dataset_from_memory(&set, &tx, &ty, CLASSES) < 0)
		tap_bail_out("%s", plait_error_message());
	return set;
}

/* -- the same values ------------------------------------------------------------------ */

struct setting {
	const char *words; /* NULL: no transform */
	struct plait_normalize normalize;
};

static const struct setting settings[] = {
	{ NULL, { 0 } },
	{ NULL, { .channels = 1, .mean = { 0.3f }, .std = { 0.7f } } },
	{ "flip crop:4,1", { 0 } },
	{ "crop:4x5,2 flip cutout:2 normalize:0.5;0.2", { 0 } },
	{ "flip normalize:0.25;0.5", { .channels = 1, .mean = { 0.1f }, .std = { 0.3f } } },
};

static const struct setting coloured[] = {
	{ NULL, { .channels = 3, .mean = { 0.1f, 0.2f, 0.3f }, .std = { 0.4f, 0.5f, 0.6f } } },
	{ "crop:3,1 flip normalize:0.485,0.456,0.406;0.229,0.224,0.225", { 0 } },
	{ "cutout:3 normalize:0.5;0.2",
	  { .channels = 3, .mean = { 0.1f, 0.2f, 0.3f }, .std = { 0.4f, 0.5f, 0.6f } } },
};

/* Counts the elements of a batch of bytes that differ from the batch of floats. */
static int64_t differences(const struct plait_batch *floats, const struct plait_batch *bytes,
			   int64_t elements, int channels, const float *scale, const float *shift)
{
	int64_t part = elements / channels, wrong = 0;

	wrong += floats->samples != bytes->samples || floats->epoch != bytes->epoch ||
		 floats->index != bytes->index || floats->bytes || bytes->x;
	wrong += memcmp(floats->labels, bytes->labels,
			(size_t)floats->samples * sizeof *floats->labels) != 0;
	for (int64_t i = 0; i < floats->samples * elements && !bytes->x; i++) {
		int64_t c = i % elements / part;
		float value = plait__normalize(bytes->bytes[i], scale[c], shift[c]);

		wrong += memcmp(&value, &floats->x[i], sizeof value) != 0;
	}
	return wrong;
}

static void same_values(const char *source, struct plait_dataset *set,
			const struct setting *setting)
{
	struct plait_loader_options options = {
		.batch_size = 8, .shuffle = true, .seed = 4, .normalize = setting->normalize
	};
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	struct plait_transform *transform = NULL;
	struct plait_loader *floats, *bytes;
	int64_t dim[PLAIT_MAX_DIMS], wrong = 0;
	int ndim, channels, ends = 0;

	if (setting->words && plait_transform_parse(&transform, setting->words) < 0)
		tap_bail_out("%s", plait_error_message());
	options.transform = transform;
	floats = loader_open(set, options);
	options.dtype = PLAIT_U8;
	bytes = loader_open(set, options);
	channels = plait_transform_affine(transform, &options.normalize, scale, shift);
	if (channels < 1 || plait_sample_shape(set, transform, &ndim, dim) < 0)
		tap_bail_out("%s", plait_error_message());
	while (ends < 2) {
		struct plait_batch a = { 0 }, b = { 0 };
		int status = plait_loader_next(floats, &a), other = plait_loader_next(bytes, &b);

		if (status < 0 || other < 0)
			tap_bail_out("%s", plait_error_message());
		wrong += status != other;
		ends += status == PLAIT_END;
		if (status == 0)
			wrong += differences(&a, &b, plait_shape_elements(ndim, dim), channels,
					     scale, shift);
		plait_loader_release(floats);
		plait_loader_release(bytes);
	}
	is_int(wrong, 0, "%s, \"%s\", %d channels of normalize: the floats' bits", source,
	       setting->words ? setting->words : "", setting->normalize.channels);
	plait_loader_destroy(bytes);
	plait_loader_destroy(floats);
	plait_transform_destroy(transform);
}

static void all_settings(const char *source, struct plait_dataset *set, bool colours)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		same_values(source, set, &settings[i]);
	for (size_t i = 0; colours && i < sizeof coloured / sizeof *coloured; i++)
		same_values(source, set, &coloured[i]);
	plait_dataset_destroy(set);
}

/* -- the same bytes whoever makes them ------------------------------------------------ */

static uint64_t hash_epochs(struct plait_dataset *set, const struct plait_transform *transform,
			    int workers, int prefetch, int64_t chunk)
{
	struct plait_loader *loader =
		loader_open(set, (struct plait_loader_options){ .batch_size = 12,
								.shuffle = true,
								.workers = workers,
								.prefetch = prefetch,
								.chunk = chunk,
								.seed = 9,
								.transform = transform,
								.dtype = PLAIT_U8 });
	uint64_t hash = 0;

	for (int end = 0; end < 2;) {
		struct plait_batch batch;
		int status = plait_loader_next(loader, &batch);

		if (status < 0)
			tap_bail_out("%s", plait_error_message());
		end += status == PLAIT_END;
		for (int64_t i = 0; status == 0 && i < batch.samples * 3 * 4 * 4; i++)
			hash = plait__key(hash, batch.bytes[i]);
		plait_loader_release(loader);
	}
	plait_loader_destroy(loader);
	return hash;
}

static void same_hash(void)
{
	struct plait_dataset *set = from_memory(3);
	struct plait_transform *transform;
	uint64_t first;
	int differ = 0;

	if (plait_transform_parse(&transform, "random-resized-crop:4 color-jitter:0.2,0.2,0.2") < 0)
		tap_bail_out("%s", plait_error_message());
	first = hash_epochs(set, transform, 1, 2, 12);
	for (int workers = 1; workers <= 4; workers *= 2)
		for (int prefetch = 2; prefetch <= 5; prefetch += 3)
			for (int64_t chunk = 0; chunk <= 12; chunk = chunk * 3 + 1)
				differ += hash_epochs(set, transform, workers, prefetch, chunk) !=
					  first;
	is_int(differ, 0, "the same bytes from any workers, chunks and prefetch");
	plait_transform_destroy(transform);
	plait_dataset_destroy(set);
}

/* -- memory --------------------------------------------------------------------------- */

static void slots(void)
{
	int64_t bad = 4;
	struct plait_dataset *set = from_callback(&bad);
	struct plait_loader_options options = { .batch_size = 64 };
	struct plait__feed floats, bytes;
	struct plait__load_worker worker = { 0 };
	unsigned char slot[8192];
	int wrong = 0, status;

	if (plait__feed_init(&floats, set, &options, PLAIT__LABELS | PLAIT__TARGETS, 1) < 0)
		tap_bail_out("%s", plait_error_message());
	options.dtype = PLAIT_U8;
	if (plait__feed_init(&bytes, set, &options, PLAIT__LABELS | PLAIT__TARGETS, 1) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(floats.layout.labels_offset, 4 * bytes.layout.labels_offset,
	       "bytes take a quarter of what floats take");
	memset(slot, 0xee, sizeof slot);
	status = plait__feed_fill(&bytes, 0, 0, 2, 3, slot, &worker);
	is_int(status, PLAIT_EDATA, "a sample that cannot be read");
	for (int i = 0; i < 64 * 60; i++)
		wrong += slot[i] != (i >= 2 * 60 && i < 5 * 60 ? 0 : 0xee);
	is_int(wrong, 0, "its rows are zero, those beside them are left alone");
	plait__load_worker_free(&worker);
	plait__feed_fini(&floats);
	plait__feed_fini(&bytes);
	plait_dataset_destroy(set);
}

/* -- refusals ------------------------------------------------------------------------- */

/* A loader's state is only for batches of the same type. */
static void states(void)
{
	struct plait_dataset *set = from_memory(3);
	struct plait_loader *floats = loader_open(set, (struct plait_loader_options){ 0 });
	struct plait_loader *bytes =
		loader_open(set, (struct plait_loader_options){ .dtype = PLAIT_U8 });
	struct plait_loader_state state = { 0 };

	if (plait_loader_state_save(floats, &state) < 0)
		tap_bail_out("%s", plait_error_message());
	refused(plait_loader_state_restore(bytes, &state), PLAIT_EINVAL, "dtype",
		"the state of a loader of floats, for one of bytes");
	plait_loader_destroy(floats);
	plait_loader_destroy(bytes);
	plait_dataset_destroy(set);
}

static void refusals(void)
{
	const struct plait_normalize two = { .channels = 2, .std = { 1, 1 } };
	const struct plait_normalize zero = { .channels = 1 };
	struct plait_dataset *floats = packed_source_floats(4), *bytes = from_memory(3);
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	struct plait_loader_options options = { .dtype = PLAIT_U8 };
	struct plait_loader *loader = NULL;
	struct plait_transform *transform;

	refused(plait_loader_create(&loader, floats, &options), PLAIT_EINVAL,
		"samples are float32: a batch of uint8 takes only uint8", "bytes of floats");
	options.dtype = PLAIT_I32;
	refused(plait_loader_create(&loader, bytes, &options), PLAIT_EINVAL,
		"must be float32 or uint8", "a batch of int32");
	is_int(plait_transform_affine(NULL, NULL, scale, shift), 1, "nothing to normalise by");
	ok(scale[0] == 1 && shift[0] == 0, "is a pair of 1 and 0");
	if (plait_transform_parse(&transform, "normalize:0.5,0.5,0.5;0.25,0.5,1") < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_transform_affine(transform, NULL, scale, shift), 3, "normalize of three");
	ok(scale[0] == 4 && shift[0] == -2 && scale[2] == 1 && shift[2] == -0.5f,
	   "is 1/std and -mean/std");
	refused(plait_transform_affine(transform, &two, scale, shift), PLAIT_ESHAPE,
		"2 channels after a transform that normalizes 3", "three, then two channels");
	refused(plait_transform_affine(NULL, &zero, scale, shift), PLAIT_EINVAL, "std",
		"a deviation of 0");
	plait_transform_destroy(transform);
	plait_dataset_destroy(floats);
	plait_dataset_destroy(bytes);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	all_settings("[3,5,4] in memory", from_memory(3), true);
	all_settings("[5,12] in memory", from_memory(0), false);
	all_settings("a function", from_callback(NULL), true);
	all_settings("stored planes", packed_source_planes(SAMPLES), true);
	if (packed_can_decode())
		all_settings("images", packed_source_images(SAMPLES, false), true);
	same_hash();
	slots();
	states();
	refusals();
	plait_stop();
	return tap_done();
}
