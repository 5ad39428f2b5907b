/* SPDX-License-Identifier: MIT
 * avgpool: y[p,q] = the sum of x[h,w] over window (p,q), divided by its pixels, for each channel,
 * as torch.nn.AvgPool2d.  x: [N,C,H,W], y: [N,C,P,Q]. dx[h,w] = the sum over the windows that it is
 * in of dy divided by their pixels. Those of the padding count as pixels, and are 0, unless the
 * options say otherwise. */
#include "config.h"
#include "codelets/image/windows.h"
#include "codelets/arguments.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_avgpool(struct plait_node *x, int64_t kernel_height, int64_t kernel_width,
				 const struct plait_avgpool_options *options)
{
	struct plait__windows w = { .kernel = { kernel_height, kernel_width },
				    .counts_padding = !options || !options->leaves_out_padding };

	for (int i = 0; i < 2 && options; i++) {
		w.stride[i] = options->stride[i];
		w.padding[i] = options->padding[i];
	}
	return plait__windows_build(&plait__op_avgpool, x, &w, options && options->ceil_mode);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	struct plait_avgpool_options o = { 0 };
	int64_t kernel[2], ceil_mode = 0, count_include_pad = 1;
	const struct plait__argument argument[] = {
		{ .name = "kernel", .required = true, .integer = kernel, .pair = true, .least = 1 },
		{ .name = "stride", .integer = o.stride, .pair = true, .least = 1 },
		{ .name = "pad", .integer = o.padding, .pair = true },
		{ .name = "ceil_mode", .integer = &ceil_mode },
		{ .name = "count_include_pad", .integer = &count_include_pad },
	};

	if (!plait__arguments_read(x, "avgpool", arguments, argument,
				   sizeof argument / sizeof *argument,
				   "avgpool:3,stride=2,pad=1 for windows of 3x3"))
		return NULL;
	o.ceil_mode = ceil_mode != 0;
	o.leaves_out_padding = count_include_pad == 0;
	return plait_avgpool(plait__image(x), kernel[0], kernel[1], &o);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_avgpool_bwd, 1, &dy);
}

/* -- windows of any kind ---------------------------------------------------------------------- */

static inline __attribute__((always_inline)) void add(int64_t channels, const struct plait__taps *t,
						      float size, const float *restrict x,
						      float *restrict y)
{
	for (int64_t c = 0; c < channels; c++)
		y[c] = 0;
	for (int64_t i = 0; i < t->down; i++)
		for (int64_t j = 0; j < t->across; j++)
			for (int64_t c = 0; c < channels; c++)
				y[c] += x[i * t->row + j * t->column + c];
	for (int64_t c = 0; c < channels; c++)
		y[c] /= size;
}

/* Windows may overlap: what they give to a pixel is added in their order. */
static inline __attribute__((always_inline)) void give(int64_t channels,
						       const struct plait__taps *t, float size,
						       const float *restrict dy, float *restrict dx)
{
	float share[PLAIT__MOST_CHANNELS];

	for (int64_t c = 0; c < channels; c++)
		share[c] = dy[c] / size;
	for (int64_t i = 0; i < t->down; i++)
		for (int64_t j = 0; j < t->across; j++)
			for (int64_t c = 0; c < channels; c++)
				dx[i * t->row + j * t->column + c] += share[c];
}

PLAIT__CLONES static void forward_sample(const struct plait__windows *w, const float *x, float *y)
{
	for (int64_t p = 0; p < w->out[0]; p++)
		for (int64_t q = 0; q < w->out[1]; q++, y += w->channels) {
			struct plait__taps t = plait__taps_of(w, p, q);
			float size = plait__window_pixels(w, p, q);

			PLAIT__OF_CHANNELS(w->channels, add, &t, size, x + t.first, y);
		}
}

