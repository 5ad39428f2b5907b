/* SPDX-License-Identifier: MIT
 * Loops that do not resize: interleaved bytes to planes of bytes or floats, and back. */
#include "config.h"
#include "src/transform/pixels.h"

#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Splits 16 pixels of 3 bytes into 16 bytes of each channel. */
static inline void split16(const uint8_t *x, bytes16 channel[3])
{
	bytes16 a, b, c, r, g, z;

	memcpy(&a, x, 16);
	memcpy(&b, x + 16, 16);
	memcpy(&c, x + 32, 16);
	r = __builtin_shufflevector(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
	g = __builtin_shufflevector(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
	z = __builtin_shufflevector(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
	channel[0] =
		__builtin_shufflevector(r, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
	channel[1] =
		__builtin_shufflevector(g, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
	channel[2] =
		__builtin_shufflevector(z, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
}

static inline bytes16 mirror16(bytes16 v)
{
	return __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/* Splits a row of n RGB pixels to y, y + plane and y + 2 * plane.  The last 16 pixels may overlap
 * those before, and are then written twice. */
static inline void split_row(int n, const uint8_t *x, bool flip, size_t plane, uint8_t *y)
{
	bytes16 channel[3];

	for (int i = 0; n >= 16 && i < n; i += 16) {
		int from = i <= n - 16 ? i : n - 16, to = flip ? n - 16 - from : from;

		split16(x + 3 * (size_t)from, channel);
		for (int c = 0; c < 3; c++) {
			bytes16 v = flip ? mirror16(channel[c]) : channel[c];

			memcpy(y + (size_t)c * plane + to, &v, 16);
		}
	}
	for (int i = 0; n < 16 && i < n; i++)
		for (int c = 0; c < 3; c++)
			y[(size_t)c * plane + (size_t)(flip ? n - 1 - i : i)] = x[3 * i + c];
}

/* Copies or mirrors a row of one channel. */
static inline void move_row(int n, const uint8_t *x, bool flip, uint8_t *y)
{
	if (!flip) {
		memcpy(y, x, (size_t)n);
		return;
	}
	for (int i = 0; n >= 16 && i < n; i += 16) {
		int from = i <= n - 16 ? i : n - 16;
		bytes16 v;

		memcpy(&v, x + from, 16);
		v = mirror16(v);
		memcpy(y + (n - 16 - from), &v, 16);
	}
	for (int i = 0; n < 16 && i < n; i++)
		y[n - 1 - i] = x[i];
}

/* Splits rows of n pixels into planes, whose rows are `width` apart. */
PLAIT__CLONES
static void split(int rows, int n, int channels, const uint8_t *x, size_t stride, bool flip,
		  size_t width, size_t plane, uint8_t *y)
{
	for (int row = 0; row < rows; row++, x += stride, y += width) {
		if (channels == 3) {
			split_row(n, x, flip, plane, y);
			continue;
		}
		if (channels == 1) {
			move_row(n, x, flip, y);
			continue;
		}
		for (int c = 0; c < channels; c++)
			for (int i = 0; i < n; i++)
				y[(size_t)c * plane + (size_t)i] =
					x[(size_t)(flip ? n - 1 - i : i) * (size_t)channels +
					  (size_t)c];
	}
}

/* Copies the rows from `row` to `end` of a window to planes of bytes that begin with `row`. */
static void split_window(const struct plait__image *image, const struct plait__rect *rect,
			 bool flip, int row, int end, size_t plane, uint8_t *y)
{
	struct plait__rect part = plait__rect_clip(rect, image->width, image->height);
	int first = row > part.y ? row : part.y;
	int last = end < part.y + part.height ? end : part.y + part.height;
	int left = flip ? rect->width - (part.x + part.width) : part.x;
	size_t width = (size_t)rect->width;

	PLAIT__ASSERT(first >= last || (rect->y + first >= 0 && rect->y + last <= image->height),
		      "rows that are read are rows of the image");
	for (int c = 0; c < image->channels; c++)
		if (part.width < rect->width || part.height < rect->height)
			memset(y + (size_t)c * plane, 0, (size_t)(end - row) * width);
	if (first < last && part.width)
		split(last - first, part.width, image->channels,
		      image->pixels + (size_t)(rect->y + first) * image->stride +
			      (size_t)(rect->x + part.x) * (size_t)image->channels,
		      image->stride, flip, width, plane,
		      y + (size_t)(first - row) * width + (size_t)left);
}

void plait__move(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		 uint8_t *y)
{
	split_window(image, rect, flip, 0, rect->height, (size_t)rect->width * (size_t)rect->height,
		     y);
}

PLAIT__CLONES
static void convert(size_t n, const uint8_t *restrict x, float scale, float shift,
		    float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = plait__normalize(x[i], scale, shift);
}

void plait__convert(size_t n, const uint8_t *x, float scale, float shift, float *y)
{
	convert(n, x, scale, shift, y);
}

/* Rows that are converted at a time: enough for long loops, but few enough that their bytes remain
 * in the cache. */
static int block_rows(const struct plait__rect *rect)
{
	int rows = 4096 / rect->width + 1;

	PLAIT__ASSERT(rect->height > 0, "a window has rows");
	return rows < rect->height ? rows : rect->height;
}

size_t plait__unpack_work(const struct plait__rect *rect, int channels)
{
	return (size_t)block_rows(rect) * (size_t)rect->width * (size_t)channels;
}

void plait__unpack(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		   const struct plait__affine *affine, unsigned char *work, float *y)
{
	int block = block_rows(rect);
	size_t width = (size_t)rect->width, plane = width * (size_t)rect->height;

	for (int row = 0; row < rect->height; row += block) {
		int end = row + block < rect->height ? row + block : rect->height;
		size_t size = (size_t)(end - row) * width;

		split_window(image, rect, flip, row, end, size, work);
		for (int c = 0; c < image->channels; c++)
			convert(size, work + (size_t)c * size, plait__affine_scale(affine, c),
				plait__affine_shift(affine, c),
				y + (size_t)c * plane + (size_t)row * width);
	}
}

void plait__fill(const struct plait__rect *part, const struct plait__affine *affine, int channels,
		 int height, int width, float *y)
{
	for (int c = 0; c < channels; c++)
		for (int row = part->y; row < part->y + part->height; row++)
			for (int i = part->x; i < part->x + part->width; i++)
				y[((size_t)c * (size_t)height + (size_t)row) * (size_t)width +
				  (size_t)i] = plait__affine_shift(affine, c);
}

void plait__blank(const struct plait__rect *part, int channels, int height, int width, uint8_t *y)
{
	for (int c = 0; c < channels; c++)
		for (int row = part->y; part->width && row < part->y + part->height; row++)
			memset(y + ((size_t)c * (size_t)height + (size_t)row) * (size_t)width +
				       (size_t)part->x,
			       0, (size_t)part->width);
}

static inline uint8_t nearest(float v)
{
	return (uint8_t)(int)(plait__clamp(v) * 255.0f + 0.5f);
}

/* The resolver of a function with clones is visible if the function is, so these are static. */
PLAIT__CLONES
static void round_all(int64_t n, const float *restrict x, uint8_t *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = nearest(x[i]);
}

PLAIT__CLONES
static void pack(int64_t n, int channels, const float *restrict planes, uint8_t *restrict pixels)
{
	for (int c = 0; c < channels; c++)
		for (int64_t i = 0; i < n; i++)
			pixels[i * channels + c] = nearest(planes[c * n + i]);
}

void plait__pack(int64_t n, int channels, const float *planes, uint8_t *pixels)
{
	if (channels == 1)
		round_all(n, planes, pixels);
	else
		pack(n, channels, planes, pixels);
}
