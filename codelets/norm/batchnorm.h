/* SPDX-License-Identifier: MIT
 * What batchnorm's rooms and their kernels for CUDA share. */
#ifndef PLAIT__BATCHNORM_H
#define PLAIT__BATCHNORM_H

#include "codelets/shared/formula.h"
#include "src/graph/op.h"

/* Attributes of a batchnorm, of its statistics and of its gradients. */
enum { PLAIT__BATCHNORM_EPS, PLAIT__BATCHNORM_MOMENTUM, PLAIT__BATCHNORM_ATTRIBUTES };

/* Inputs of its statistics besides x, which is input 0. The kernel does not read the last: it is
 * there for the update to find. */
enum {
	PLAIT__RUNNING_MEAN = 1,
	PLAIT__RUNNING_VAR,
	PLAIT__NUM_BATCHES_TRACKED,
	PLAIT__STATS_INPUTS
};

/* Inputs of its update: running_mean, what the batch has, running_var, num_batches_tracked. */
enum { PLAIT__UPDATE_COUNTER = 3, PLAIT__UPDATE_INPUTS };

static inline int64_t *plait__batchnorm_counter(const struct plait_call *call)
{
	return (int64_t *)plait__call_input(call, PLAIT__UPDATE_COUNTER, PLAIT_I64);
}

/* What a part's mean and variance are multiplied by in the batch's; defined in the room. */
struct plait__shares {
	float mean, var;
};
struct plait__shares plait__batchnorm_shares(const struct plait_call *call);

static inline float plait__batchnorm_eps(const struct plait_call *call)
{
	return (float)call->node->attr[PLAIT__BATCHNORM_EPS];
}

/* x as a matrix: its columns are the channels, its rows all else of the samples in this call. */
static inline int64_t plait__channels(const struct plait_node *x)
{
	return x->dim[0];
}

static inline int64_t plait__channel_rows(const struct plait_call *call, const struct plait_node *x)
{
	return plait__call_elements(call, x) / plait__channels(x);
}

/* Rows of the part that come before them. */
static inline int64_t plait__channel_rows_before(const struct plait_call *call,
						 const struct plait_node *x)
{
	return call->before * (plait_node_elements(x) / plait__channels(x));
}

/* Kernels for CPUs take so many columns at once, and make their factors once.  Of few channels
 * several rows, side by side, are as one. */
#define PLAIT__STRIP 64

static inline int64_t plait__strip_width(int64_t m, int64_t begin)
{
	return m - begin < PLAIT__STRIP ? m - begin : PLAIT__STRIP;
}

static inline int64_t plait__rows_beside(int64_t m)
{
	return m <= PLAIT__STRIP / 2 ? PLAIT__STRIP / m : 1;
}

/* What x - mean is multiplied by. */
PLAIT_FORMULA float plait__batchnorm_scale(float weight, float var, float eps)
{
	return weight / sqrtf(var + eps);
}

/* Inputs of its gradients. Where there is a bias, dy is the gradient of a relu of y, and y is
 * computed again from x: that is less to read than relu's result or gradient. */
enum {
	PLAIT__BWD_DY,
	PLAIT__BWD_X,
	PLAIT__BWD_STATS,
	PLAIT__BWD_WEIGHT,
	PLAIT__SUMS_BIAS,
	PLAIT__DX_SUMS = 4,
	PLAIT__DX_BIAS
};

static inline const float *plait__batchnorm_relu_bias(const struct plait_call *call, int bias)
{
	return call->node->ninputs > bias ? plait__call_floats(call, bias) : NULL;
}

/* The rows of batchnorm_bwd_sums: sums of dy and of dy xhat, and what dx is made with, the mean of
 * dy and the slope of dx by x - mean. In evaluation, where mean and variance are no functions of x,
 * these two are 0. */
enum { PLAIT__SUM_DY, PLAIT__SUM_DY_XHAT, PLAIT__MEAN_DY, PLAIT__SLOPE, PLAIT__BWD_SUMS };

/* A column of them, rows m apart. */
PLAIT_FORMULA void plait__batchnorm_sums(float sum_dy, float sum_dy_xhat, float var, float eps,
					 int64_t rows, int training, int64_t m, float *column)
{
	int means = training && rows > 0;

	column[PLAIT__SUM_DY * m] = sum_dy;
	column[PLAIT__SUM_DY_XHAT * m] = sum_dy_xhat;
	column[PLAIT__MEAN_DY * m] = means ? sum_dy / (float)rows : 0.0f;
	column[PLAIT__SLOPE * m] =
		means ? plait__batchnorm_scale(sum_dy_xhat / (float)rows, var, eps) : 0.0f;
}

PLAIT_FORMULA float plait__batchnorm_y(float x, float mean, float scale, float shift)
{
	return (x - mean) * scale + shift;
}

PLAIT_FORMULA float plait__batchnorm_dx(float x, float dy, float mean, float scale, float mean_dy,
					float slope)
{
	return scale * (dy - mean_dy - (x - mean) * slope);
}

/* A running value after a step whose batch has this one. */
PLAIT_FORMULA float plait__batchnorm_running(float running, float momentum, float value)
{
	return (1.0f - momentum) * running + momentum * value;
}

#endif
