/* SPDX-License-Identifier: MIT
 * Transforms that write bytes, and images in planes.  Both must have the result that interleaved
 * pixels have in floats. */
#include "config.h"
#include "src/transform/pixels.h"
#include "tests/transform/transform.h"

static uint8_t bytes[MAX_VALUES], planes[MAX_VALUES];

/* A user's function that depends on position, channel and key. */
static void stripes(void *user, uint64_t key, int height, int width, int channels, uint8_t *p)
{
	(void)user;
	for (int i = 0; i < height * width * channels; i++)
		p[i] = (uint8_t)(p[i] + i % 7 + (int)(key % 11));
}

static struct plait__image in_planes(const struct plait__image *image)
{
	int channels = image->channels, width = image->width, height = image->height;
	struct plait__image result = *image;

	result.pixels = planes;
	result.stride = (size_t)width + 3; /* rows with a gap */
	result.planar = true;
	memset(planes, 0xee, sizeof planes);
	for (int c = 0; c < channels; c++)
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++)
				planes[(size_t)(c * height + y) * result.stride + (size_t)x] =
					image->pixels[(size_t)y * image->stride +
						      (size_t)(x * channels + c)];
	return result;
}

/* Applies a transform to `bytes`, and checks that all of it is written and nothing behind it. */
static void apply_bytes(const struct plait_transform *transform, const struct plait__image *image,
			uint64_t key, int64_t n)
{
	static uint8_t again[MAX_VALUES];

	/* Writes over two different values, so that a byte that is left out is found. */
	memset(bytes, 1, (size_t)n + 1);
	memset(again, 2, (size_t)n + 1);
	memset(memory.bytes, 255, memory.capacity);
	if (plait__transform_apply_bytes(transform, image, key, &memory, bytes) < 0 ||
	    plait__transform_apply_bytes(transform, image, key, &memory, again) < 0)
		tap_bail_out("%s", plait_error_message());
	if (memcmp(bytes, again, (size_t)n) != 0 || bytes[n] != 1 || again[n] != 2)
		tap_bail_out("a byte was not written, or one behind the result was");
}

/* What a device makes of a byte. */
static float device(const struct plait__affine *affine, uint8_t byte, int c)
{
	return plait__normalize(byte, plait__affine_scale(affine, c),
				plait__affine_shift(affine, c));
}

/* Counts wrong values.  exact: only normalize was computed, so that values must be equal to the
 * last bit; otherwise a byte is rounded, and a value may differ by half a byte. */
static int compare(const struct plait_transform *transform, const struct plait__image *image,
		   uint64_t key, bool exact)
{
	struct plait__affine affine;
	int64_t dim[3], plane;
	int wrong = 0;

	apply_to(transform, image, key, dim);
	plane = dim[1] * dim[2];
	apply_bytes(transform, image, key, dim[0] * plane);
	plait__affine_join(transform, NULL, &affine);
	for (int64_t i = 0; i < dim[0] * plane; i++) {
		int c = (int)(i / plane);
		float value = device(&affine, bytes[i], c);
		/* Rounding in a resize may go beyond [0,1]; normalising rounds values up to 4. */
		double half = 0.5 / 255 * (double)plait__affine_scale(&affine, c) + 1e-5;

		wrong += exact ? value != result[i] : fabs((double)(value - result[i])) > half;
	}
	return wrong;
}

static const struct {
	const char *words;
	bool exact, call;
} cases[] = {
	{ "", true, false },
	{ "crop:20,4 flip", true, false },
	{ "flip:1 cutout:9 flip cutout:5", true, false },
	{ "center-crop:40x50 flip", true, false }, /* borders all around */
	{ "crop:70x9,40", true, false },           /* windows beside the image */
	{ "cutout:7 crop:24,8", true, false },     /* two stages */
	{ "crop:17 flip cutout:8", true, true },   /* and a user's function */
	{ "resize:19x23", false, false },
	{ "random-resized-crop:16 flip", false, false },
	{ "resize:40 center-crop:44x20", false, false },
	{ "color-jitter:0.4,0.4,0.4 flip", false, false },
	{ "resize:24 color-jitter:0.3,0,0.2 cutout:6", false, true },
};

static struct plait_transform *make(size_t i, const char *normalize)
{
	char words[128];
	struct plait_transform *transform;

