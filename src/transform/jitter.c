/* SPDX-License-Identifier: MIT
 * Brightness, contrast and saturation.  A sum has a fixed number of lanes, so that no result
 * depends on the width of this machine's registers. */
#include "config.h"
#include "src/transform/pixels.h"

/* ITU-R BT.601 luma, as torchvision and PIL have it. */
static inline float grey(float r, float g, float b)
{
	return 0.299f * r + 0.587f * g + 0.114f * b;
}

/* The sum of grey over n pixels after brightness.  n is at most a few thousand, because a sum of
 * floats loses digits. */
PLAIT__CLONES
static float sum_grey(int n, float brightness, const float *r, const float *g, const float *b)
{
	float lane[16] = { 0 };

	PLAIT__ASSERT(n <= 4096, "a sum of floats has few terms");
	for (; n >= 16; n -= 16, r += 16, g += 16, b += 16)
		for (int i = 0; i < 16; i++)
			lane[i] += grey(plait__clamp(r[i] * brightness),
					plait__clamp(g[i] * brightness),
					plait__clamp(b[i] * brightness));
	for (int i = 0; i < n; i++)
		lane[i] += grey(plait__clamp(r[i] * brightness), plait__clamp(g[i] * brightness),
				plait__clamp(b[i] * brightness));
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

/* One channel: it is grey already, so saturation does not change it. */
PLAIT__CLONES
static void jitter_grey(int64_t n, const float factor[3], float mean, float scale, float shift,
			float *y)
{
	float brightness = factor[0], contrast = factor[1], offset = (1 - contrast) * mean;

	for (int64_t i = 0; i < n; i++)
		y[i] = plait__clamp(contrast * plait__clamp(y[i] * brightness) + offset) * scale +
		       shift;
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
		float r = plait__clamp(contrast * plait__clamp(red[i] * brightness) + offset);
		float g = plait__clamp(contrast * plait__clamp(green[i] * brightness) + offset);
		float b = plait__clamp(contrast * plait__clamp(blue[i] * brightness) + offset);
		float base = rest * grey(r, g, b);

		red[i] = plait__clamp(saturation * r + base) * rs + ro;
		green[i] = plait__clamp(saturation * g + base) * gs + go;
		blue[i] = plait__clamp(saturation * b + base) * bs + bo;
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
