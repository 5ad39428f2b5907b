/* SPDX-License-Identifier: MIT
 * What a stream keeps for cuDNN: a handle, and by sizes what cuDNN wants described of a
 * convolution. A stream is a worker's, and only the thread that submits to it uses what is kept. So
 * a call whose sizes were there before allocates nothing, and can be captured.
 *
 * Each direction has one algorithm, none of those that cudnn_ops.h calls non-deterministic, and
 * nothing is timed: no bit depends on the run. */
#ifndef PLAIT__CUDA_CUDNN_H
#define PLAIT__CUDA_CUDNN_H

#include "codelets/cuda/window.h"

#include <cudnn.h>
#include <mutex>
#include <stdlib.h>
#include <string.h>

#define PLAIT_CUDNN_FORWARD CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM
#define PLAIT_CUDNN_BY_DATA CUDNN_CONVOLUTION_BWD_DATA_ALGO_1
#define PLAIT_CUDNN_BY_WEIGHTS CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1

/* -- what is kept of some sizes ---------------------------------------------------------------- */

/* No padding: keys are compared as bytes. */
struct plait__cudnn_key {
	struct plait__convolution sizes;
	int64_t direction, math; /* enum plait__direction, cudnnMathType_t */
};

struct plait__cudnn_kept {
	struct plait__cudnn_kept *next; /* of the same hash */
	struct plait__cudnn_key key;
	cudnnTensorDescriptor_t x, y;
	cudnnFilterDescriptor_t w;
	cudnnConvolutionDescriptor_t how;
	size_t workspace;      /* bytes */
	cudnnStatus_t refusal; /* CUDNN_STATUS_SUCCESS: none */
	bool used;             /* cuDNN has computed it */
};

/* Images are channels_last, and weights [O,R,S,C/groups]: cuDNN's NHWC. */
static cudnnStatus_t plait__cudnn_describe(struct plait__cudnn_kept *k)
{
	const struct plait__convolution *c = &k->key.sizes;
	int n = (int)c->rows, p = (int)plait__convolution_size(c, 0);
	int q = (int)plait__convolution_size(c, 1);
	cudnnStatus_t s;

	if ((s = cudnnCreateTensorDescriptor(&k->x)) || (s = cudnnCreateTensorDescriptor(&k->y)) ||
	    (s = cudnnCreateFilterDescriptor(&k->w)) ||
	    (s = cudnnCreateConvolutionDescriptor(&k->how)) ||
	    (s = cudnnSetTensor4dDescriptor(k->x, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, n,
					    (int)c->channels, (int)c->height, (int)c->width)) ||
	    (s = cudnnSetTensor4dDescriptor(k->y, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, n,
					    (int)c->outputs, p, q)) ||
	    (s = cudnnSetFilter4dDescriptor(k->w, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC,
					    (int)c->outputs, (int)(c->channels / c->groups),
					    (int)c->kernel[0], (int)c->kernel[1])) ||
	    (s = cudnnSetConvolution2dDescriptor(k->how, (int)c->padding[0], (int)c->padding[1],
						 (int)c->stride[0], (int)c->stride[1],
						 (int)c->dilation[0], (int)c->dilation[1],
						 CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT)) ||
	    (s = cudnnSetConvolutionGroupCount(k->how, (int)c->groups)))
		return s;
	return cudnnSetConvolutionMathType(k->how, (cudnnMathType_t)k->key.math);
}

static cudnnStatus_t plait__cudnn_ask(cudnnHandle_t handle, struct plait__cudnn_kept *k)
{
	switch (k->key.direction) {
	case PLAIT__FORWARD:
		return cudnnGetConvolutionForwardWorkspaceSize(handle, k->x, k->w, k->how, k->y,
							       PLAIT_CUDNN_FORWARD, &k->workspace);
	case PLAIT__BY_DATA:
		return cudnnGetConvolutionBackwardDataWorkspaceSize(
			handle, k->w, k->y, k->how, k->x, PLAIT_CUDNN_BY_DATA, &k->workspace);
	default:
		return cudnnGetConvolutionBackwardFilterWorkspaceSize(
			handle, k->x, k->y, k->how, k->w, PLAIT_CUDNN_BY_WEIGHTS, &k->workspace);
	}
}

static void plait__cudnn_forget(struct plait__cudnn_kept *k)
{
	if (k->how)
		cudnnDestroyConvolutionDescriptor(k->how);
	if (k->w)
		cudnnDestroyFilterDescriptor(k->w);
	if (k->y)
		cudnnDestroyTensorDescriptor(k->y);
	if (k->x)
		cudnnDestroyTensorDescriptor(k->x);
	free(k);
}

