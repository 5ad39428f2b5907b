/* SPDX-License-Identifier: MIT
 * Windows of images: which pixels of x a pixel of y is made of.  Both are channels_last, and so are
 * their pixels numbered: those of a row follow each other, then the rows of an image, then images.
 *
 * A block has PLAIT_WARP lanes, which take the channels of a pixel in turn, for each of
 * PLAIT_PIXELS pixels: so neighbours in memory are read and written at once. */
#ifndef PLAIT__CUDA_WINDOW_H
#define PLAIT__CUDA_WINDOW_H

#include "codelets/cuda/reduce.h"

extern "C" {
#include "codelets/image/conv.h"
}

struct plait__window {
	struct plait__convolution c;
	int64_t y[2]; /* height and width of y */
};

static inline struct plait__window plait__window_of(const struct plait__convolution *c)
{
	return { *c, { plait__convolution_size(c, 0), plait__convolution_size(c, 1) } };
}

/* A place in an image, which may lie outside of it. */
struct plait__place {
	int64_t image, h, w;
};

static __device__ __forceinline__ struct plait__place plait__place_of(int64_t pixel, int64_t height,
								      int64_t width)
{
	return { pixel / width / height, pixel / width % height, pixel % width };
}

/* What place (r,s) in the window of pixel y of y reads of x. */
static __device__ __forceinline__ struct plait__place
plait__place_read(const struct plait__window &v, const struct plait__place &y, int64_t r, int64_t s)
{
	return { y.image, y.h * v.c.stride[0] + r * v.c.dilation[0] - v.c.padding[0],
		 y.w * v.c.stride[1] + s * v.c.dilation[1] - v.c.padding[1] };
}

/* Its number, or -1 if it is padding. */
static __device__ __forceinline__ int64_t plait__pixel_of(const struct plait__window &v,
							  const struct plait__place &x)
{
	bool inside = x.h >= 0 && x.h < v.c.height && x.w >= 0 && x.w < v.c.width;

	return inside ? (x.image * v.c.height + x.h) * v.c.width + x.w : -1;
}

/* Along an axis: the pixel of y that reads x at place t of its window, or -1 if none does. */
static __device__ __forceinline__ int64_t plait__reader(const struct plait__window &v, int axis,
							int64_t x, int64_t t)
{
	int64_t at = x + v.c.padding[axis] - t * v.c.dilation[axis], stride = v.c.stride[axis];

	if (at < 0 || at % stride != 0 || at / stride >= v.y[axis])
		return -1;
	return at / stride;
}

#define PLAIT_PIXELS 8 /* of a block at once */

#define PLAIT_FOR_PIXELS(pixel, n) \
	for (int64_t pixel = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; pixel < (n); \
	     pixel += (int64_t)gridDim.x * blockDim.y)

/* Launches kernel(...) for so many pixels, more than none. */
#define PLAIT_LAUNCH_PIXELS(kernel, pixels, stream, ...) \
	PLAIT_LAUNCH(kernel, plait__pixel_blocks(pixels), dim3(PLAIT_WARP, PLAIT_PIXELS), stream, \
		     __VA_ARGS__)

static inline unsigned plait__pixel_blocks(int64_t pixels)
{
	int64_t blocks = (pixels + PLAIT_PIXELS - 1) / PLAIT_PIXELS, most = 65536;

	return (unsigned)(blocks < most ? blocks : most);
}

#endif
