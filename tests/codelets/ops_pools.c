/* SPDX-License-Identifier: MIT
 * Builders and references of rows whose ops make one pixel of several. */
#include "config.h"
#include "tests/codelets/ops_images.h"

#include <math.h>

/* m is one of these. */
static const struct {
	int64_t kernel[2];
	struct plait_maxpool_options options;
} pools[] = {
	{ { 2, 2 }, { .ceil_mode = false } },
	{ { 3, 3 }, { .stride = { 2, 2 }, .padding = { 1, 1 } } },
	{ { 3, 2 }, { .stride = { 1, 2 } } },
	{ { 2, 2 }, { .ceil_mode = true } },
	{ { 5, 5 }, { .stride = { 1, 1 }, .padding = { 2, 2 } } },
	{ { 2, 3 }, { .stride = { 3, 4 } } },
	{ { 2, 3 }, { .stride = { 2, 1 }, .dilation = { 2, 3 } } },
};

/* One channel, few, more than a vector and than what a kernel does at once; odd sizes, an empty
 * part, pixels in no window, windows that overlap, and more than a block of threads. */
const struct size pool_sizes[] = {
	{ 2, 3, { 1, 6, 4 }, 0 },   { 3, 3, { 3, 7, 5 }, 0 }, { 2, 3, { 64, 4, 4 }, 0 },
	{ 0, 3, { 3, 6, 5 }, 0 },   { 2, 3, { 5, 2, 3 }, 0 }, { 70, 3, { 2, 9, 8 }, 0 },
	{ 2, 3, { 3, 7, 6 }, 1 },   { 1, 3, { 1, 9, 8 }, 1 }, { 1, 3, { 130, 5, 5 }, 1 },
	{ 2, 3, { 7, 5, 6 }, 2 },   { 3, 3, { 2, 5, 7 }, 3 }, { 1, 3, { 33, 7, 7 }, 3 },
	{ 2, 3, { 3, 5, 9 }, 4 },   { 2, 3, { 4, 8, 9 }, 5 }, { 2, 3, { 6, 7, 8 }, 6 },
	{ 1, 3, { 8, 31, 33 }, 1 },
};
const int pool_sizes_count = sizeof pool_sizes / sizeof *pool_sizes;

struct plait_node *build_maxpool(struct plait_node *x, int64_t m)
{
	return plait_maxpool(x, pools[m].kernel[0], pools[m].kernel[1], &pools[m].options);
}

/* With and without the padding among a window's pixels; no dilation. */
struct plait_node *build_avgpool(struct plait_node *x, int64_t m)
{
	const struct plait_maxpool_options *o = &pools[m].options;

	return plait_avgpool(
		x, pools[m].kernel[0], pools[m].kernel[1],
		&(struct plait_avgpool_options){ .stride = { o->stride[0], o->stride[1] },
						 .padding = { o->padding[0], o->padding[1] },
						 .ceil_mode = o->ceil_mode,
						 .leaves_out_padding = x->dim[0] % 2 == 0 });
}

struct plait_node *build_global_avgpool(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_global_avgpool(x);
}

/* What the windows of y have along one axis. */
struct axis {
	int64_t size, kernel, stride, padding, dilation;
};

static struct axis axis_of(const struct plait_node *y, int i)
{
	return (struct axis){ .size = y->input[0]->dim[1 + i],
			      .kernel = (int64_t)y->attr[i],
			      .stride = (int64_t)y->attr[2 + i],
			      .padding = (int64_t)y->attr[4 + i],
			      .dilation = (int64_t)y->attr[6 + i] };
}

/* Pixel t of window `at`, or -1 if that is not in the image. */
static int64_t tap(struct axis a, int64_t at, int64_t t)
{
	int64_t pixel = at * a.stride - a.padding + t * a.dilation;

	return pixel < a.size ? pixel : -1;
}

void maxpool(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y, *x = y->input[0];
	struct axis down = axis_of(y, 0), across = axis_of(y, 1);

	for (int64_t i = 0; i < plait_node_elements(y) * call->rows; i++) {
		int64_t n = i / plait_node_elements(y), c = i / y->dim[2] / y->dim[1] % y->dim[0],
			p = i / y->dim[2] % y->dim[1], q = i % y->dim[2], place;
		double best = -INFINITY;

		for (int64_t t = 0; t < down.kernel * across.kernel; t++) {
			int64_t h = tap(down, p, t / across.kernel);
			int64_t w = tap(across, q, t % across.kernel);

			if (h >= 0 && w >= 0)
				best = fmax(best, call->in[0][at(x, n, c, h, w)]);
		}
		place = at(y, n, c, p, q);
		out[place] = best;
		bound[place] = 0; /* a choice, no arithmetic */
	}
}

/* One mean: its pixels and those of the padding count, but what is behind the padding does not. */
static double mean_at(const struct reference_call *call, const int64_t to[4], double *size)
{
	const struct plait_node *y = call->y, *x = y->input[0];
	struct axis down = axis_of(y, 0), across = axis_of(y, 1);
	double sum = 0, pixels = 0;

	*size = 0;
	for (int64_t t = 0; t < down.kernel * across.kernel; t++) {
		int64_t h = to[2] * down.stride - down.padding + t / across.kernel;
		int64_t w = to[3] * across.stride - across.padding + t % across.kernel;
		bool inside = h >= 0 && h < down.size && w >= 0 && w < across.size;
		bool counts = x->dim[0] % 2 != 0 && h < down.size + down.padding &&
			      w < across.size + across.padding;

		pixels += inside || counts;
		if (inside) {
			sum += call->in[0][at(x, to[0], to[1], h, w)];
			*size += fabs(call->in[0][at(x, to[0], to[1], h, w)]);
		}
	}
	*size *= (double)(down.kernel * across.kernel) / pixels; /* as many roundings */
	return sum / pixels;
}

void avgpool(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;

	for (int64_t i = 0; i < plait_node_elements(y) * call->rows; i++) {
		int64_t to[4] = { i / plait_node_elements(y), i / y->dim[2] / y->dim[1] % y->dim[0],
				  i / y->dim[2] % y->dim[1], i % y->dim[2] };
		int64_t place = at(y, to[0], to[1], to[2], to[3]);

		out[place] = mean_at(call, to, &bound[place]);
	}
}

void global_avgpool(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *x = call->y->input[0];
	int64_t channels = x->dim[0], pixels = x->dim[1] * x->dim[2];

	for (int64_t i = 0; i < channels * call->rows; i++) {
		out[i] = bound[i] = 0;
		for (int64_t p = 0; p < pixels; p++) {
			double v = call->in[0][at(x, i / channels, i % channels, p / x->dim[2],
						  p % x->dim[2])];

			out[i] += v / (double)pixels;
			bound[i] += fabs(v); /* each of as many roundings is of a part of the sum */
		}
	}
}
