/* SPDX-License-Identifier: MIT
 * Convolutions against naive loops in double: random sizes, with groups, depthwise, dilated, with
 * strides that leave some of the image; and with a batchnorm behind them; in float32 and in
 * bfloat16.
 *   convolution [CASES [SEED]]     more of them, from another seed on */
#include "config.h"
#include "codelets/dnnl/normalization.h"
#include "codelets/shared/bf16.h"
#include "src/base/random.h"
#include "tests/tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 150 };

static uint64_t seed, drawn;

static int64_t draw(int64_t n)
{
	return (int64_t)(plait__random(seed, drawn++) % (uint64_t)n);
}

static struct plait__convolution draw_case(void)
{
	struct plait__convolution c = { .rows = 1 + draw(4), .groups = 1 };
	int64_t kind = draw(4);

	c.channels = 1 + draw(20);
	c.outputs = 1 + draw(20);
	if (kind == 0) /* depthwise, maybe with several outputs of a channel */
		c.groups = c.channels, c.outputs = c.channels * (1 + draw(2));
	if (kind == 1) {
		c.groups = 2 + draw(3);
		c.channels = c.groups * (1 + draw(8));
		c.outputs = c.groups * (1 + draw(8));
	}
	if (kind == 2) /* what vectors are made of */
		c.channels = 8 * (1 + draw(4)), c.outputs = 8 * (1 + draw(4));
	do {
		c.height = 1 + draw(12);
		c.width = 1 + draw(12);
		for (int i = 0; i < 2; i++) {
			c.kernel[i] = 1 + draw(5);
			c.stride[i] = 1 + draw(3);
			c.dilation[i] = draw(3) ? 1 : 1 + draw(3);
			c.padding[i] = draw(c.kernel[i]);
		}
	} while (plait__convolution_size(&c, 0) < 1 || plait__convolution_size(&c, 1) < 1);
	return c;
}

static float *numbers(int64_t n)
{
	float *x = malloc((size_t)n * sizeof *x);

	if (!x)
		tap_bail_out("no memory");
	for (int64_t i = 0; i < n; i++)
		x[i] = 2 * plait__uniform(plait__random(seed, drawn++)) - 1;
	return x;
}

/* What all three directions are: y += x w for each product of the sum.  Calls f with the places of
 * the three. */
struct sums {
	const float *x, *w, *y;
	double *out, *size; /* size: the sum of absolute values */
	int of;             /* 0: y, 1: x, 2: w */
};

static void add(const struct sums *s, int64_t x, int64_t w, int64_t y)
{
	double p = s->of == 0   ? (double)s->x[x] * (double)s->w[w]
		   : s->of == 1 ? (double)s->y[y] * (double)s->w[w]
				: (double)s->x[x] * (double)s->y[y];
	int64_t at = s->of == 0 ? y : s->of == 1 ? x : w;

	s->out[at] += p;
	s->size[at] += fabs(p);
}

static void pixel(const struct plait__convolution *c, const struct sums *s, int64_t n, int64_t p,
		  int64_t q, int64_t o)
{
	int64_t per = c->channels / c->groups, outs = c->outputs / c->groups;
	int64_t y = ((n * plait__convolution_size(c, 0) + p) * plait__convolution_size(c, 1) + q) *
			    c->outputs +
		    o;

	for (int64_t i = 0; i < per; i++)
		for (int64_t r = 0; r < c->kernel[0]; r++)
			for (int64_t t = 0; t < c->kernel[1]; t++) {
				int64_t h = p * c->stride[0] - c->padding[0] + r * c->dilation[0];
				int64_t v = q * c->stride[1] - c->padding[1] + t * c->dilation[1];

				if (h >= 0 && h < c->height && v >= 0 && v < c->width)
					add(s,
					    ((n * c->height + h) * c->width + v) * c->channels +
						    o / outs * per + i,
					    ((o * per + i) * c->kernel[0] + r) * c->kernel[1] + t,
					    y);
			}
}