PLAIT__CLONES static void backward_sample(const struct plait__windows *w, const float *dy,
					  float *dx)
{
	memset(dx, 0, (size_t)(w->in[0] * w->in[1] * w->channels) * sizeof *dx);
	for (int64_t p = 0; p < w->out[0]; p++)
		for (int64_t q = 0; q < w->out[1]; q++, dy += w->channels) {
			struct plait__taps t = plait__taps_of(w, p, q);
			float size = plait__window_pixels(w, p, q);

			for (int64_t c = 0; c < w->channels; c += PLAIT__MOST_CHANNELS) {
				int64_t some = w->channels - c;

				if (some > PLAIT__MOST_CHANNELS)
					some = PLAIT__MOST_CHANNELS;
				PLAIT__OF_CHANNELS(some, give, &t, size, dy + c, dx + t.first + c);
			}
		}
}

/* -- windows of 2x2 beside each other --------------------------------------------------------- */

/* Two rows of x give one of y, of so many pixels. */
static inline __attribute__((always_inline)) void add_tiles(int64_t channels, int64_t outputs,
							    const float *restrict upper,
							    const float *restrict lower,
							    float *restrict y)
{
	for (int64_t q = 0; q < outputs; q++) {
		const float *a = upper + 2 * q * channels, *b = lower + 2 * q * channels;
		float *to = y + q * channels;

		for (int64_t c = 0; c < channels; c++)
			to[c] = (a[c] + a[channels + c] + b[c] + b[channels + c]) * 0.25f;
	}
}

static inline __attribute__((always_inline)) void give_to_tiles(int64_t channels, int64_t outputs,
								const float *restrict dy,
								float *restrict d_upper,
								float *restrict d_lower)
{
	for (int64_t q = 0; q < outputs; q++) {
		float *a = d_upper + 2 * q * channels, *b = d_lower + 2 * q * channels;

#pragma GCC ivdep
		for (int64_t c = 0; c < channels; c++) {
			float share = dy[q * channels + c] * 0.25f;

			a[c] = share;
			a[channels + c] = share;
			b[c] = share;
			b[channels + c] = share;
		}
	}
}

PLAIT__CLONES static void forward_tiles(const struct plait__windows *w, const float *x, float *y)
{
	int64_t row = w->in[1] * w->channels;

	for (int64_t p = 0; p < w->out[0]; p++, x += 2 * row, y += w->out[1] * w->channels)
		PLAIT__OF_CHANNELS(w->channels, add_tiles, w->out[1], x, x + row, y);
}

/* Pixels behind the last tiles get nothing. */
PLAIT__CLONES static void backward_tiles(const struct plait__windows *w, const float *dy, float *dx)
{
	int64_t row = w->in[1] * w->channels, used = 2 * w->out[1] * w->channels;
	size_t rest = (size_t)(row - used) * sizeof *dx;

	for (int64_t p = 0; p < w->out[0]; p++, dy += w->out[1] * w->channels, dx += 2 * row) {
		PLAIT__OF_CHANNELS(w->channels, give_to_tiles, w->out[1], dy, dx, dx + row);
		memset(dx + used, 0, rest);
		memset(dx + row + used, 0, rest);
	}
	memset(dx, 0, (size_t)((w->in[0] - 2 * w->out[0]) * row) * sizeof *dx);
}

/* -- calls ------------------------------------------------------------------------------------ */

static void avgpool_cpu(const struct plait_call *call)
{
	plait__windows_forward(call, forward_tiles, forward_sample);
}

static void avgpool_bwd_cpu(const struct plait_call *call)
{
	const struct plait_node *dx = call->node, *dy = dx->input[0];
	struct plait__windows w = plait__windows_of_node(dx, dx, dy, call->rows);
	int64_t from = plait_node_elements(dy), to = plait_node_elements(dx);

	for (int64_t i = 0; i < w.rows; i++)
		(plait__windows_are_tiles(&w) ? backward_tiles : backward_sample)(
			&w, plait__call_floats(call, 0) + i * from, plait__call_out(call) + i * to);
}

const struct plait_op plait__op_avgpool = {
	.abi = PLAIT_OP_ABI,
	.name = "avgpool",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = avgpool_cpu,
	.cuda = PLAIT__CUDA(plait__avgpool_cuda),
	.cost = plait__windows_cost,
};

const struct plait_op plait__op_avgpool_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "avgpool_bwd",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = avgpool_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__avgpool_bwd_cuda),
	.cost = plait__windows_bwd_cost,
};
