/* SPDX-License-Identifier: MIT
 * Bilinear resizing with antialiasing, with the weights of taps.c.  Rows of the source are summed
 * first, because they are contiguous in memory and make long loops.  Then two rows of sums at a
 * time are resized across, so that weights are read once for both. */
#include "config.h"
#include "src/transform/pixels.h"
#include "src/transform/taps.h"

#include <string.h>

typedef float float4 __attribute__((vector_size(16)));

/* The memory of one resize, cut into arrays.  Without memory only its size is computed. */
struct work {
	struct plait__taps across; /* n is rounded up to a multiple of 4 */
	struct plait__taps down;
	size_t line; /* floats of a source row, and of what may be read behind it */
	float *ring; /* [down.bound][line]: the source rows that were converted last */
	float *sum;  /* [2][line]: sums of source rows */
	float **row; /* [down.bound]: rows of the ring */
	size_t size; /* bytes of all arrays */
};

static void *place(struct work *work, unsigned char *base, size_t count, size_t size)
{
	size_t at = work->size;

	work->size = (at + count * size + 63) & ~(size_t)63;
	return base ? base + at : NULL;
}

static void place_taps(struct work *work, unsigned char *base, struct plait__taps *taps)
{
	taps->first = place(work, base, (size_t)taps->n, sizeof(int));
	taps->count = place(work, base, (size_t)taps->n, sizeof(int));
	taps->weight = place(work, base, (size_t)taps->n * (size_t)taps->bound, sizeof(float));
}

static struct work lay_out(const struct plait__stage *stage, const struct plait__rect *part,
			   int channels, unsigned char *base)
{
	struct work work = {
		.across = { .n = (part->width + 3) & ~3,
			    .bound = plait__taps_bound(stage->in.width, stage->width) },
		.down = { .n = part->height,
			  .bound = plait__taps_bound(stage->in.height, stage->height) }
	};
	size_t down = (size_t)work.down.bound;

	work.line = (size_t)(stage->in.width + work.across.bound) * (size_t)channels + 16;
	work.line = (work.line + 15) & ~(size_t)15;
	place_taps(&work, base, &work.across);
	place_taps(&work, base, &work.down);
	work.ring = place(&work, base, work.line * down, sizeof(float));
	work.sum = place(&work, base, work.line * 2, sizeof(float));
	work.row = place(&work, base, down, sizeof(float *));
	return work;
}

size_t plait__resize_work(const struct plait__stage *stage, int channels)
{
	struct plait__rect part = plait__rect_clip(&stage->out, stage->width, stage->height);

	return lay_out(stage, &part, channels, NULL).size;
}

PLAIT__CLONES
static void widen(size_t n, const uint8_t *restrict x, float *restrict y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i];
}

