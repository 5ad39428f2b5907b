/* SPDX-License-Identifier: MIT
 * A row for each op: how to build it, and naive loops in double that say what it computes.
 * Bounds are in UNITs of 2^-24, one rounding to float each, and count the roundings that
 * the formula has in float; the harness adds the rounding of the result. */
#include "config.h"
#include "tests/codelets/ops_images.h"
#include "tests/codelets/ops_norm.h"
#include "tests/codelets/ops_layernorm.h"

#include <math.h>
#include <stdlib.h>

static int64_t elements(const struct reference_call *call)
{
	return plait_node_elements(call->y) * call->rows;
}

/* -- elementwise -------------------------------------------------------------------------- */

static struct plait_node *build_scale(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_scale(x, -0.75f);
}

static void scale(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		out[i] = -0.75 * call->in[0][i];
		bound[i] = 0;
	}
}

/* A pair for each channel where there are few enough, else one. */
static struct plait_node *build_normalize(struct plait_node *x, int64_t m)
{
	float scale[PLAIT_MAX_CHANNELS], shift[PLAIT_MAX_CHANNELS];
	int channels = x->dim[0] <= PLAIT_MAX_CHANNELS ? (int)x->dim[0] : 1;

	(void)m;
	for (int c = 0; c < channels; c++) {
		scale[c] = 0.3f + (float)c;
		shift[c] = 0.7f * (float)c - 2.0f;
	}
	return plait_normalize(x, channels, scale, shift);
}

static void normalize(const struct reference_call *call, double *out, double *bound)
{
	int64_t n = plait_node_elements(call->y), channels = call->y->dim[0];

	channels = channels <= PLAIT_MAX_CHANNELS ? channels : 1;
	for (int64_t i = 0; i < elements(call); i++) {
		int64_t c = i % n / (n / channels);
		double scaled = call->in[0][i] / 255 * (double)(0.3f + (float)c);

		out[i] = scaled + (double)(0.7f * (float)c - 2.0f);
		bound[i] = 2 * scaled; /* the quotient and the product are rounded */
	}
}

/* x twice and scaled: so that a value with two users is differentiated too. */
static struct plait_node *build_add(struct plait_node *x, int64_t m)
{
	(void)m;
	return plait_add(x, x);
}

static void add(const struct reference_call *call, double *out, double *bound)
{
	for (int64_t i = 0; i < elements(call); i++) {
		out[i] = call->in[0][i] + call->in[1][i];
		bound[i] = 0;
	}
}

/* -- rows ----------------------------------------------------------------------------------- */

static struct plait_node *build_linear(struct plait_node *x, int64_t m)
{
	return plait_linear(x, m);
}

static struct plait_node *build_linear_no_bias(struct plait_node *x, int64_t m)
{
	return plait_linear_no_bias(x, m);
}

static void linear(const struct reference_call *call, double *out, double *bound)
{
	int64_t k = plait__columns(call->y->input[0]), m = plait__columns(call->y);

	for (int64_t i = 0; i < elements(call) / m; i++) {
		for (int64_t j = 0; j < m; j++) {
			double sum = call->y->ninputs == 3 ? call->in[2][j] : 0, size = fabs(sum);

			for (int64_t l = 0; l < k; l++) {
				sum += call->in[0][i * k + l] * call->in[1][j * k + l];
				size += fabs(call->in[0][i * k + l] * call->in[1][j * k + l]);
			}
			out[i * m + j] = sum;
			/* Each term takes part in at most k + 2 roundings, in whatever order. */
			bound[i * m + j] = (double)(k + 2) * size;
		}
	}
}

/* Gradients: 4 UNITs are the roundings of a product of a few factors.  gelu's, tanh's,
 * sigmoid's and softmax's have a difference in them that may cancel: as many UNITs of dy.  silu's
 * has x (1 - s), where the sigmoid s is 2.44 ulp off and 1 from x = 17 on: 17 times as much. */
