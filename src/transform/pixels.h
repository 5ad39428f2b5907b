/* SPDX-License-Identifier: MIT
 * The loops over pixels.  None of them knows a step: windows, factors, memory. */
#ifndef PLAIT__TRANSFORM_PIXELS_H
#define PLAIT__TRANSFORM_PIXELS_H

#include "src/base/scalar.h"
#include "src/transform/fuse.h"

static inline float plait__clamp(float v)
{
	v = v > 0 ? v : 0;
	return v < 1 ? v : 1;
}

/* For values in [0,1]: the pair of channel c, or nothing to do. */
static inline float plait__affine_scale(const struct plait__affine *affine, int c)
{
	return affine->channels ? affine->scale[affine->channels > 1 ? c : 0] : 1.0f;
}

static inline float plait__affine_shift(const struct plait__affine *affine, int c)
{
	return affine->channels ? affine->shift[affine->channels > 1 ? c : 0] : 0.0f;
}

/* n bytes to x / 255 * scale + shift. */
void plait__convert(size_t n, const uint8_t *x, float scale, float shift, float *y);

/* y: planes [C, window.height, window.width]; what of the window lies outside of the image is
 * zero.  All of them write affine(value in [0,1]). */

/* The window as it is.  work: plait__unpack_work() bytes. */
size_t plait__unpack_work(const struct plait__rect *rect, int channels);
void plait__unpack(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		   const struct plait__affine *affine, unsigned char *work, float *y);

/* The same in bytes. */
void plait__move(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		 uint8_t *y);

/* stage->in of the image resized to stage->width x stage->height, and of that stage->out. */
size_t plait__resize_work(const struct plait__stage *stage, int channels);
void plait__resize(const struct plait__image *image, const struct plait__stage *stage,
		   const struct plait__affine *affine, unsigned char *work, float *y);

/* A rectangle of every plane [height,width] set to what zero becomes. */
void plait__fill(const struct plait__rect *part, const struct plait__affine *affine, int channels,
		 int height, int width, float *y);

/* The same in planes of bytes: to zero. */
void plait__blank(const struct plait__rect *part, int channels, int height, int width, uint8_t *y);

/* Brightness, contrast and saturation of 1 or 3 planes of n values in [0,1], in place. */
void plait__jitter(const float factor[3], const struct plait__affine *affine, int channels,
		   int64_t n, float *y);

/* n values in [0,1] of each plane to the nearest bytes, interleaved; with one channel, as they
 * stand. */
void plait__pack(int64_t n, int channels, const float *planes, uint8_t *pixels);

#endif
