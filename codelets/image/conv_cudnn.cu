/* SPDX-License-Identifier: MIT
 * Convolutions by cuDNN, where configure found it: its functions of one convolution each, in plain
 * C.
 *
 * Sizes and precision decide what is asked of cuDNN. Where it refuses, products of columns go on;
 * whether it does depends on the sizes, the device and cuDNN's version, and never on the run.
 *
 * cuDNN takes images as they lie, channels_last, and wants weights in that order too: [O,R,S,C].
 * Plait's are PyTorch's [O,C,R,S]. They are transposed in the call's scratch, and so is their
 * gradient. */
#include "config.h"
#include "codelets/cuda/columns.h"
#include "codelets/cuda/transpose.h"

extern "C" {
#include "codelets/image/conv.h"
}

#ifdef PLAIT_HAVE_CUDNN

#include "codelets/cuda/cudnn.h"

#include <limits.h>

/* -- what is asked of cuDNN -------------------------------------------------------------------- */

#define VECTOR 4 /* floats that a thread loads at once at most: 16 bytes */

/* Of a sample of x and of y, and of the weights. */
struct elements {
	int64_t x, w, y;
};

static struct elements elements_of(const struct plait__convolution *c)
{
	return { c->channels * c->height * c->width,
		 c->outputs * (plait__conv_columns(c) / c->groups),
		 c->outputs * plait__conv_pixels(c) };
}

/* cuDNN takes tensors of fewer than 2^31 elements. */
static bool fits(int64_t rows, int64_t elements)
{
	return rows <= INT_MAX && elements <= INT_MAX && rows * elements <= INT_MAX;
}

/* Not asked is
 *   bf16: of factors in bfloat16 cuDNN's convolutions make bfloat16, and Plait's make float32;
 *   a kernel of one pixel without groups: x is its columns, and cuBLAS adds the bias at once;
 *   one channel for each output, which kernels of our own compute;
 *   samples that are no multiple of 16 bytes: a shard could begin at any alignment, and for another
 *   one cuDNN may choose another kernel. */
static bool suits(const struct plait__convolution *c, enum plait_precision precision)
{
	struct elements n = elements_of(c);

	return precision != PLAIT_PRECISION_BF16 && !plait__conv_is_depthwise(c) &&
	       !(plait__conv_is_pointwise(c) && c->groups == 1) && n.x % VECTOR == 0 &&
	       n.y % VECTOR == 0 && fits(c->rows, n.x) && fits(c->rows, n.y) && fits(1, n.w);
}

/* -- memory of a call: weights in cuDNN's order, then its workspace ---------------------------- */

static size_t weight_bytes(const struct plait__convolution *c)
{
	bool same = c->kernel[0] * c->kernel[1] == 1; /* in either order */

	return same ? 0 : plait__align((size_t)elements_of(c).w * sizeof(float));
}

#define CHANNELS 8 /* of which cuDNN's kernels may want a multiple */
#define MOST_PARTS ((size_t)64 << 20)
#define TABLES ((size_t)1 << 20) /* of offsets and the like */

/* Bytes of a copy of images whose groups have as many channels as that; 0 where they have. */
static size_t copy_bytes(int64_t pixels, int64_t groups, int64_t channels)
{
	int64_t more = (channels + CHANNELS - 1) / CHANNELS * CHANNELS;

	return more == channels ? 0 : (size_t)(pixels * groups * more) * sizeof(float);
}

/* Only a device says what cuDNN wants, and memory is planned before there is one. So it may have
 * copies of x and of y, and 16 parts of a gradient by weights; or what products of columns would
 * take, which is there in any case. What wants more is refused. */
static size_t most_workspace(const struct plait__convolution *c, enum plait__direction direction)
{
	size_t parts = 16 * (size_t)elements_of(c).w * sizeof(float), bytes = TABLES;
	size_t products = plait__conv_product_bytes(c, direction);

	bytes += copy_bytes(c->rows * c->height * c->width, c->groups, c->channels / c->groups);
	bytes += copy_bytes(c->rows * plait__conv_pixels(c), c->groups, c->outputs / c->groups);
	bytes += parts < MOST_PARTS ? parts : MOST_PARTS;
	return plait__align(bytes > products ? bytes : products);
}

size_t plait__conv_cudnn_scratch(const struct plait__convolution *c,
				 enum plait__direction direction)
{
	return suits(c, PLAIT_PRECISION_FP32) ? weight_bytes(c) + most_workspace(c, direction) : 0;
}

