/* SPDX-License-Identifier: MIT
 * maxpool: y[p,q] = the largest x[h,w] of window (p,q), for each channel, as torch.nn.MaxPool2d.
 *          x: [N,C,H,W], y: [N,C,P,Q].
 *          dx[h,w] = the sum of dy over the windows in which x[h,w] is the one that was chosen.
 * A window is read row by row. Of equal numbers the first is chosen; a NaN is the largest, and of
 * several the last is chosen. The gradient chooses again: it reads x, which is kept anyway for
 * whoever made it, and no memory is taken for what was chosen. */
#include "config.h"
#include "codelets/image/maxpool.h"
#include "codelets/arguments.h"
#include "codelets/shared/formula.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_maxpool(struct plait_node *x, int64_t kernel_height, int64_t kernel_width,
				 const struct plait_maxpool_options *options)
{
	struct plait__windows w = { .kernel = { kernel_height, kernel_width } };

	for (int i = 0; i < 2 && options; i++) {
		w.stride[i] = options->stride[i];
		w.padding[i] = options->padding[i];
		w.dilation[i] = options->dilation[i];
	}
	return plait__windows_build(&plait__op_maxpool, x, &w, options && options->ceil_mode);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	struct plait_maxpool_options o = { 0 };
	int64_t kernel[2], ceil_mode = 0;
	const struct plait__argument argument[] = {
		{ .name = "kernel", .required = true, .integer = kernel, .pair = true, .least = 1 },
		{ .name = "stride", .integer = o.stride, .pair = true, .least = 1 },
		{ .name = "pad", .integer = o.padding, .pair = true },
		{ .name = "dilation", .integer = o.dilation, .pair = true, .least = 1 },
		{ .name = "ceil_mode", .integer = &ceil_mode },
	};

	if (!plait__arguments_read(x, "maxpool", arguments, argument,
				   sizeof argument / sizeof *argument,
				   "maxpool:3,stride=2,pad=1 for windows of 3x3"))
		return NULL;
	o.ceil_mode = ceil_mode != 0;
	return plait_maxpool(plait__image(x), kernel[0], kernel[1], &o);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_maxpool_bwd, 2,
				  (struct plait_node *[]){ dy, y->input[0] });
}

/* -- windows of any kind ---------------------------------------------------------------------- */

/* v where all bits of mask are set, other where none is. */
static inline __attribute__((always_inline)) float pick(int32_t mask, float v, float other)
{
	union plait__bits a = { .f = v }, b = { .f = other };

	a.i = (a.i & mask) | (b.i & ~mask);
	return a.f;
}

static inline __attribute__((always_inline)) float larger(float v, float best)
{
	return pick(-plait__wins(v, best), v, best);
}

static inline __attribute__((always_inline)) void
take(int64_t channels, const struct plait__taps *t, const float *restrict x, float *restrict y)
{
	for (int64_t c = 0; c < channels; c++)
		y[c] = x[c];
	for (int64_t i = 0; i < t->down; i++)
		for (int64_t j = 0; j < t->across; j++)
			for (int64_t c = 0; c < channels; c++)
				y[c] = larger(x[i * t->row + j * t->column + c], y[c]);
}

/* Windows may overlap: what they give to a pixel is added in their order. */
static inline __attribute__((always_inline)) void give(int64_t channels,
						       const struct plait__taps *t,
						       const float *restrict x,
						       const float *restrict dy, float *restrict dx)
{
	float best[PLAIT__MOST_CHANNELS];
	int32_t chosen[PLAIT__MOST_CHANNELS], number = 0;

	for (int64_t c = 0; c < channels; c++) {
		best[c] = x[c];
		chosen[c] = 0;
	}
	for (int64_t i = 0; i < t->down; i++)
		for (int64_t j = 0; j < t->across; j++, number++)
			for (int64_t c = 0; c < channels; c++) {
				float v = x[i * t->row + j * t->column + c];
				int32_t wins = -plait__wins(v, best[c]);

				best[c] = pick(wins, v, best[c]);
				chosen[c] = (number & wins) | (chosen[c] & ~wins);
			}
	number = 0;
	for (int64_t i = 0; i < t->down; i++)
		for (int64_t j = 0; j < t->across; j++, number++)
			for (int64_t c = 0; c < channels; c++)
				dx[i * t->row + j * t->column + c] +=
					pick(-(chosen[c] == number), dy[c], 0.0f);
}

PLAIT__CLONES static void forward_sample(const struct plait__windows *w, const float *x, float *y)
{
	for (int64_t p = 0; p < w->out[0]; p++)
		for (int64_t q = 0; q < w->out[1]; q++, y += w->channels) {
			struct plait__taps t = plait__taps_of(w, p, q);

			PLAIT__OF_CHANNELS(w->channels, take, &t, x + t.first, y);
		}
}