/* CUDNN_STATUS_BAD_PARAM and CUDNN_STATUS_NOT_SUPPORTED, of all kinds: nothing was submitted. */
static inline bool plait__cudnn_refuses(cudnnStatus_t status)
{
	return status >= 2000 && status < 4000;
}

/* -- streams ----------------------------------------------------------------------------------- */

#define PLAIT_CUDNN_HASHES 64

struct plait__cudnn_stream {
	struct plait__cudnn_stream *next;
	void *stream;
	int device;
	cudnnHandle_t handle;
	struct plait__cudnn_kept *kept[PLAIT_CUDNN_HASHES];
};

static std::mutex plait__cudnn_mutex; /* for the list */
static struct plait__cudnn_stream *plait__cudnn_streams;

static int plait__cudnn_open(void *stream, struct plait__cudnn_stream **to)
{
	struct plait__cudnn_stream *one = (struct plait__cudnn_stream *)calloc(1, sizeof *one);
	cudnnStatus_t s;

	if (!one)
		return cudaErrorMemoryAllocation;
	one->stream = stream;
	cudaGetDevice(&one->device);
	s = cudnnCreate(&one->handle);
	if (s == CUDNN_STATUS_SUCCESS)
		s = cudnnSetStream(one->handle, (cudaStream_t)stream);
	if (s != CUDNN_STATUS_SUCCESS) {
		if (one->handle)
			cudnnDestroy(one->handle);
		free(one);
		return -(int)s;
	}
	one->next = plait__cudnn_streams;
	*to = plait__cudnn_streams = one;
	return cudaSuccess;
}

/* What is kept for the stream, whose device is the current one.  Returns what an op's cuda does. */
static int plait__cudnn_stream_of(void *stream, struct plait__cudnn_stream **to)
{
	std::lock_guard<std::mutex> hold(plait__cudnn_mutex);

	for (*to = plait__cudnn_streams; *to; *to = (*to)->next)
		if ((*to)->stream == stream)
			return cudaSuccess;
	return plait__cudnn_open(stream, to);
}

/* What is kept of a key, made on first use: refused if cuDNN refuses the description, or wants a
 * workspace of more than `most` bytes.  Returns what an op's cuda does. */
static int plait__cudnn_find(struct plait__cudnn_stream *stream, const struct plait__cudnn_key *key,
			     size_t most, struct plait__cudnn_kept **to)
{
	const int64_t *word = (const int64_t *)key;
	struct plait__cudnn_kept **first, *k;
	unsigned hash = 0;
	cudnnStatus_t s;

	for (size_t i = 0; i < sizeof *key / sizeof *word; i++)
		hash = hash * 31 + (unsigned)word[i];
	first = &stream->kept[hash % PLAIT_CUDNN_HASHES];
	for (*to = *first; *to; *to = (*to)->next)
		if (memcmp(&(*to)->key, key, sizeof *key) == 0)
			return cudaSuccess;
	k = (struct plait__cudnn_kept *)calloc(1, sizeof *k);
	if (!k)
		return cudaErrorMemoryAllocation;
	k->key = *key;
	s = plait__cudnn_describe(k);
	if (s == CUDNN_STATUS_SUCCESS)
		s = plait__cudnn_ask(stream->handle, k);
	if (s == CUDNN_STATUS_SUCCESS && k->workspace > most)
		s = CUDNN_STATUS_NOT_SUPPORTED;
	if (s != CUDNN_STATUS_SUCCESS && !plait__cudnn_refuses(s)) {
		plait__cudnn_forget(k);
		return -(int)s;
	}
	k->refusal = s;
	k->next = *first;
	*to = *first = k;
	return cudaSuccess;
}

static void plait__cudnn_destroy(struct plait__cudnn_stream *one)
{
	for (int h = 0; h < PLAIT_CUDNN_HASHES; h++)
		while (one->kept[h]) {
			struct plait__cudnn_kept *k = one->kept[h];

			one->kept[h] = k->next;
			plait__cudnn_forget(k);
		}
	cudnnDestroy(one->handle);
	free(one);
}

/* Of all streams, which still exist and have no work. */
static void plait__cudnn_close(void)
{
	std::lock_guard<std::mutex> hold(plait__cudnn_mutex);
	int before = 0;

	if (!plait__cudnn_streams)
		return;
	cudaGetDevice(&before);
	while (plait__cudnn_streams) {
		struct plait__cudnn_stream *one = plait__cudnn_streams;

		plait__cudnn_streams = one->next;
		cudaSetDevice(one->device);
		plait__cudnn_destroy(one);
	}
	cudaSetDevice(before);
}

#endif
