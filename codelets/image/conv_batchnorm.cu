/* SPDX-License-Identifier: MIT
 * The convolution is that of conv.cu: of scaled weights, which are in the call's scratch, or in
 * front of a pass over y. */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/image/conv_batchnorm.h"
#include "codelets/norm/batchnorm.h"
}

/* Of n weights each output has `each`.  Whoever scales the first one of an output makes its bias.
 */
static __global__ void scale_weights(int64_t n, int64_t each, float eps, const float *mean,
				     const float *var, const float *weight, const float *shift,
				     const float *w, const float *b, float *scaled, float *bias)
{
	PLAIT_FOR (int64_t, i, n) {
		int64_t o = i / each;
		float scale = plait__batchnorm_scale(weight[o], var[o], eps);

		scaled[i] = w[i] * scale;
		if (i % each == 0)
			bias[o] = plait__batchnorm_y(b ? b[o] : 0.0f, mean[o], scale, shift[o]);
	}
}

static __global__ void normalize(int64_t n, int64_t m, float eps, const float *mean,
				 const float *var, const float *weight, const float *shift,
				 float *y)
{
	PLAIT_FOR (int64_t, i, n) {
		int64_t j = i % m;

		y[i] = plait__batchnorm_y(y[i], mean[j],
					  plait__batchnorm_scale(weight[j], var[j], eps), shift[j]);
	}
}

static size_t weight_bytes(const struct plait_node *y)
{
	return plait__align((size_t)plait_node_elements(y->input[1]) * sizeof(float));
}

static size_t bias_bytes(const struct plait_node *y)
{
	return plait__align((size_t)y->dim[0] * sizeof(float));
}

/* Inputs of the convolution with scaled weights are these. */
static int with_scaled_weights(const struct plait_call *call, const struct plait__normalization *by)
{
	const struct plait_node *y = call->node;
	struct plait_node conv = plait__folded_conv(y, true);
	char *scratch = (char *)call->scratch;
	float *scaled = (float *)scratch, *bias = (float *)(scratch + weight_bytes(y));
	const void *in[] = { call->in[0], scaled, bias };
	int64_t n = plait_node_elements(y->input[1]);
	struct plait_call inner = *call;
	int status;

	PLAIT_LAUNCH(scale_weights, plait__blocks(n), PLAIT_THREADS, call->stream, n, n / y->dim[0],
		     by->eps, by->mean, by->var, by->weight, by->shift, plait__call_floats(call, 1),
		     plait__folded_bias(call), scaled, bias);
	status = cudaGetLastError();
	inner.node = &conv;
	inner.in = in;
	inner.scratch = scratch + weight_bytes(y) + bias_bytes(y);
	return status == cudaSuccess ? plait__conv_cuda(&inner) : status;
}

int plait__conv_batchnorm_cuda(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	struct plait__convolution c = plait__folded_sizes(y, call->rows);
	struct plait__normalization by = plait__folded(call);
	struct plait_node conv = plait__folded_conv(y, false);
	struct plait_call inner = *call;
	int64_t n = plait__call_elements(call, y);
	int status;

	if (call->rows == 0)
		return cudaSuccess;
	if (plait__normalization_scales_weights(&c))
		return with_scaled_weights(call, &by);
	inner.node = &conv;
	status = plait__conv_cuda(&inner);
	if (status != cudaSuccess)
		return status;
	PLAIT_LAUNCH(normalize, plait__blocks(n), PLAIT_THREADS, call->stream, n, y->dim[0], by.eps,
		     by.mean, by.var, by.weight, by.shift, plait__call_out(call));
	return cudaGetLastError();
}

size_t plait__conv_batchnorm_scratch(const struct plait_node *y, int64_t rows)
{
	struct plait__convolution c = plait__folded_sizes(y, rows);
	bool scales = plait__normalization_scales_weights(&c);
	struct plait_node conv = plait__folded_conv(y, scales);

	return plait__conv_scratch(&conv, rows) + (scales ? weight_bytes(y) + bias_bytes(y) : 0);
}