const struct op_row op_table[] = {
	{ "linear", build_linear, linear, .gradient_units = 4, .by_row = true,
	  .no_extremes = true },
	{ "linear", build_linear_no_bias, linear, .gradient_units = 4, .by_row = true,
	  .no_extremes = true },
	{ "conv", build_conv, conv, .gradient_units = 4, .by_row = true, .no_extremes = true,
	  .sizes = conv_sizes, .sizes_count = &conv_sizes_count },
	{ "conv_batchnorm", build_conv_batchnorm, conv_batchnorm, .no_gradient = true,
	  .no_extremes = true, .evaluates = true, .sizes = conv_sizes,
	  .sizes_count = &conv_sizes_count },
	{ "maxpool", build_maxpool, maxpool, .by_row = true, .chooses = true, .no_extremes = true,
	  .sizes = pool_sizes, .sizes_count = &pool_sizes_count },
	{ "batchnorm", build_batchnorm, batchnorm, .gradient_units = 32, .by_row = true,
	  .no_extremes = true, .nan_spreads = true, .sizes = norm_sizes,
	  .sizes_count = &norm_sizes_count },
	{ "batchnorm", build_batchnorm_small, batchnorm, .no_gradient = true, .no_extremes = true,
	  .sizes = norm_sizes, .sizes_count = &norm_sizes_count },
	{ "batchnorm", build_batchnorm, batchnorm_running, .gradient_units = 32, .by_row = true,
	  .no_extremes = true, .nan_spreads = true, .evaluates = true, .sizes = norm_sizes,
	  .sizes_count = &norm_sizes_count },
	{ "relu", build_relu, relu, .gradient_units = 0, .bends = 1, .bend = { { 0, 0 } } },
	{ "avgpool", build_avgpool, avgpool, .gradient_units = 4, .by_row = true,
	  .no_extremes = true, .sizes = pool_sizes, .sizes_count = &pool_sizes_count },
	{ "global_avgpool", build_global_avgpool, global_avgpool, .gradient_units = 2,
	  .no_extremes = true, .sizes = conv_sizes, .sizes_count = &conv_sizes_count },
	{ "layernorm", build_layernorm, layernorm, .gradient_units = 16, .by_row = true,
	  .no_extremes = true, .nan_spreads = true, .sizes = layernorm_sizes,
	  .sizes_count = &layernorm_sizes_count },
	{ "groupnorm", build_groupnorm, groupnorm, .gradient_units = 16, .by_row = true,
	  .no_extremes = true, .nan_spreads = true, .sizes = groupnorm_sizes,
	  .sizes_count = &groupnorm_sizes_count },
	{ "relu", build_relu, relu, .gradient_units = 0 },
	{ "gelu", build_gelu, gelu, .gradient_units = 8, .nan_spreads = true },
	{ "tanh", build_tanh, hyperbolic, .gradient_units = 8, .nan_spreads = true },
	{ "sigmoid", build_sigmoid, sigmoid, .gradient_units = 8, .nan_spreads = true },
	{ "leaky_relu", build_leaky_relu, leaky_relu, .gradient_units = 0, .bends = 1,
	  .bend = { { 0, (double)LEAKY_SLOPE } } },
	{ "silu", build_silu, silu, .gradient_units = 48, .nan_spreads = true },
	{ "hardswish", build_hardswish, hardswish, .gradient_units = 4, .nan_spreads = true,
	  .bends = 2, .bend = { { -3, -0.5 }, { 3, 1.5 } } },
	{ "softmax", build_softmax, softmax, .gradient_units = 16, .by_row = true,
	  .nan_spreads = true },
	{ "log_softmax", build_log_softmax, log_softmax, .gradient_units = 16, .by_row = true,
	  .nan_spreads = true },
	{ "normalize", build_normalize, normalize, .bytes = true, .no_gradient = true,
	  .no_extremes = true },
	{ "flatten", build_flatten, copy, .gradient_units = 0 },
	{ "reshape", build_reshape, copy, .gradient_units = 0 },
	{ "transpose", build_transpose, transposed, .gradient_units = 0 },
	{ "concat", build_concat, concat, .gradient_units = 0 },
	{ "concat", build_concat_images, concat, .sizes = conv_sizes,
	  .sizes_count = &conv_sizes_count, .no_extremes = true },
	{ "channels_last", build_channels_last, layout, .sizes = conv_sizes,
	  .sizes_count = &conv_sizes_count, .no_extremes = true },
	{ "contiguous", build_contiguous, layout, .sizes = conv_sizes,
	  .sizes_count = &conv_sizes_count, .no_extremes = true },
	{ "add", build_add, add, .gradient_units = 0 },
	{ "sub", build_sub, sub, .gradient_units = 0 },
	{ "mul", build_mul, mul, .gradient_units = 1 },
	{ "mul", build_square, mul, .gradient_units = 1 },
	{ "scale", build_scale, scale, .gradient_units = 0 },
	{ "dropout", build_dropout, dropout, .gradient_units = 1 },
	{ "dropout", build_dropout_none, dropout, .gradient_units = 0 },
	{ "dropout", build_dropout_all, dropout, .gradient_units = 0 },
	{ "cross_entropy", build_cross_entropy, cross_entropy, .gradient_units = 16, .by_row = true,
	  .flat = true, .scalar = true, .nan_spreads = true },
	{ "cross_entropy", build_cross_entropy_weighted, cross_entropy, .gradient_units = 16,
	  .by_row = true, .flat = true, .scalar = true, .nan_spreads = true },
	{ "nll", build_nll, nll, .gradient_units = 1, .flat = true, .scalar = true },
	{ "nll", build_nll_weighted, nll, .gradient_units = 2, .flat = true, .scalar = true },
	{ "nll", build_nll_term, nll, .gradient_units = 2, .flat = true, .scalar = true,
	  .term = true },
	{ "mse", build_mse, mse, .gradient_units = 4, .scalar = true, .nan_spreads = true },
	{ "mse", build_mse_weighted, mse, .gradient_units = 5, .scalar = true,
	  .nan_spreads = true },
	{ "cross_entropy", build_cross_entropy_term, cross_entropy, .gradient_units = 17,
	  .by_row = true, .flat = true, .scalar = true, .nan_spreads = true, .term = true },
	{ "cross_entropy", build_cross_entropy_classes, cross_entropy, .gradient_units = 16,
	  .by_row = true, .flat = true, .scalar = true, .nan_spreads = true },
	/* As without, and three times as much for the factor of the gradient, which is below 2. */
	{ "cross_entropy", build_focal, focal, .gradient_units = 48, .by_row = true, .flat = true,
	  .scalar = true, .nan_spreads = true },
	{ "cross_entropy", build_focal_weighted, focal, .gradient_units = 48, .by_row = true,
	  .flat = true, .scalar = true, .nan_spreads = true },
	{ "cross_entropy", build_focal_term, focal, .gradient_units = 50, .by_row = true,
	  .flat = true, .scalar = true, .nan_spreads = true, .term = true },
	{ "cross_entropy", build_cross_entropy_smooth, cross_entropy_smooth, .gradient_units = 20,
	  .by_row = true, .flat = true, .scalar = true, .nan_spreads = true },
	{ "cross_entropy", build_cross_entropy_smooth_weighted, cross_entropy_smooth,
	  .gradient_units = 20, .by_row = true, .flat = true, .scalar = true, .nan_spreads = true },
	{ "cross_entropy", build_cross_entropy_smooth_term, cross_entropy_smooth,
	  .gradient_units = 21, .by_row = true, .flat = true, .scalar = true, .nan_spreads = true,
	  .term = true },
	{ "constant", build_constant, constant, .flat = true, .no_gradient = true },
	{ "label_scale", build_label_scale, label_scale, .flat = true, .scalar = true,
	  .no_gradient = true },
	{ "label_scale", build_label_scale_ignores, label_scale, .flat = true, .scalar = true,
	  .no_gradient = true },
	{ "label_weight", build_label_weight, label_weight, .flat = true, .no_gradient = true },
	{ "label_weight", build_label_weight_ignores, label_weight, .flat = true,
	  .no_gradient = true },
	{ "mse", build_mse_term, mse, .gradient_units = 5, .scalar = true, .nan_spreads = true,
	  .term = true },
	{ "mse", build_mse_weighted_term, mse, .gradient_units = 6, .scalar = true,
	  .nan_spreads = true, .term = true },
	{ "l1", build_l1, l1, .gradient_units = 4, .scalar = true, .nan_spreads = true },
	{ "l1", build_l1_weighted, l1, .gradient_units = 5, .scalar = true, .nan_spreads = true,
	  .no_extremes = true },
	{ "huber", build_huber, huber, .gradient_units = 4, .scalar = true, .nan_spreads = true },
	{ "huber", build_huber_weighted, huber, .gradient_units = 5, .scalar = true,
	  .nan_spreads = true, .no_extremes = true },
	{ "huber", build_huber_weighted_term, huber, .gradient_units = 6, .scalar = true,
	  .nan_spreads = true, .no_extremes = true, .term = true },
	{ "bce_with_logits", build_bce, bce, .gradient_units = 16, .scalar = true,
	  .nan_spreads = true, .shares = true },
	{ "bce_with_logits", build_bce_weighted, bce, .gradient_units = 17, .scalar = true,
	  .nan_spreads = true, .no_extremes = true, .shares = true },
	{ "mean", build_mean, mean, .gradient_units = 1, .scalar = true, .term = true },
	{ "sum", build_sum, sum, .gradient_units = 0, .scalar = true, .term = true },
	{ "loss", build_loss, loss, .gradient_units = 0, .scalar = true },
	{ "mae", build_mae, mae, .scalar = true, .no_gradient = true },
	{ "mae", build_mae_weighted, mae, .scalar = true, .no_gradient = true },
	{ "topk", build_topk, topk, .flat = true, .scalar = true, .no_gradient = true },
	{ "topk", build_topk_weighted, topk, .flat = true, .scalar = true, .no_gradient = true },
	{ "gather", build_gather, gather, .flat = true, .no_gradient = true },
	{ "accuracy", build_accuracy, accuracy, .flat = true, .scalar = true, .no_gradient = true },
};
const int op_rows = (int)(sizeof op_table / sizeof *op_table);
