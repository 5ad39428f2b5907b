/* SPDX-License-Identifier: MIT
 * Convolutions whose outputs read one channel each: output o reads channel o / (outputs of one).
 * Terms of a sum follow each other in the order of the kernel, or of the pixels. */
#ifndef PLAIT__DEPTHWISE_H
#define PLAIT__DEPTHWISE_H

#include "codelets/cuda/columns.h"
#include "codelets/cuda/window.h"

static __global__ void plait__depthwise_kernel(struct plait__window v, int64_t pixels,
					       const float *x, const float *w, const float *b,
					       float *y)
{
	int64_t each = v.c.outputs / v.c.channels, taps = v.c.kernel[0] * v.c.kernel[1];

	PLAIT_FOR_PIXELS (pixel, pixels) {
		struct plait__place at = plait__place_of(pixel, v.y[0], v.y[1]);

		for (int64_t o = threadIdx.x; o < v.c.outputs; o += blockDim.x) {
			float sum = b ? b[o] : 0.0f;

			for (int64_t tap = 0; tap < taps; tap++) {
				int64_t from = plait__pixel_of(
					v, plait__place_read(v, at, tap / v.c.kernel[1],
							     tap % v.c.kernel[1]));

				if (from >= 0)
					sum += x[from * v.c.channels + o / each] *
					       w[o * taps + tap];
			}
			y[pixel * v.c.outputs + o] = sum;
		}
	}
}

static __global__ void plait__depthwise_dx_kernel(struct plait__window v, int64_t pixels,
						  const float *dy, const float *w, float *dx)
{
	int64_t each = v.c.outputs / v.c.channels, taps = v.c.kernel[0] * v.c.kernel[1];

	PLAIT_FOR_PIXELS (pixel, pixels) {
		struct plait__place at = plait__place_of(pixel, v.c.height, v.c.width);

		for (int64_t c = threadIdx.x; c < v.c.channels; c += blockDim.x) {
			float sum = 0.0f;

			for (int64_t tap = 0; tap < taps; tap++) {
				int64_t p = plait__reader(v, 0, at.h, tap / v.c.kernel[1]);
				int64_t q = plait__reader(v, 1, at.w, tap % v.c.kernel[1]);
				int64_t reader = (at.image * v.y[0] + p) * v.y[1] + q;

				if (p < 0 || q < 0)
					continue;
				for (int64_t o = c * each; o < (c + 1) * each; o++)
					sum += dy[reader * v.c.outputs + o] * w[o * taps + tap];
			}
			dx[pixel * v.c.channels + c] = sum;
		}
	}
}

/* A thread sums one weight's terms in one part of the pixels. */
static __global__ void plait__depthwise_dw_kernel(struct plait__window v, int64_t parts,
						  int64_t pixels, const float *x, const float *dy,
						  float *partial)
{
	int64_t each = v.c.outputs / v.c.channels, taps = v.c.kernel[0] * v.c.kernel[1];
	int64_t outputs = v.c.outputs, part_pixels = (pixels + parts - 1) / parts;

	PLAIT_FOR (int64_t, i, parts * taps * outputs) {
		int64_t o = i % outputs, tap = i / outputs % taps, part = i / outputs / taps;
		int64_t pixel = part * part_pixels, end = pixel + part_pixels;
		struct plait__place at = plait__place_of(pixel, v.y[0], v.y[1]);
		float sum = 0.0f;

		for (end = end < pixels ? end : pixels; pixel < end; pixel++) {
			int64_t from =
				plait__pixel_of(v, plait__place_read(v, at, tap / v.c.kernel[1],
								     tap % v.c.kernel[1]));

			if (from >= 0)
				sum += dy[pixel * outputs + o] * x[from * v.c.channels + o / each];
			if (++at.w < v.y[1])
				continue;
			at.w = 0;
			if (++at.h < v.y[0])
				continue;
			at.h = 0;
			at.image++;
		}
		partial[(part * outputs + o) * taps + tap] = sum;
	}
}

/* These submit what their names say, as an op's cuda does; there is at least one sample. */
static inline int plait__depthwise(const struct plait_call *call,
				   const struct plait__convolution *c, const float *x,
				   const float *w, const float *b, float *y)
{
	int64_t pixels = c->rows * plait__conv_pixels(c);

	PLAIT_LAUNCH_PIXELS(plait__depthwise_kernel, pixels, call->stream, plait__window_of(c),
			    pixels, x, w, b, y);
	return cudaGetLastError();
}

static inline int plait__depthwise_dx(const struct plait_call *call,
				      const struct plait__convolution *c, const float *dy,
				      const float *w, float *dx)
{
	int64_t pixels = c->rows * c->height * c->width;

	PLAIT_LAUNCH_PIXELS(plait__depthwise_dx_kernel, pixels, call->stream, plait__window_of(c),
			    pixels, dy, w, dx);
	return cudaGetLastError();
}

static inline int plait__depthwise_dw(const struct plait_call *call,
				      const struct plait__convolution *c, const float *x,
				      const float *dy, float *dw)
{
	int64_t parts = plait__conv_parts(c), weights = c->outputs * c->kernel[0] * c->kernel[1];
	float *partial = parts > 1 ? (float *)call->scratch : dw;

	PLAIT_LAUNCH(plait__depthwise_dw_kernel, plait__blocks(parts * weights), PLAIT_THREADS,
		     call->stream, plait__window_of(c), parts, c->rows * plait__conv_pixels(c), x,
		     dy, partial);
	return parts > 1 ? plait__sum_columns(call, parts, weights, partial, dw)
			 : cudaGetLastError();
}

#endif
