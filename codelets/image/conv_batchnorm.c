/* SPDX-License-Identifier: MIT
 * conv_batchnorm: y = (z - mean) scale + shift, z = x * w + b a convolution (conv.c) and
 *                 scale = weight / sqrt(var + eps) for each output, of running mean and variance.
 *                 Of few weights it is one convolution: y = x * (w scale) + (b - mean) scale +
 * shift. It stands in for a batchnorm behind a convolution where nothing is trained.  Running
 * values and weights may change between two calls, so each call scales the weights anew. */
#include "config.h"
#include "codelets/image/conv_batchnorm.h"
#include "codelets/ops.h"

/* -- building --------------------------------------------------------------------------------- */

struct plait_node *plait__conv_batchnorm(struct plait_node *conv,
					 struct plait_node *const read[PLAIT__FOLDED], double eps)
{
	struct plait_node *input[3 + PLAIT__FOLDED], *y;
	double attr[conv->nattr + 1];
	int n = conv->ninputs;

	for (int i = 0; i < n; i++)
		input[i] = conv->input[i];
	for (int i = 0; i < PLAIT__FOLDED; i++)
		input[n++] = read[i];
	for (int i = 0; i < conv->nattr; i++)
		attr[i] = conv->attr[i];
	attr[conv->nattr] = eps;
	y = plait_node_like(conv, &(struct plait_node_spec){ .op = &plait__op_conv_batchnorm,
							     .phase = PLAIT_FORWARD,
							     .ninputs = n,
							     .input = input,
							     .nattr = conv->nattr + 1,
							     .attr = attr });
	if (!y)
		return NULL;
	y->layer = conv->graph->layers; /* the batchnorm's */
	y->needs_gradient = false;
	y->stands_in = true;
	return y;
}

struct plait_node plait__folded_conv(const struct plait_node *y, bool scales)
{
	struct plait_node conv = *y;

	conv.op = &plait__op_conv;
	conv.ninputs = scales || plait__folded_has_bias(y) ? 3 : 2;
	conv.nattr = y->nattr - 1;
	return conv;
}

struct plait__convolution plait__folded_sizes(const struct plait_node *y, int64_t rows)
{
	struct plait_node conv = plait__folded_conv(y, false);

	return plait__conv_sizes(&conv, y->input[0], y, rows);
}

/* -- kernels ---------------------------------------------------------------------------------- */

static void conv_batchnorm_cpu(const struct plait_call *call)
{
	struct plait__convolution c = plait__folded_sizes(call->node, call->rows);
	struct plait__normalization n = plait__folded(call);

	plait__convolution_normalized(call->precision, &c, plait__call_floats(call, 0),
				      plait__call_floats(call, 1), plait__folded_bias(call), &n,
				      plait__call_out(call));
}

static void conv_batchnorm_warm_up(const struct plait_node *y, int64_t rows,
				   enum plait_precision precision)
{
	struct plait__convolution c = plait__folded_sizes(y, rows);

	plait__convolution_warm_up(precision, &c, PLAIT__FORWARD,
				   plait__normalization_scales_weights(&c) ||
					   plait__folded_has_bias(y));
}

const struct plait_op plait__op_conv_batchnorm = {
	.abi = PLAIT_OP_ABI,
	.name = "conv_batchnorm",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_FIXED,
	.warm_up = conv_batchnorm_warm_up,
	.cpu = conv_batchnorm_cpu,
	.cuda = PLAIT__CUDA(plait__conv_batchnorm_cuda),
	.cuda_scratch = PLAIT__CUDA(plait__conv_batchnorm_scratch),
	.cost = plait__conv_cost,
};
