/* SPDX-License-Identifier: MIT
 * Builders and references of rows whose ops take images.  Inputs that a convolution reads are
 * channels_last where that differs: at() knows. */
#include "config.h"
#include "tests/codelets/ops_images.h"

#include <math.h>

/* -- views and layouts ------------------------------------------------------------------------ */

struct plait_node *build_flatten(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_flatten(x);
}

struct plait_node *build_reshape(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_reshape(x, 3, (int64_t[]){ 1, -1, 1 });
}

void copy(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < plait_node_elements(call->y) * call->rows; i++) {
		out[i] = call->in[0][i];
		bound[i] = 0;
	}
}

static struct plait_node *convert(struct plait_node *x, const struct plait_op *op)
{
	return plait_node_like(
		x, &(struct plait_node_spec){
			   .op = op, .phase = PLAIT_FORWARD, .ninputs = 1, .input = &x });
}

struct plait_node *build_channels_last(struct plait_node *x, int64_t m)
{
	(void)m;
	return convert(x, &plait__op_channels_last);
}

struct plait_node *build_contiguous(struct plait_node *x, int64_t m)
{
	return convert(build_channels_last(x, m), &plait__op_contiguous);
}

void layout(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y, *x = y->input[0];
	int64_t pixels = y->dim[1] * y->dim[2];

	for (int64_t i = 0; i < plait_node_elements(y) * call->rows; i++) {
		int64_t n = i / plait_node_elements(y), c = i / pixels % y->dim[0],
			h = i % pixels / y->dim[2], w = i % y->dim[2];

		out[at(y, n, c, h, w)] = call->in[0][at(x, n, c, h, w)];
		bound[at(y, n, c, h, w)] = 0;
	}
}

struct plait_node *build_transpose(struct plait_node *x, int64_t m)
{
	return plait_transpose(x, (int)m % x->ndim, (int)(m / 2) % x->ndim);
}

/* Where element i of sample n lies; i counts as the shape says. */
static int64_t place(const struct plait_node *node, int64_t n, int64_t i)
{
	const int64_t *dim = node->dim;

	if (node->ndim != 3)
		return n * plait_node_elements(node) + i;
	return at(node, n, i / dim[2] / dim[1], i / dim[2] % dim[1], i % dim[2]);
}

/* Of element i, which counts as the shape says: its index in dimension d, and how many elements
 * further the next one is. */
static int64_t index_of(const struct plait_node *node, int64_t i, int d, int64_t *step)
{
	*step = 1;
	for (int k = node->ndim - 1; k > d; k--)
		*step *= node->dim[k];
	return i / *step % node->dim[d];
}

void transposed(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y, *x = y->input[0];
	int swap[PLAIT_MAX_DIMS] = { 0, 1, 2 }, a = (int)y->attr[0], b = (int)y->attr[1];
	int64_t each = plait_node_elements(y), step;

	swap[a] = b;
	swap[b] = a;
	for (int64_t i = 0; i < each * call->rows; i++) {
		int64_t from = 0;

		for (int d = 0; d < y->ndim; d++) {
			int64_t index = index_of(y, i % each, d, &step);

			index_of(x, 0, swap[d], &step);
			from += index * step;
		}
		out[i] = call->in[0][i / each * each + from];
		bound[i] = 0;
	}
}

/* x, another value of its shape, and x again. */
struct plait_node *build_concat(struct plait_node *x, int64_t m)
{
	struct plait_node *part[3] = { x, plait_scale(x, 0.5f), x };

	return plait_concat(3, part, (int)m % x->ndim);
}

/* The first two are channels_last where that differs. The third has another size along the
 * dimension. */
struct plait_node *build_concat_images(struct plait_node *x, int64_t m)
{
	int dim = (int)m % 3;
	struct plait_node *image = plait_maxpool(x, 1, 1, NULL);
	struct plait_node *pair = plait_concat(2, (struct plait_node *[]){ image, x }, dim);

	return plait_concat(3, (struct plait_node *[]){ image, x, pair }, dim);
}

void concat(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;
	int64_t each = plait_node_elements(y);
	int dim = (int)y->attr[0];

	for (int64_t i = 0; i < each * call->rows; i++) {
		int64_t n = i / each, step, index = index_of(y, i % each, dim, &step), part = 0;
		int64_t to = place(y, n, i % each), inner = i % step, outer = i % each;

		outer = outer / step / y->dim[dim];
		while (index >= y->input[part]->dim[dim])
			index -= y->input[part++]->dim[dim];
		out[to] = call->in[part][place(y->input[part], n,
					       (outer * y->input[part]->dim[dim] + index) * step +
						       inner)];
		bound[to] = 0;
	}
}

/* -- convolutions ------------------------------------------------------------------------------ */

/* m is one of these: outputs, kernel, stride, padding, dilation, groups; 0: the default. */
static const struct {
	int64_t outputs, kernel[2];
	struct plait_conv2d_options options;
} convs[] = {
	{ 4, { 3, 3 }, { .padding = { 1, 1 } } },
	{ 5, { 3, 2 }, { .stride = { 2, 1 }, .padding = { 0, 1 }, .no_bias = true } },
	{ 6, { 1, 1 }, { .groups = 1 } },
	{ 8, { 3, 3 }, { .padding = { 2, 2 }, .dilation = { 2, 2 }, .groups = 2 } },
	{ 6, { 3, 3 }, { .stride = { 2, 2 }, .padding = { 1, 1 }, .groups = 6 } },
	{ 1, { 2, 3 }, { .stride = { 3, 2 }, .padding = { 1, 2 } } },
	{ 17, { 1, 1 }, { .stride = { 2, 2 } } },
	{ 12, { 5, 5 }, { .padding = { 2, 2 }, .groups = 6 } },
};

