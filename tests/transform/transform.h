/* SPDX-License-Identifier: MIT
 * What the tests of transforms share: images, and a reference that applies one action after
 * another, each as a simple loop in double over values in [0,1]. */
#ifndef PLAIT_TESTS_TRANSFORM_H
#define PLAIT_TESTS_TRANSFORM_H

#include "src/base/random.h"
#include "src/transform/transform.h"
#include "tests/tap.h"

#define MAX_VALUES 262144

/* A result as the reference computes it: planes. */
struct ref {
	int channels, height, width;
	double v[MAX_VALUES];
};

static uint8_t pixels[MAX_VALUES];
static float result[MAX_VALUES];
static struct plait__buffer memory;

static inline struct plait__image image_of(int height, int width, int channels)
{
	return (struct plait__image){ .pixels = pixels,
				      .width = width,
				      .height = height,
				      .channels = channels,
				      .stride = (size_t)(width * channels) };
}

/* Noise, so that all windows differ. */
static inline struct plait__image noise(int height, int width, int channels)
{
	for (int i = 0; i < height * width * channels; i++)
		pixels[i] = (uint8_t)(plait__random(99, (uint64_t)i) >> 56);
	return image_of(height, width, channels);
}

/* R = x, G = y: a pixel tells its position in the source. */
static inline struct plait__image ramps(int height, int width)
{
	for (int i = 0; i < height * width; i++) {
		pixels[3 * i] = (uint8_t)(i % width);
		pixels[3 * i + 1] = (uint8_t)(i / width);
		pixels[3 * i + 2] = (uint8_t)(plait__random(7, (uint64_t)i) >> 56);
	}
	return image_of(height, width, 3);
}

static inline struct plait_transform *parse(const char *words)
{
	struct plait_transform *transform;

	if (plait_transform_parse(&transform, words) < 0)
		tap_bail_out("%s", plait_error_message());
	return transform;
}

/* Applies a transform to `result`, and checks that all of it is written and nothing behind it. */
static inline void apply_to(const struct plait_transform *transform,
			    const struct plait__image *image, uint64_t key, int64_t dim[3])
{
	int64_t from[3] = { image->channels, image->height, image->width }, n;
	struct plait__affine affine;

	if (plait_transform_shape(transform, from, false, dim) < 0)
		tap_bail_out("%s", plait_error_message());
	n = dim[0] * dim[1] * dim[2];
	if (n >= MAX_VALUES)
		tap_bail_out("a result of %lld values", (long long)n);
	for (int64_t i = 0; i <= n; i++)
		result[i] = 12345;
	/* Values that are read before they are written are NaN. */
	if (memory.bytes)
		memset(memory.bytes, 255, memory.capacity);
	plait__affine_join(transform, NULL, &affine);
	if (plait__transform_apply(transform, image, key, &affine, &memory, result) < 0)
		tap_bail_out("%s", plait_error_message());
	for (int64_t i = 0; i < n; i++)
		if (result[i] == 12345)
			tap_bail_out("value %lld was not written", (long long)i);
	if (result[n] != 12345)
		tap_bail_out("a value behind the result was written");
}

static inline void apply(const char *words, const struct plait__image *image, uint64_t key)
{
	struct plait_transform *transform = parse(words);
	int64_t dim[3];

	apply_to(transform, image, key, dim);
	plait_transform_destroy(transform);
}

static inline double *ref_at(struct ref *r, int c, int y, int x)
{
	return &r->v[(c * r->height + y) * r->width + x];
}

static inline void ref_load(struct ref *r, const struct plait__image *image)
{
	r->channels = image->channels;
	r->height = image->height;
	r->width = image->width;
	for (int c = 0; c < r->channels; c++)
		for (int y = 0; y < r->height; y++)
			for (int x = 0; x < r->width; x++)
				*ref_at(r, c, y, x) = image->pixels[(size_t)y * image->stride +
								    (size_t)(x * r->channels + c)] /
						      255.0;
}

static struct ref ref_source; /* what the next step reads */

/* Zero outside. */
static inline void ref_crop(struct ref *r, int y0, int x0, int height, int width)
{
	ref_source = *r;
	r->height = height;
	r->width = width;
	for (int c = 0; c < r->channels; c++)
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++) {
				bool in = y + y0 >= 0 && y + y0 < ref_source.height &&
					  x + x0 >= 0 && x + x0 < ref_source.width;

				*ref_at(r, c, y, x) =
					in ? *ref_at(&ref_source, c, y + y0, x + x0) : 0;
			}
}

static inline void ref_flip(struct ref *r)
{
	ref_source = *r;
	for (int c = 0; c < r->channels; c++)
		for (int y = 0; y < r->height; y++)
			for (int x = 0; x < r->width; x++)
				*ref_at(r, c, y, x) = *ref_at(&ref_source, c, y, r->width - 1 - x);
}

/* The weight of source pixel t for result p: a triangle over all pixels, not yet of sum 1. */
static inline double triangle(int from, int to, int p, int t)
{
	double scale = (double)from / to, w = fabs(t + 0.5 - (p + 0.5) * scale) / fmax(scale, 1);

	return w < 1 ? 1 - w : 0;
}

static inline void ref_resize_rows(struct ref *r, int height)
{
	ref_source = *r;
	r->height = height;
	for (int y = 0; y < height; y++)
		for (int c = 0; c < r->channels; c++)
			for (int x = 0; x < r->width; x++) {
				double sum = 0, total = 0;

				for (int t = 0; t < ref_source.height; t++) {
					double w = triangle(ref_source.height, height, y, t);

					sum += w * *ref_at(&ref_source, c, t, x);
					total += w;
				}
				*ref_at(r, c, y, x) = sum / total;
			}
}

static inline void ref_transpose(struct ref *r)
{
	ref_source = *r;
	r->height = ref_source.width;
	r->width = ref_source.height;
	for (int c = 0; c < r->channels; c++)
		for (int y = 0; y < r->height; y++)
			for (int x = 0; x < r->width; x++)
				*ref_at(r, c, y, x) = *ref_at(&ref_source, c, x, y);
}

static inline void ref_resize(struct ref *r, int height, int width)
{
	ref_resize_rows(r, height);
	ref_transpose(r);
	ref_resize_rows(r, width);
	ref_transpose(r);
}

/* The largest difference of `result` from r; NaN if there is one. */
static inline double distance(const struct ref *r)
{
	double most = 0;

	for (int i = 0; i < r->channels * r->height * r->width && !isnan(most); i++) {
		double d = fabs(result[i] - r->v[i]);

		most = d <= most ? most : d;
	}
	return most;
}

/* The mean difference of `result` from r. */
static inline double bias(const struct ref *r)
{
	int n = r->channels * r->height * r->width;
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += result[i] - r->v[i];
	return sum / n;
}

/* What float32 may do to a resized value in [0,1]: each of the taps of both directions rounds its
 * weight, its product and the sum, by 2^-24 of at most 1 each. */
static inline double resize_error(int height, int width, int to_height, int to_width)
{
	double taps =
		2 * fmax((double)height / to_height, 1) + 2 * fmax((double)width / to_width, 1) + 2;

	return 3 * (taps + 2) * 0x1p-24;
}

#endif
