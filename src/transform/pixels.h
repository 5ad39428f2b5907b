/* SPDX-License-Identifier: MIT
 * The loops over pixels.  They know windows, factors and memory, but no actions. */
#ifndef PLAIT__TRANSFORM_PIXELS_H
#define PLAIT__TRANSFORM_PIXELS_H

#include "src/base/scalar.h"
#include "src/transform/fuse.h"

static inline float plait__clamp(float v)
{
	v = v > 0 ? v : 0;
	return v < 1 ? v : 1;
}

/* The scale and shift of channel c; 1 and 0 if there is no normalisation. */
static inline float plait__affine_scale(const struct plait__affine *affine, int c)
{
	return affine->channels ? affine->scale[affine->channels > 1 ? c : 0] : 1.0f;
}

static inline float plait__affine_shift(const struct plait__affine *affine, int c)
{
	return affine->channels ? affine->shift[affine->channels > 1 ? c : 0] : 0.0f;
}

/* Writes x / 255 * scale + shift of n bytes. */
void plait__convert(size_t n, const uint8_t *x, float scale, float shift, float *y);

/* The functions below write planes [C,height,width] of a window to y.  A value is affine of the
 * pixel in [0,1]; outside of the image the pixel is zero. */

/* Writes a window of an image without resizing it.  work: plait__unpack_work() bytes. */
size_t plait__unpack_work(const struct plait__rect *rect, int channels);
void plait__unpack(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		   const struct plait__affine *affine, unsigned char *work, float *y);

/* The same in bytes, without affine. */
void plait__move(const struct plait__image *image, const struct plait__rect *rect, bool flip,
		 uint8_t *y);

/* Resizes stage->in of the image to stage->width x stage->height, and writes stage->out of that.
 * work: plait__resize_work() bytes. */
size_t plait__resize_work(const struct plait__stage *stage, int channels);
void plait__resize(const struct plait__image *image, const struct plait__stage *stage,
		   const struct plait__affine *affine, unsigned char *work, float *y);

/* Sets a rectangle of every plane [height,width] to affine of zero. */
void plait__fill(const struct plait__rect *part, const struct plait__affine *affine, int channels,
		 int height, int width, float *y);

/* Sets a rectangle of planes of bytes to zero. */
void plait__blank(const struct plait__rect *part, int channels, int height, int width, uint8_t *y);

/* Changes brightness, contrast and saturation of 1 or 3 planes of n values in [0,1], in place, and
 * then applies affine. */
void plait__jitter(const float factor[3], const struct plait__affine *affine, int channels,
		   int64_t n, float *y);

/* Rounds the n values in [0,1] of each plane to the nearest bytes, which are interleaved. */
void plait__pack(int64_t n, int channels, const float *planes, uint8_t *pixels);

#endif
