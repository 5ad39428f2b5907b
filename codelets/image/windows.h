/* SPDX-License-Identifier: MIT
 * The windows of a pooling, for its rooms and their kernels for CUDA: each pixel of y is made of a
 * window of x, channel by channel. Images are channels_last. */
#ifndef PLAIT__WINDOWS_H
#define PLAIT__WINDOWS_H

#include "src/base/scalar.h"

#include <stdbool.h>
#include <stdint.h>

struct plait_call;
struct plait_node;
struct plait_op;
struct plait_cost;

/* Sizes; of a pair, the first is along the height. */
struct plait__windows {
	int64_t rows, channels;
	int64_t in[2], out[2]; /* of x and of y */
	int64_t kernel[2], stride[2], padding[2], dilation[2];
	bool counts_padding; /* an average divides by the pixels of the padding, too */
};

/* Along one axis: the first pixel of a window that is in the image, and how many are. */
struct plait__span {
	int64_t first, count;
};

/* Of the window that output `at` is made of. */
PLAIT_FORMULA struct plait__span plait__window(const struct plait__windows *w, int axis, int64_t at)
{
	int64_t begin = at * w->stride[axis] - w->padding[axis], step = w->dilation[axis];
	int64_t before = begin < 0 ? (-begin + step - 1) / step : 0, taps = w->kernel[axis];
	struct plait__span span;

	if (begin + (taps - 1) * step >= w->in[axis])
		taps = (w->in[axis] - 1 - begin) / step + 1;
	span.first = begin + before * step;
	span.count = taps - before;
	return span;
}

/* The pixels of one window: its first one is `first` floats behind a sample's first, and the next
 * ones are row or column further. */
struct plait__taps {
	int64_t first, down, across, row, column;
};

/* Of the window of output (p,q). */
PLAIT_FORMULA struct plait__taps plait__taps_of(const struct plait__windows *w, int64_t p,
						int64_t q)
{
	struct plait__span down = plait__window(w, 0, p), across = plait__window(w, 1, q);
	struct plait__taps taps;

	taps.first = (down.first * w->in[1] + across.first) * w->channels;
	taps.down = down.count;
	taps.across = across.count;
	taps.row = w->dilation[0] * w->in[1] * w->channels;
	taps.column = w->dilation[1] * w->channels;
	return taps;
}

/* function(channels, ...): of few channels the compiler knows how many, so that loops over them
 * become none. */
#define PLAIT__OF_CHANNELS(channels, function, ...) \
	do { \
		if ((channels) == 1) \
			function(1, __VA_ARGS__); \
		else if ((channels) == 3) \
			function(3, __VA_ARGS__); \
		else \
			function(channels, __VA_ARGS__); \
	} while (0)

/* What a kernel remembers of so many channels stays in the cache. */
#define PLAIT__MOST_CHANNELS 64

/* The windows that pixel `at` may be in: those outside of the span do not reach it. */
PLAIT_FORMULA struct plait__span plait__windows_of(const struct plait__windows *w, int axis,
						   int64_t at)
{
	int64_t place = at + w->padding[axis];
	int64_t reach = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
	int64_t last = place / w->stride[axis];
	struct plait__span span;

	if (last > w->out[axis] - 1)
		last = w->out[axis] - 1;
	span.first = place < reach ? 0 : (place - reach) / w->stride[axis] + 1;
	span.count = last - span.first + 1;
	return span;
}

/* What an average divides by, along one axis. */
PLAIT_FORMULA int64_t plait__window_size(const struct plait__windows *w, int axis, int64_t at)
{
	int64_t begin = at * w->stride[axis] - w->padding[axis];
	int64_t left = w->in[axis] + w->padding[axis] - begin;

	if (!w->counts_padding)
		return plait__window(w, axis, at).count;
	return w->kernel[axis] < left ? w->kernel[axis] : left;
}

/* The same along both. */
PLAIT_FORMULA float plait__window_pixels(const struct plait__windows *w, int64_t p, int64_t q)
{
	return (float)(plait__window_size(w, 0, p) * plait__window_size(w, 1, q));
}

/* Whether windows are of 2x2 pixels beside each other, all of them within the image: the common
 * case, which has kernels of its own. */
PLAIT_FORMULA bool plait__windows_are_tiles(const struct plait__windows *w)
{
	for (int i = 0; i < 2; i++)
		if (w->kernel[i] != 2 || w->stride[i] != 2 || w->padding[i] != 0 ||
		    w->dilation[i] != 1 || 2 * w->out[i] > w->in[i])
			return false;
	return true;
}

/* In windows.c.  Builds the layer op(x) of so many windows; of w the builder fills what it was
 * given: kernel, stride (0: the kernel's), padding, dilation (0: 1) and counts_padding. NULL with
 * an error of the graph. */
struct plait_node *plait__windows_build(const struct plait_op *op, struct plait_node *x,
					struct plait__windows *w, bool ceil_mode);

/* Those of node, which is such a layer or its gradient; x and y: what the layer reads and computes,
 * or nodes of those shapes. */
struct plait__windows plait__windows_of_node(const struct plait_node *node,
					     const struct plait_node *x, const struct plait_node *y,
					     int64_t rows);

/* The layer's kernel for CPUs: sample by sample, by the function for tiles or that for all windows.
 */
typedef void plait__windows_fn(const struct plait__windows *w, const float *x, float *y);
void plait__windows_forward(const struct plait_call *call, plait__windows_fn *tiles,
			    plait__windows_fn *any);

/* Of a layer; of its gradient, whose inputs are dy and those of the layer that it reads. */
void plait__windows_cost(const struct plait_node *y, int64_t rows, struct plait_cost *cost);
void plait__windows_bwd_cost(const struct plait_node *dx, int64_t rows, struct plait_cost *cost);

#endif