/* One channel, one pixel, an empty part, odd sizes, a kernel that leaves pixels at the end, and
 * more than a vector, a block of threads and a piece of a matrix. */
const struct size conv_sizes[] = {
	{ 2, 3, { 1, 5, 7 }, 0 },   { 3, 3, { 3, 6, 5 }, 0 },   { 2, 3, { 3, 8, 7 }, 1 },
	{ 3, 3, { 5, 1, 1 }, 2 },   { 2, 3, { 16, 4, 3 }, 2 },  { 2, 3, { 4, 9, 9 }, 3 },
	{ 3, 3, { 6, 7, 8 }, 4 },   { 0, 3, { 3, 6, 5 }, 0 },   { 2, 3, { 2, 7, 5 }, 5 },
	{ 2, 3, { 33, 5, 5 }, 6 },  { 1, 3, { 6, 11, 10 }, 7 }, { 70, 3, { 3, 9, 9 }, 0 },
	{ 1, 3, { 8, 31, 33 }, 1 }, { 2, 3, { 6, 9, 9 }, 4 },
};
const int conv_sizes_count = sizeof conv_sizes / sizeof *conv_sizes;

struct plait_node *build_conv(struct plait_node *x, int64_t m)
{
	return plait_conv2d(x, convs[m].outputs, convs[m].kernel[0], convs[m].kernel[1],
			    &convs[m].options);
}

struct plait_node *build_conv_batchnorm(struct plait_node *x, int64_t m)
{
	return plait_batchnorm(build_conv(x, m), 1e-5, 0.1)->stand_in;
}

/* One output: the sum over its window, and the sum of the terms' sizes. */
static double conv_at(const struct reference_call *call, const struct plait__convolution *c,
		      const int64_t to[4], double *size)
{
	const struct plait_node *x = call->y->input[0];
	int64_t each = c->channels / c->groups, first = to[1] / (c->outputs / c->groups) * each;
	double sum = call->y->ninputs == 3 ? call->in[2][to[1]] : 0;

	*size = fabs(sum);
	for (int64_t i = 0; i < each * c->kernel[0] * c->kernel[1]; i++) {
		int64_t r = i / c->kernel[1] % c->kernel[0], s = i % c->kernel[1];
		int64_t h = to[2] * c->stride[0] + r * c->dilation[0] - c->padding[0];
		int64_t w = to[3] * c->stride[1] + s * c->dilation[1] - c->padding[1];
		double term = 0;

		if (h >= 0 && h < c->height && w >= 0 && w < c->width)
			term = call->in[0][at(x, to[0], first + i / c->kernel[0] / c->kernel[1], h,
					      w)] *
			       call->in[1][to[1] * each * c->kernel[0] * c->kernel[1] + i];
		sum += term;
		*size += fabs(term);
	}
	return sum;
}

void conv(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;
	struct plait__convolution c = plait__conv_sizes(y, y->input[0], y, call->rows);
	int64_t terms = c.channels / c.groups * c.kernel[0] * c.kernel[1];

	for (int64_t i = 0; i < plait_node_elements(y) * call->rows; i++) {
		int64_t to[4] = { i / plait_node_elements(y), i / y->dim[2] / y->dim[1] % y->dim[0],
				  i / y->dim[2] % y->dim[1], i % y->dim[2] };
		int64_t place = at(y, to[0], to[1], to[2], to[3]);
		double size;

		out[place] = conv_at(call, &c, to, &size);
		/* Each term takes part in at most terms + 2 roundings, in whatever order. */
		bound[place] = (double)(terms + 2) * size;
	}
}

/* Of in, the batchnorm's four are the last. */
void conv_batchnorm(const struct reference_call *call, double *out, double *bound)
{
	const struct plait_node *y = call->y;
	struct plait_node as_conv = plait__folded_conv(y, true);
	const double *const *read = &call->in[y->ninputs - PLAIT__FOLDED];
	struct reference_call inner = *call;
	double none[17] = { 0 };
	int64_t terms = plait_node_elements(y->input[1]) / y->dim[0];

	inner.y = &as_conv;
	if (y->ninputs == 2 + PLAIT__FOLDED)
		inner.in[2] = none;
	conv(&inner, out, bound);
	for (int64_t i = 0; i < plait_node_elements(y) * call->rows; i++) {
		int64_t n = i / plait_node_elements(y), o = i / y->dim[2] / y->dim[1] % y->dim[0];
		int64_t place = at(y, n, o, i / y->dim[2] % y->dim[1], i % y->dim[2]);
		double mean = read[PLAIT__FOLDED_MEAN][o], shift = read[PLAIT__FOLDED_SHIFT][o];
		double scale = read[PLAIT__FOLDED_WEIGHT][o] /
			       sqrt(read[PLAIT__FOLDED_VAR][o] + y->attr[y->nattr - 1]);

		out[place] = (out[place] - mean) * scale + shift;
		/* A scale is 4 roundings off, and multiplying by it is one more, of every term; the
		 * bias is one of the terms, and itself the sum of three. */
		bound[place] = (bound[place] / (double)(terms + 2) + fabs(mean)) * fabs(scale) +
			       fabs(shift);
		bound[place] *= (double)(terms + 10);
	}
}