PLAIT__CLONES static void backward_sample(const struct plait__windows *w, const float *x,
					  const float *dy, float *dx)
{
	memset(dx, 0, (size_t)(w->in[0] * w->in[1] * w->channels) * sizeof *dx);
	for (int64_t p = 0; p < w->out[0]; p++)
		for (int64_t q = 0; q < w->out[1]; q++, dy += w->channels) {
			struct plait__taps t = plait__taps_of(w, p, q);

			for (int64_t c = 0; c < w->channels; c += PLAIT__MOST_CHANNELS) {
				int64_t at = t.first + c, some = w->channels - c;

				if (some > PLAIT__MOST_CHANNELS)
					some = PLAIT__MOST_CHANNELS;
				PLAIT__OF_CHANNELS(some, give, &t, x + at, dy + c, dx + at);
			}
		}
}

/* -- windows of 2x2 beside each other --------------------------------------------------------- */

/* Two rows of x give one of y, of so many pixels. */
static inline __attribute__((always_inline)) void
largest_of_tiles(int64_t channels, int64_t outputs, const float *restrict upper,
		 const float *restrict lower, float *restrict y)
{
	for (int64_t q = 0; q < outputs; q++) {
		const float *a = upper + 2 * q * channels, *b = lower + 2 * q * channels;
		float *to = y + q * channels;

		for (int64_t c = 0; c < channels; c++) {
			float best = a[c];

			best = larger(a[channels + c], best);
			best = larger(b[c], best);
			to[c] = larger(b[channels + c], best);
		}
	}
}

/* The other way: each tile gives to one of its pixels, and 0 to the others. */
static inline __attribute__((always_inline)) void
give_to_tiles(int64_t channels, int64_t outputs, const float *restrict upper,
	      const float *restrict lower, const float *restrict dy, float *restrict d_upper,
	      float *restrict d_lower)
{
	for (int64_t q = 0; q < outputs; q++) {
		const float *a = upper + 2 * q * channels, *b = lower + 2 * q * channels;
		float *da = d_upper + 2 * q * channels, *db = d_lower + 2 * q * channels;

#pragma GCC ivdep
		for (int64_t c = 0; c < channels; c++) {
			float second = a[channels + c], third = b[c], fourth = b[channels + c];
			float best = a[c], given = dy[q * channels + c];
			int32_t has2 = -plait__wins(second, best), has3, has4;

			best = pick(has2, second, best);
			has3 = -plait__wins(third, best);
			best = pick(has3, third, best);
			has4 = -plait__wins(fourth, best);
			da[c] = pick(has2 | has3 | has4, 0.0f, given);
			da[channels + c] = pick(has2 & ~(has3 | has4), given, 0.0f);
			db[c] = pick(has3 & ~has4, given, 0.0f);
			db[channels + c] = pick(has4, given, 0.0f);
		}
	}
}

PLAIT__CLONES static void forward_tiles(const struct plait__windows *w, const float *x, float *y)
{
	int64_t row = w->in[1] * w->channels;

	for (int64_t p = 0; p < w->out[0]; p++, x += 2 * row, y += w->out[1] * w->channels)
		PLAIT__OF_CHANNELS(w->channels, largest_of_tiles, w->out[1], x, x + row, y);
}

/* Pixels behind the last tiles get nothing. */
PLAIT__CLONES static void backward_tiles(const struct plait__windows *w, const float *x,
					 const float *dy, float *dx)
{
	int64_t row = w->in[1] * w->channels, used = 2 * w->out[1] * w->channels;
	size_t rest = (size_t)(row - used) * sizeof *dx;

	for (int64_t p = 0; p < w->out[0]; p++, dy += w->out[1] * w->channels) {
		PLAIT__OF_CHANNELS(w->channels, give_to_tiles, w->out[1], x, x + row, dy, dx,
				   dx + row);
		memset(dx + used, 0, rest);
		memset(dx + row + used, 0, rest);
		x += 2 * row;
		dx += 2 * row;
	}
	memset(dx, 0, (size_t)((w->in[0] - 2 * w->out[0]) * row) * sizeof *dx);
}

/* -- calls ------------------------------------------------------------------------------------ */

static void maxpool_cpu(const struct plait_call *call)
{
	plait__windows_forward(call, forward_tiles, forward_sample);
}

static void maxpool_bwd_cpu(const struct plait_call *call)
{
	const struct plait_node *dx = call->node, *dy = dx->input[0];
	struct plait__windows w = plait__windows_of_node(dx, dx, dy, call->rows);
	int64_t from = plait_node_elements(dy), to = plait_node_elements(dx);

	for (int64_t i = 0; i < w.rows; i++)
		(plait__windows_are_tiles(&w) ? backward_tiles : backward_sample)(
			&w, plait__call_floats(call, 1) + i * to,
			plait__call_floats(call, 0) + i * from, plait__call_out(call) + i * to);
}

const struct plait_op plait__op_maxpool = {
	.abi = PLAIT_OP_ABI,
	.name = "maxpool",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = maxpool_cpu,
	.cuda = PLAIT__CUDA(plait__maxpool_cuda),
	.cost = plait__windows_cost,
};

const struct plait_op plait__op_maxpool_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "maxpool_bwd",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = maxpool_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__maxpool_bwd_cuda),
	.cost = plait__windows_bwd_cost,
};