static void naive(const struct plait__convolution *c, const struct sums *s)
{
	for (int64_t n = 0; n < c->rows; n++)
		for (int64_t p = 0; p < plait__convolution_size(c, 0); p++)
			for (int64_t q = 0; q < plait__convolution_size(c, 1); q++)
				for (int64_t o = 0; o < c->outputs; o++)
					pixel(c, s, n, p, q, o);
}

/* A sum of n floats, in any order, with n products rounded: off by no more than (n + 1) units of
 * 2^-24 of the sum of absolute values; n is at most 5 x 5 x 160 or 12 x 12 x 4 here, and errors of
 * either sign cancel, so 200 units are far from what goes right and from what goes wrong. */
static bool is_right(int64_t n, const float *got, const double *expected, const double *size)
{
	for (int64_t i = 0; i < n; i++)
		if (!(fabs((double)got[i] - expected[i]) <= 200 * 0x1p-24 * size[i])) {
			printf("# element %d of %d is %.9g, not %.9g\n", (int)i, (int)n,
			       (double)got[i], expected[i]);
			return false;
		}
	return true;
}

static bool check(const struct plait__convolution *c, int of, int64_t n, const float *got,
		  const float *x, const float *w, const float *y, const float *bias)
{
	struct sums s = {
		x, w, y, calloc((size_t)n, sizeof(double)), calloc((size_t)n, sizeof(double)), of
	};
	bool right;

	if (!s.out || !s.size)
		tap_bail_out("no memory");
	naive(c, &s);
	for (int64_t i = 0; bias && i < n; i++) {
		s.out[i] += (double)bias[i % c->outputs];
		s.size[i] += fabs((double)bias[i % c->outputs]);
	}
	right = is_right(n, got, s.out, s.size);
	if (!right)
		printf("# wrong: %s\n", of == 0 ? "y" : of == 1 ? "dx" : "dw");
	free(s.out);
	free(s.size);
	return right;
}

static float *rounded(int64_t n, const float *x)
{
	float *y = numbers(n);

	plait__bf16_round(n, x, y);
	return y;
}

/* -- a batchnorm behind it ------------------------------------------------------------------- */

/* Variances that are 0, tiny or any; means that are any, and some large. */
static void draw_normalization(struct plait__normalization *n, int64_t outputs)
{
	float *mean = numbers(outputs), *var = numbers(outputs);

	for (int64_t o = 0; o < outputs; o++) {
		mean[o] *= draw(3) ? 1.0f : 1000.0f;
		var[o] = draw(3) ? fabsf(var[o]) : draw(2) ? 0 : 1e-9f;
	}
	*n = (struct plait__normalization){ mean, var, numbers(outputs), numbers(outputs), 1e-5f };
}

/* What the convolution computes of weights and x that are as it multiplies them, normalized;
 * scales: the weights are scaled already. */
static bool check_normalized(const struct plait__convolution *c,
			     const struct plait__normalization *n, bool scales, int64_t ys,
			     const float *got, const float *x, const float *w, const float *bias)
{
	struct sums s = {
		x, w, got, calloc((size_t)ys, sizeof(double)), calloc((size_t)ys, sizeof(double)), 0
	};
	bool right;

	if (!s.out || !s.size)
		tap_bail_out("no memory");
	naive(c, &s);
	for (int64_t i = 0; i < ys; i++) {
		int64_t o = i % c->outputs;
		double scale = (double)n->weight[o] / sqrt((double)n->var[o] + (double)n->eps);
		double b = bias ? (double)bias[o] : 0, factor = scales ? 1 : scale;

		s.out[i] =
			s.out[i] * factor + (b - (double)n->mean[o]) * scale + (double)n->shift[o];
		s.size[i] = s.size[i] * fabs(factor) +
			    (fabs(b) + fabs((double)n->mean[o])) * fabs(scale) +
			    fabs((double)n->shift[o]);
	}
	right = is_right(ys, got, s.out, s.size);
	if (!right)
		printf("# wrong: y normalized\n");
	free(s.out);
	free(s.size);
	return right;
}

