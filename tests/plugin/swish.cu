/* SPDX-License-Identifier: MIT
 * The plug-in's kernels.  nvcc compiles them for a GPU, g++ for the one that the host plays
 * (tests/virtual_gpu). */
#include "swish.h"

#include <cuda_runtime.h>

#ifdef __CUDACC__
#define LAUNCH(kernel, blocks, threads, stream, ...) \
	kernel<<<(blocks), (threads), 0, (cudaStream_t)(stream)>>>(__VA_ARGS__)
#else
#define LAUNCH(kernel, blocks, threads, stream, ...) \
	vgpu_launch(#kernel, (blocks), (threads), (stream), kernel, __VA_ARGS__)
#endif
#define THREADS 128

static unsigned blocks(int64_t n)
{
	return (unsigned)((n + THREADS - 1) / THREADS);
}

static __global__ void forward(int64_t n, float beta, const float *x, float *y)
{
	int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;

	if (i < n)
		y[i] = swish(beta, x[i]);
}

static __global__ void backward(int64_t n, float beta, const float *x, const float *dy, float *dx)
{
	int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;

	if (i < n)
		dx[i] = swish_bwd(beta, x[i], dy[i]);
}

static __global__ void multiply(int64_t n, int64_t k, const float *x, const float *g, float *y)
{
	int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;

	if (i < n)
		y[i] = g[i % k] * x[i];
}

/* A thread for each column, which adds its rows in their order. */
static __global__ void sum(int64_t rows, int64_t k, const float *x, const float *dy, float *dg)
{
	int64_t j = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
	float s = 0;

	if (j >= k)
		return;
	for (int64_t i = 0; i < rows; i++)
		s += x[i * k + j] * dy[i * k + j];
	dg[j] = s;
}

/* One thread adds the rows in their order. */
static __global__ void add_scores(int64_t rows, int64_t c, int64_t batch, const float *y,
				  const int32_t *labels, const float *weights, float *out)
{
	double s = 0;

	for (int64_t i = 0; i < rows; i++)
		s += score(y + i * c, c, labels[i], weights ? weights[i] : 1.0f);
	*out = (float)(s / (double)batch);
}

int swish_cuda(const struct plait_call *call)
{
	int64_t n = plait_call_elements(call, call->node);

	if (n > 0)
		LAUNCH(forward, blocks(n), THREADS, call->stream, n,
		       (float)plait_node_attribute(call->node, 0), plait_call_floats(call, 0),
		       plait_call_out(call));
	return cudaGetLastError();
}

int swish_bwd_cuda(const struct plait_call *call)
{
	int64_t n = plait_call_elements(call, call->node);

	if (n > 0)
		LAUNCH(backward, blocks(n), THREADS, call->stream, n,
		       (float)plait_node_attribute(call->node, 0), plait_call_floats(call, 0),
		       plait_call_floats(call, 1), plait_call_out(call));
	return cudaGetLastError();
}

int gain_cuda(const struct plait_call *call)
{
	int64_t n = plait_call_elements(call, call->node);

	if (n > 0)
		LAUNCH(multiply, blocks(n), THREADS, call->stream, n,
		       plait_node_columns(call->node), plait_call_floats(call, 0),
		       plait_call_floats(call, 1), plait_call_out(call));
	return cudaGetLastError();
}

int gain_bwd_cuda(const struct plait_call *call)
{
	int64_t k = plait_node_columns(call->node);

	LAUNCH(sum, blocks(k), THREADS, call->stream,
	       plait_call_rows(call, plait_node_input(call->node, 0)), k,
	       plait_call_floats(call, 0), plait_call_floats(call, 1), plait_call_out(call));
	return cudaGetLastError();
}

int score_cuda(const struct plait_call *call)
{
	LAUNCH(add_scores, 1, 1, call->stream, call->rows,
	       plait_node_columns(plait_node_input(call->node, 0)), call->batch,
	       plait_call_floats(call, 0), plait_call_labels(call, 1), plait_call_floats(call, 2),
	       plait_call_out(call));
	return cudaGetLastError();
}
