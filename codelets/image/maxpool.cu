/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/image/maxpool.h"
}

#include <limits.h>

/* The pixel that is chosen in window (p,q) of the channel that x points to, as its number in the
 * image. */
static __device__ __forceinline__ int64_t choose(const struct plait__windows &w, int64_t p,
						 int64_t q, const float *x)
{
	struct plait__span down = plait__window(&w, 0, p), across = plait__window(&w, 1, q);
	int64_t chosen = down.first * w.in[1] + across.first;
	float best = x[chosen * w.channels];

	for (int64_t i = 0; i < down.count; i++)
		for (int64_t j = 0; j < across.count; j++) {
			int64_t pixel = (down.first + i * w.dilation[0]) * w.in[1] + across.first +
					j * w.dilation[1];
			float v = x[pixel * w.channels];

			if (plait__wins(v, best)) {
				best = v;
				chosen = pixel;
			}
		}
	return chosen;
}

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void forward(index n, struct plait__windows w, const float *x, float *y)
{
	index channels = (index)w.channels, down = (index)w.out[0], across = (index)w.out[1];

	PLAIT_FOR (index, i, n) {
		index pixel = i / channels, sample = pixel / across / down;
		const float *from = x + sample * (w.in[0] * w.in[1] * w.channels) + i % channels;

		y[i] = from[choose(w, pixel / across % down, pixel % across, from) * w.channels];
	}
}

/* Each pixel asks the windows that it is in whether they chose it, and adds in their order. So none
 * waits for another, and the order of the sum is fixed. */
template <typename index>
static __global__ void backward(index n, struct plait__windows w, const float *dy, const float *x,
				float *dx)
{
	index channels = (index)w.channels, height = (index)w.in[0], width = (index)w.in[1];

	PLAIT_FOR (index, i, n) {
		index pixel = i / channels, sample = pixel / width / height, c = i % channels;
		int64_t own = pixel % (height * width);
		struct plait__span p = plait__windows_of(&w, 0, pixel / width % height);
		struct plait__span q = plait__windows_of(&w, 1, pixel % width);
		const float *from = x + sample * (w.in[0] * w.in[1] * w.channels) + c;
		const float *given = dy + sample * (w.out[0] * w.out[1] * w.channels) + c;
		float sum = 0.0f;

		for (int64_t u = p.first; u < p.first + p.count; u++)
			for (int64_t v = q.first; v < q.first + q.count; v++)
				if (choose(w, u, v, from) == own)
					sum += given[(u * w.out[1] + v) * w.channels];
		dx[i] = sum;
	}
}

int plait__maxpool_cuda(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	struct plait__windows w = plait__windows_of_node(y, y->input[0], y, call->rows);
	int64_t n = plait__call_elements(call, y);

	if (n > 0 && n < INT_MAX) /* so that the last step past n still fits */
		PLAIT_LAUNCH(forward<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, w, plait__call_floats(call, 0), plait__call_out(call));
	else if (n > 0)
		PLAIT_LAUNCH(forward<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, w,
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}

int plait__maxpool_bwd_cuda(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__windows w = plait__windows_of_node(dx, dx, dx->input[0], call->rows);
	int64_t n = plait__call_elements(call, dx);

	if (n > 0 && n < INT_MAX)
		PLAIT_LAUNCH(backward<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, w, plait__call_floats(call, 0),
			     plait__call_floats(call, 1), plait__call_out(call));
	else if (n > 0)
		PLAIT_LAUNCH(backward<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, w,
			     plait__call_floats(call, 0), plait__call_floats(call, 1),
			     plait__call_out(call));
	return cudaGetLastError();
}
