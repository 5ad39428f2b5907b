/* SPDX-License-Identifier: MIT
 * Pixels that keep their size: interleaved bytes to planes of floats and back, and colours.
 * Sums have fixed lanes, so no result depends on how wide this machine's registers are. */
#include "config.h"
#include "src/transform_pixels.h"

#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* 16 pixels of 3 bytes to 16 bytes of each channel. */
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

/* A row of n RGB pixels to y, y + plane, y + 2 * plane.  The last 16 may overlap those before. */
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

/* Rows of n pixels to rows of planes, which are `width` apart. */
PLAIT__CLONES
static void split(int rows, int n, int channels, const uint8_t *x, size_t stride, bool flip,
		  size_t width, size_t plane, uint8_t *y)
{
	for (int row = 0; row < rows; row++, x += stride, y += width) {
		if (channels == 3) {
			split_row(n, x, flip, plane, y);
			continue;
		}
		for (int c = 0; c < channels; c++)
			for (int i = 0; i < n; i++)
				y[(size_t)c * plane + (size_t)i] =
					x[(size_t)(flip ? n - 1 - i : i) * (size_t)channels +
					  (size_t)c];
	}
}

PLAIT__CLONES
static void convert(size_t n, const uint8_t *restrict x, float scale, float shift,
		    float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = plait__unit_from_byte(x[i]) * scale + shift;
}

void plait__convert(size_t n, const uint8_t *x, float scale, float shift, float *y)
{
	convert(n, x, scale, shift, y);
}

/* Rows at a time: so many that the loops are long, so few that their bytes stay in cache. */
static int block_rows(const struct plait__window *window)
{
	int rows = 4096 / window->width + 1;

	return rows < window->height ? rows : window->height;
}

size_t plait__unpack_work(const struct plait__window *window, int channels)
{
	return (size_t)block_rows(window) * (size_t)window->width * (size_t)channels;
}

void plait__unpack(const struct plait__image *image, const struct plait__window *window, bool flip,
		   const struct plait__affine *affine, unsigned char *work, float *y)
{
	struct plait__window part = plait__window_clip(window, image->width, image->height);
	int block = block_rows(window);
	size_t width = (size_t)window->width, plane = width * (size_t)window->height;
	size_t left = (size_t)(flip ? window->width - (part.x + part.width) : part.x);
	bool borders = part.width < window->width || part.height < window->height;

	for (int row = 0; row < window->height; row += block) {
		int end = row + block < window->height ? row + block : window->height;
		int first = row > part.y ? row : part.y;
		int last = end < part.y + part.height ? end : part.y + part.height;
		size_t size = (size_t)(end - row) * width;

		if (borders)
			memset(work, 0, size * (size_t)image->channels);
		if (first < last && part.width)
			split(last - first, part.width, image->channels,
			      image->pixels + (size_t)(window->y + first) * image->stride +
				      (size_t)(window->x + part.x) * (size_t)image->channels,
			      image->stride, flip, width, size,
			      work + (size_t)(first - row) * width + left);
		for (int c = 0; c < image->channels; c++)
			convert(size, work + (size_t)c * size, plait__affine_scale(affine, c),
				plait__affine_shift(affine, c),
				y + (size_t)c * plane + (size_t)row * width);
	}
}

void plait__fill(const struct plait__window *part, const struct plait__affine *affine, int channels,
		 int height, int width, float *y)
{
	for (int c = 0; c < channels; c++)
		for (int row = part->y; row < part->y + part->height; row++)
			for (int i = part->x; i < part->x + part->width; i++)
				y[((size_t)c * (size_t)height + (size_t)row) * (size_t)width +
				  (size_t)i] = plait__affine_shift(affine, c);
}

/* ITU-R BT.601 luma, as torchvision and PIL have it. */
static inline float grey(float r, float g, float b)
{
	return 0.299f * r + 0.587f * g + 0.114f * b;
}

static inline float clamp(float v)
{
	v = v > 0 ? v : 0;
	return v < 1 ? v : 1;
}