void plait__conv_cudnn_close(void)
{
	plait__cudnn_close();
}

/* -- a call ------------------------------------------------------------------------------------ */

/* a, b: x and w; dy and w; or dy and x. */
static cudnnStatus_t execute(cudnnHandle_t handle, const struct plait__cudnn_kept *k,
			     const float *a, const float *b, float *to, void *workspace)
{
	const float one = 1.0f, zero = 0.0f;

	switch (k->key.direction) {
	case PLAIT__FORWARD:
		return cudnnConvolutionForward(handle, &one, k->x, a, k->w, b, k->how,
					       PLAIT_CUDNN_FORWARD, workspace, k->workspace, &zero,
					       k->y, to);
	case PLAIT__BY_DATA:
		return cudnnConvolutionBackwardData(handle, &one, k->w, b, k->y, a, k->how,
						    PLAIT_CUDNN_BY_DATA, workspace, k->workspace,
						    &zero, k->x, to);
	default:
		return cudnnConvolutionBackwardFilter(handle, &one, k->x, b, k->y, a, k->how,
						      PLAIT_CUDNN_BY_WEIGHTS, workspace,
						      k->workspace, &zero, k->w, to);
	}
}

/* If cuDNN refuses what it has never computed, k->refusal says so, and 0 is returned. */
static int submit(const struct plait_call *call, cudnnHandle_t handle, struct plait__cudnn_kept *k)
{
	const struct plait__convolution *c = &k->key.sizes;
	int64_t taps = c->kernel[0] * c->kernel[1], channels = c->channels / c->groups;
	const float *a = plait__call_floats(call, 0), *b = plait__call_floats(call, 1);
	float *out = plait__call_out(call), *to = out, *weights = (float *)call->scratch;
	bool moved = weight_bytes(c) > 0, by_weights = k->key.direction == PLAIT__BY_WEIGHTS;
	int status = cudaSuccess;
	cudnnStatus_t s;

	if (moved && by_weights)
		to = weights;
	if (moved && !by_weights) {
		status = plait__transpose_matrices(call, c->outputs, channels, taps, b, weights);
		b = weights;
	}
	if (status != 0)
		return status;
	s = execute(handle, k, a, b, to, (char *)call->scratch + weight_bytes(c));
	if (s != CUDNN_STATUS_SUCCESS && plait__cudnn_refuses(s) && !k->used) {
		k->refusal = s;
		return cudaSuccess;
	}
	k->used = true;
	if (s != CUDNN_STATUS_SUCCESS)
		return -(int)s;
	return moved && by_weights
		       ? plait__transpose_matrices(call, c->outputs, taps, channels, weights, out)
		       : cudaSuccess;
}

int plait__conv_by_cudnn(const struct plait_call *call, const struct plait__convolution *c,
			 enum plait__direction direction, int *refusal)
{
	/* The default is TF32 on GPUs that have it. */
	cudnnMathType_t math =
		call->precision == PLAIT_PRECISION_TF32 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
	struct plait__cudnn_key key = { *c, direction, math };
	struct plait__cudnn_stream *stream;
	struct plait__cudnn_kept *k;
	int status;

	*refusal = PLAIT__NOT_ASKED;
	if (!suits(c, call->precision))
		return cudaSuccess;
	*refusal = 0;
	status = plait__cudnn_stream_of(call->stream, &stream);
	if (status == 0)
		status = plait__cudnn_find(stream, &key, most_workspace(c, direction), &k);
	if (status == 0 && !k->refusal)
		status = submit(call, stream->handle, k);
	if (status != 0)
		return status;
	*refusal = k->refusal;
	if (*refusal || direction != PLAIT__FORWARD || call->node->ninputs < 3)
		return cudaSuccess;
	return plait__add_to_rows(call, c->rows * plait__conv_pixels(c), c->outputs,
				  plait__call_floats(call, 2), plait__call_out(call));
}

#else

size_t plait__conv_cudnn_scratch(const struct plait__convolution *c,
				 enum plait__direction direction)
{
	(void)c;
	(void)direction;
	return 0;
}

void plait__conv_cudnn_close(void)
{
}

int plait__conv_by_cudnn(const struct plait_call *call, const struct plait__convolution *c,
			 enum plait__direction direction, int *refusal)
{
	(void)call;
	(void)c;
	(void)direction;
	*refusal = PLAIT__NOT_ASKED;
	return cudaSuccess;
}

#endif