/* y = the weighted sum of rows: of two, or of a multiple of four. */
PLAIT__CLONES
static void sum_rows(size_t n, int taps, const float *w, float *const *row, float *restrict y)
{
	if (taps <= 2) {
		const float *a = row[0], *b = row[1];
		float wa = w[0], wb = w[1];

		for (size_t i = 0; i < n; i++)
			y[i] = wa * a[i] + wb * b[i];
		return;
	}
	for (int t = 0; t < taps; t += 4) {
		const float *a = row[t], *b = row[t + 1], *c = row[t + 2], *d = row[t + 3];
		float wa = w[t], wb = w[t + 1], wc = w[t + 2], wd = w[t + 3];

		if (t == 0)
			for (size_t i = 0; i < n; i++)
				y[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
		else
			for (size_t i = 0; i < n; i++)
				y[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
	}
}

static inline float4 load4(const float *x)
{
	float4 v;

	memcpy(&v, x, sizeof v);
	return v;
}

static inline void store4(float4 v, int n, float *y)
{
	if (n >= 4)
		memcpy(y, &v, sizeof v);
	else
		memcpy(y, &v, (size_t)n * sizeof *y);
}

/* Writes the first n of four RGB pixels to planes.  The fourth lane of a pixel is not used. */
static inline void store_rgb(float4 p, float4 q, float4 r, float4 s, int n, const float scale[3],
			     const float shift[3], size_t plane, float *y)
{
	float4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5);
	float4 rs = __builtin_shufflevector(r, s, 0, 4, 1, 5);
	float4 red = __builtin_shufflevector(pq, rs, 0, 1, 4, 5);
	float4 green = __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
	float4 blue =
		__builtin_shufflevector(__builtin_shufflevector(p, q, 2, 6, 2, 6),
					__builtin_shufflevector(r, s, 2, 6, 2, 6), 0, 1, 4, 5);

	store4(red * scale[0] + shift[0], n, y);
	store4(green * scale[1] + shift[1], n, y + plane);
	store4(blue * scale[2] + shift[2], n, y + 2 * plane);
}

/* Resizes two rows of RGB pixels to n results each, in planes at y and y + below.  The sums are
 * variables, not arrays, so that they are kept in registers. */
PLAIT__CLONES
static void across_rgb(const struct plait__taps *taps, int n, const float *row, size_t line,
		       const float scale[3], const float shift[3], size_t plane, size_t below,
		       float *y)
{
	size_t bound = (size_t)taps->bound;
	const float *w = taps->weight;
	const int *first = taps->first;

	for (int i = 0; i < n; i += 4, w += 4 * bound, first += 4) {
		const float *x0 = row + 3 * (size_t)first[0], *x1 = row + 3 * (size_t)first[1];
		const float *x2 = row + 3 * (size_t)first[2], *x3 = row + 3 * (size_t)first[3];
		float4 u0 = { 0 }, u1 = { 0 }, u2 = { 0 }, u3 = { 0 };
		float4 l0 = { 0 }, l1 = { 0 }, l2 = { 0 }, l3 = { 0 };

		for (size_t t = 0; t < (size_t)taps->most; t++) {
			float w0 = w[t], w1 = w[bound + t], w2 = w[2 * bound + t];
			float w3 = w[3 * bound + t];

			u0 += w0 * load4(x0 + 3 * t);
			u1 += w1 * load4(x1 + 3 * t);
			u2 += w2 * load4(x2 + 3 * t);
			u3 += w3 * load4(x3 + 3 * t);
			l0 += w0 * load4(x0 + line + 3 * t);
			l1 += w1 * load4(x1 + line + 3 * t);
			l2 += w2 * load4(x2 + line + 3 * t);
			l3 += w3 * load4(x3 + line + 3 * t);
		}
		store_rgb(u0, u1, u2, u3, n - i, scale, shift, plane, y + i);
		store_rgb(l0, l1, l2, l3, n - i, scale, shift, plane, y + below + i);
	}
}

/* Resizes one channel of a row to a plane. */
PLAIT__CLONES
static void across_channel(const struct plait__taps *taps, int n, int channels, const float *row,
			   float scale, float shift, float *y)
{
	for (int i = 0; i < n; i++) {
		const float *w = taps->weight + (size_t)i * (size_t)taps->bound;
		const float *x = row + (size_t)taps->first[i] * (size_t)channels;
		float sum = 0;

		for (int t = 0; t < taps->count[i]; t++)
			sum += w[t] * x[(size_t)t * (size_t)channels];
		y[i] = sum * scale + shift;
	}
}

/* What does not change from row to row. */
struct resizing {
	const struct plait__image *image;
	const struct plait__rect *in;
	const struct plait__affine *affine;
	struct work work;
	int next; /* source row not yet in the ring */
};

/* Sums the source rows of result row i. */
static void down(struct resizing *r, int i, float *sum)
{
	const struct plait__taps *taps = &r->work.down;
	int channels = r->image->channels, first = taps->first[i], count = taps->count[i];
	size_t values = (size_t)r->in->width * (size_t)channels;

	if (r->next < first)
		r->next = first;
	for (; r->next < first + count; r->next++)
		widen(values,
		      r->image->pixels + (size_t)(r->in->y + r->next) * r->image->stride +
			      (size_t)r->in->x * (size_t)channels,
		      r->work.ring + (size_t)(r->next % taps->bound) * r->work.line);
	for (int t = 0; t < taps->bound; t++)
		r->work.row[t] =
			r->work.ring +
			(size_t)((first + (t < count ? t : 0)) % taps->bound) * r->work.line;
	sum_rows(values, count, taps->weight + (size_t)i * (size_t)taps->bound, r->work.row, sum);
}

/* Resizes the two rows of sums to n results each, in planes at y and y + below. */
static void across(const struct resizing *r, int n, size_t plane, size_t below, float *y)
{
	const struct plait__taps *taps = &r->work.across;
	const float *row = r->work.sum;
	int channels = r->image->channels;
	float scale[3], shift[3];

	for (int c = 0; c < channels; c++) {
		float *to = y + (size_t)c * plane;
		int k = c % 3;

		scale[k] = plait__affine_scale(r->affine, c) / 255.0f;
		shift[k] = plait__affine_shift(r->affine, c);
		if (channels == 3)
			continue;
		across_channel(taps, n, channels, row + c, scale[k], shift[k], to);
		across_channel(taps, n, channels, row + r->work.line + c, scale[k], shift[k],
			       to + below);
	}
	if (channels == 3)
		across_rgb(taps, n, row, r->work.line, scale, shift, plane, below, y);
}

void plait__resize(const struct plait__image *image, const struct plait__stage *stage,
		   const struct plait__affine *affine, unsigned char *memory, float *y)
{
	const struct plait__rect *in = &stage->in, *out = &stage->out;
	struct plait__rect part = plait__rect_clip(out, stage->width, stage->height);
	size_t width = (size_t)out->width, plane = width * (size_t)out->height;
	int left = stage->flip ? out->width - (part.x + part.width) : part.x;
	struct resizing r = { .image = image,
			      .in = in,
			      .affine = affine,
			      .work = lay_out(stage, &part, image->channels, memory) };
	float *sum = r.work.sum;

	plait__taps_make(in->width, stage->width, out->x + part.x, part.width, stage->flip,
			 &r.work.across);
	plait__taps_make(in->height, stage->height, out->y + part.y, part.height, false,
			 &r.work.down);
	memset(sum, 0, 2 * r.work.line * sizeof *sum); /* floats behind a row are read too */
	if (part.width < out->width || part.height < out->height)
		plait__fill(&(struct plait__rect){ 0, 0, out->width, out->height }, affine,
			    image->channels, out->height, out->width, y);
	for (int i = 0; i < part.height && part.width; i += 2) {
		int second = i + 1 < part.height; /* 0: the last row is made twice */

		down(&r, i, sum);
		down(&r, i + second, sum + r.work.line);
		across(&r, part.width, plane, second ? width : 0,
		       y + (size_t)(part.y + i) * width + left);
	}
}