/* The sum of grey over n pixels after brightness, for n a few thousand: 16 lanes. */
PLAIT__CLONES
static float sum_grey(int n, float brightness, const float *r, const float *g, const float *b)
{
	float lane[16] = { 0 };

	for (; n >= 16; n -= 16, r += 16, g += 16, b += 16)
		for (int i = 0; i < 16; i++)
			lane[i] += grey(clamp(r[i] * brightness), clamp(g[i] * brightness),
					clamp(b[i] * brightness));
	for (int i = 0; i < n; i++)
		lane[i] += grey(clamp(r[i] * brightness), clamp(g[i] * brightness),
				clamp(b[i] * brightness));
	for (int half = 8; half; half /= 2)
		for (int i = 0; i < half; i++)
			lane[i] += lane[i + half];
	return lane[0];
}

static double mean_grey(int64_t n, float brightness, int channels, const float *y)
{
	const float *g = channels == 3 ? y + n : y, *b = channels == 3 ? y + 2 * n : y;
	double sum = 0;

	for (int64_t i = 0; i < n; i += 4096) {
		int block = n - i < 4096 ? (int)(n - i) : 4096;

		sum += (double)sum_grey(block, brightness, y + i, g + i, b + i);
	}
	return sum / (double)n;
}

/* One channel: it is its own grey, so there is nothing to saturate. */
PLAIT__CLONES
static void jitter_grey(int64_t n, const float factor[3], float mean, float scale, float shift,
			float *y)
{
	float brightness = factor[0], contrast = factor[1], offset = (1 - contrast) * mean;

	for (int64_t i = 0; i < n; i++)
		y[i] = clamp(contrast * clamp(y[i] * brightness) + offset) * scale + shift;
}

PLAIT__CLONES
static void jitter_rgb(int64_t n, const float factor[3], float mean, const float scale[3],
		       const float shift[3], float *restrict red, float *restrict green,
		       float *restrict blue)
{
	float brightness = factor[0], contrast = factor[1], offset = (1 - contrast) * mean;
	float saturation = factor[2], rest = 1 - saturation;
	float rs = scale[0], gs = scale[1], bs = scale[2];
	float ro = shift[0], go = shift[1], bo = shift[2];

	for (int64_t i = 0; i < n; i++) {
		float r = clamp(contrast * clamp(red[i] * brightness) + offset);
		float g = clamp(contrast * clamp(green[i] * brightness) + offset);
		float b = clamp(contrast * clamp(blue[i] * brightness) + offset);
		float base = rest * grey(r, g, b);

		red[i] = clamp(saturation * r + base) * rs + ro;
		green[i] = clamp(saturation * g + base) * gs + go;
		blue[i] = clamp(saturation * b + base) * bs + bo;
	}
}

void plait__jitter(const float factor[3], const struct plait__affine *affine, int channels,
		   int64_t n, float *y)
{
	float mean = factor[1] != 1 ? (float)mean_grey(n, factor[0], channels, y) : 0;
	float scale[3], shift[3];

	for (int c = 0; c < channels; c++) {
		scale[c] = plait__affine_scale(affine, c);
		shift[c] = plait__affine_shift(affine, c);
	}
	if (channels == 3)
		jitter_rgb(n, factor, mean, scale, shift, y, y + n, y + 2 * n);
	else
		jitter_grey(n, factor, mean, scale[0], shift[0], y);
}

/* The clones' resolver is visible if the function is, so the function is not. */
PLAIT__CLONES
static void pack(int64_t n, int channels, const float *restrict planes, uint8_t *restrict pixels)
{
	for (int c = 0; c < channels; c++)
		for (int64_t i = 0; i < n; i++)
			pixels[i * channels + c] =
				(uint8_t)(clamp(planes[c * n + i]) * 255.0f + 0.5f);
}

void plait__pack(int64_t n, int channels, const float *planes, uint8_t *pixels)
{
	pack(n, channels, planes, pixels);
}