/* Weights are scaled before they are rounded, or sums are scaled. */
static bool right_normalized(enum plait_precision precision, const struct plait__convolution *c,
			     const struct sums *s, const int64_t n[3], const float *bias,
			     float *out)
{
	bool rounds = precision == PLAIT_PRECISION_BF16, right,
	     scales = plait__normalization_scales_weights(c);
	int64_t each = n[2] / c->outputs;
	float *scaled = numbers(n[2]), *x = rounds ? rounded(n[1], s->x) : NULL, *w;
	struct plait__normalization by;

	draw_normalization(&by, c->outputs);
	for (int64_t i = 0; i < n[2]; i++)
		scaled[i] = s->w[i] *
			    (scales ? by.weight[i / each] / sqrtf(by.var[i / each] + by.eps) : 1);
	w = rounds ? rounded(n[2], scaled) : NULL;
	plait__convolution_normalized(precision, c, s->x, s->w, bias, &by, out);
	right = check_normalized(c, &by, scales, n[0], out, rounds ? x : s->x, rounds ? w : scaled,
				 bias);
	free((float *)by.mean);
	free((float *)by.var);
	free((float *)by.weight);
	free((float *)by.shift);
	free(scaled);
	free(x);
	free(w);
	return right;
}

/* -- all of a case ----------------------------------------------------------------------------- */

/* In bfloat16 what is multiplied is rounded first.  Its products are exact in float, so the bound
 * is the same. */
static bool right_in(enum plait_precision precision, const struct plait__convolution *c,
		     const struct sums *s, const int64_t n[3], const float *bias, float *out)
{
	bool rounds = precision == PLAIT_PRECISION_BF16, right;
	float *x = rounds ? rounded(n[1], s->x) : NULL, *w = rounds ? rounded(n[2], s->w) : NULL,
	      *y = rounds ? rounded(n[0], s->y) : NULL;
	const float *rx = rounds ? x : s->x, *rw = rounds ? w : s->w, *ry = rounds ? y : s->y;

	plait__convolution_forward(precision, c, s->x, s->w, bias, out);
	right = check(c, 0, n[0], out, rx, rw, ry, bias);
	plait__convolution_by_data(precision, c, s->y, s->w, out);
	right &= check(c, 1, n[1], out, rx, rw, ry, NULL);
	plait__convolution_by_weights(precision, c, s->x, s->y, false, out);
	right &= check(c, 2, n[2], out, rx, rw, ry, NULL);
	free(x);
	free(w);
	free(y);
	right &= right_normalized(precision, c, s, n, bias, out);
	return right;
}

static void test_case(void)
{
	struct plait__convolution c = draw_case();
	int64_t xs = c.rows * c.height * c.width * c.channels;
	int64_t ys = c.rows * plait__convolution_size(&c, 0) * plait__convolution_size(&c, 1) *
		     c.outputs;
	int64_t ws = c.outputs * (c.channels / c.groups) * c.kernel[0] * c.kernel[1];
	float *x = numbers(xs), *y = numbers(ys), *w = numbers(ws), *b = numbers(c.outputs);
	float *out = numbers(xs + ys + ws), *bias = draw(2) ? b : NULL;
	const struct sums s = { .x = x, .w = w, .y = y };
	const int64_t n[] = { ys, xs, ws };

	for (int bf16 = 0; bf16 <= 1; bf16++)
		ok(right_in(bf16 ? PLAIT_PRECISION_BF16 : PLAIT_PRECISION_FP32, &c, &s, n, bias,
			    out),
		   "%s, %d x %dx%dx%d to %d, %d groups, kernel %dx%d, stride %dx%d, padding %dx%d, "
		   "dilation %dx%d",
		   bf16 ? "bf16" : "fp32", (int)c.rows, (int)c.channels, (int)c.height,
		   (int)c.width, (int)c.outputs, (int)c.groups, (int)c.kernel[0], (int)c.kernel[1],
		   (int)c.stride[0], (int)c.stride[1], (int)c.padding[0], (int)c.padding[1],
		   (int)c.dilation[0], (int)c.dilation[1]);
	free(x);
	free(y);
	free(w);
	free(b);
	free(out);
}

int main(int argc, char **argv)
{
	int cases = argc > 1 ? atoi(argv[1]) : CASES;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	for (int i = 0; i < cases; i++)
		test_case();
	return tap_done();
}