	snprintf(words, sizeof words, "%s %s", cases[i].words, normalize);
	transform = parse(words);
	if (cases[i].call && plait_transform_append(transform, stripes, NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	return transform;
}

static void bytes_are_floats(size_t i, int channels)
{
	static const char *const normalize[] = { "", "normalize:0.25;0.5",
						 "normalize:0.485,0.456,0.406;0.229,0.224,0.225" };
	struct plait__image image = noise(33, 37, channels);
	/* After a user's function there are bytes, whatever was before it. */
	bool exact = cases[i].exact || cases[i].call;
	int wrong = 0;

	for (int n = 0; n < (channels == 3 ? 3 : 2); n++) {
		struct plait_transform *transform = make(i, normalize[n]);

		for (uint64_t key = 1; key <= 25; key++)
			wrong += compare(transform, &image, key, exact);
		plait_transform_destroy(transform);
	}
	is_int(wrong, 0, "\"%s\"%s, %d channels: bytes are %s", cases[i].words,
	       cases[i].call ? " and a user's step" : "", channels,
	       exact ? "what the floats were made of" : "the floats, rounded to the nearest");
}

static void planes_are_pixels(size_t i, int channels)
{
	struct plait_transform *transform =
		make(i, channels == 3 ? "normalize:0.5,0.4,0.3;0.2,0.3,0.4" : "normalize:0.5;0.2");
	struct plait__image image = noise(33, 37, channels), flat = in_planes(&image);
	static float expected[MAX_VALUES];
	static uint8_t expected_bytes[MAX_VALUES];
	int wrong = 0;

	for (uint64_t key = 1; key <= 25; key++) {
		int64_t dim[3];
		size_t n;

		apply_to(transform, &image, key, dim);
		n = (size_t)(dim[0] * dim[1] * dim[2]);
		memcpy(expected, result, n * sizeof *result);
		apply_bytes(transform, &image, key, (int64_t)n);
		memcpy(expected_bytes, bytes, n);
		apply_to(transform, &flat, key, dim);
		wrong += memcmp(expected, result, n * sizeof *result) != 0;
		apply_bytes(transform, &flat, key, (int64_t)n);
		wrong += memcmp(expected_bytes, bytes, n) != 0;
	}
	is_int(wrong, 0, "\"%s\"%s, %d channels: the same bits from planes", cases[i].words,
	       cases[i].call ? " and a user's step" : "", channels);
	plait_transform_destroy(transform);
}

/* Widths of up to more than two vectors, so that rows end in every possible way. */
static void widths(int channels)
{
	struct plait_transform *flip = parse("flip:1"), *none = parse("");
	int wrong = 0;

	for (int width = 1; width <= 35; width++) {
		struct plait__image image = noise(3, width, channels), flat;

		image.width = width > 4 ? width - 2 : width;
		flat = in_planes(&image);
		wrong += compare(none, &image, 1, true) + compare(flip, &image, 1, true);
		wrong += compare(none, &flat, 1, true) + compare(flip, &flat, 1, true);
		for (int64_t i = 0; i < 3 * image.width * channels; i++) {
			int x = (int)(i % image.width), row = (int)(i / image.width);

			/* The last compare was of the mirrored planes. */
			wrong += bytes[i] !=
				 planes[(size_t)row * flat.stride + (size_t)(image.width - 1 - x)];
		}
	}
	is_int(wrong, 0, "%d channels: 1 to 35 pixels wide, as they are and mirrored", channels);
	plait_transform_destroy(flip);
	plait_transform_destroy(none);
}

static void refusals(void)
{
	struct plait__image image = noise(8, 8, 3);
	struct plait_transform *transform = parse("crop:9");

	is_int(plait__transform_apply_bytes(transform, &image, 1, &memory, bytes), PLAIT_ESHAPE,
	       "an image that is too small is refused");
	contains(plait_error_message(), "crop:9", "by the word that wants more");
	plait_transform_destroy(transform);
	transform = parse("normalize:0.5,0.5;0.2,0.2");
	is_int(plait__transform_apply_bytes(transform, &image, 1, &memory, bytes), 0,
	       "normalize is the device's, and so is its number of channels");
	plait_transform_destroy(transform);
}

int main(void)
{
	/* Memory that each run must overwrite. */
	if (!plait__buffer_reserve(&memory, 1 << 20))
		tap_bail_out("%s", plait_error_message());
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int channels = 1; channels <= 3; channels += 2) {
			bytes_are_floats(i, channels);
			planes_are_pixels(i, channels);
		}
	for (int channels = 1; channels <= 4; channels++)
		widths(channels);
	refusals();
	plait__buffer_free(&memory);
	return tap_done();
}
