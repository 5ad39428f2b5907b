/* SPDX-License-Identifier: MIT
 * The columns of a convolution, which codelets/image/conv.h describes: made from x, and added up to
 * dx. */
#ifndef PLAIT__IM2COL_H
#define PLAIT__IM2COL_H

#include "codelets/cuda/window.h"

/* Of so many pixels of y, from number `first` on. */
static __global__ void plait__im2col(struct plait__window v, int64_t first, int64_t pixels,
				     const float *x, float *columns)
{
	int64_t taps = v.c.kernel[0] * v.c.kernel[1], width = v.c.channels * taps;

	PLAIT_FOR_PIXELS (pixel, pixels) {
		struct plait__place at = plait__place_of(first + pixel, v.y[0], v.y[1]);

		for (int64_t i = threadIdx.x; i < width; i += blockDim.x) {
			int64_t tap = i % taps;
			int64_t from =
				plait__pixel_of(v, plait__place_read(v, at, tap / v.c.kernel[1],
								     tap % v.c.kernel[1]));

			columns[pixel * width + i] =
				from < 0 ? 0.0f : x[from * v.c.channels + i / taps];
		}
	}
}

/* Pixels of x and of y, by number. */
struct plait__pixels {
	int64_t begin, end;
};

/* dx of pixels x is the sum of what columns have for it, those of pixels y; adds: to what it was.
 */
static __global__ void plait__col2im(struct plait__window v, struct plait__pixels x,
				     struct plait__pixels y, bool adds, const float *columns,
				     float *dx)
{
	int64_t taps = v.c.kernel[0] * v.c.kernel[1], width = v.c.channels * taps;

	PLAIT_FOR_PIXELS (i, x.end - x.begin) {
		int64_t pixel = x.begin + i;
		struct plait__place at = plait__place_of(pixel, v.c.height, v.c.width);

		for (int64_t c = threadIdx.x; c < v.c.channels; c += blockDim.x) {
			float *to = &dx[pixel * v.c.channels + c], sum = adds ? *to : 0.0f;

			for (int64_t tap = 0; tap < taps; tap++) {
				int64_t p = plait__reader(v, 0, at.h, tap / v.c.kernel[1]);
				int64_t q = plait__reader(v, 1, at.w, tap % v.c.kernel[1]);
				int64_t reader = (at.image * v.y[0] + p) * v.y[1] + q;

				if (p >= 0 && q >= 0 && reader >= y.begin && reader < y.end)
					sum += columns[(reader - y.begin) * width + c * taps + tap];
			}
			*to = sum;
		}
	}
}

/* Pixels of x that pixels y read: of their whole images or, where they are a part of one, of rows
 * of that. */
static inline struct plait__pixels plait__pixels_read(const struct plait__window *v,
						      struct plait__pixels y)
{
	int64_t line = v->y[1], image = v->y[0] * line, height = v->c.height;
	int64_t first = y.begin / image, last = (y.end - 1) / image, begin = 0, end = height;

	if (first == last && y.end - y.begin < image) {
		begin = y.begin % image / line * v->c.stride[0] - v->c.padding[0];
		end = (y.end - 1) % image / line * v->c.stride[0] - v->c.padding[0] +
		      (v->c.kernel[0] - 1) * v->c.dilation[0] + 1;
		begin = begin < 0 ? 0 : begin;
		end = end < height ? end : height;
	}
	return { (first * height + begin) * v->c.width, (last * height + end) * v->c.width };
}

#endif
