/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/image/windows.h"
}

#include <limits.h>

/* index is uint32_t where n allows it: a 64-bit remainder costs many times a 32-bit one. */
template <typename index>
static __global__ void forward(index n, struct plait__windows w, const float *x, float *y)
{
	index channels = (index)w.channels, down = (index)w.out[0], across = (index)w.out[1];

	PLAIT_FOR (index, i, n) {
		index pixel = i / channels, sample = pixel / across / down;
		int64_t p = pixel / across % down, q = pixel % across;
		struct plait__taps t = plait__taps_of(&w, p, q);
		const float *from =
			x + sample * (w.in[0] * w.in[1] * w.channels) + t.first + i % channels;
		float sum = 0.0f;

		for (int64_t u = 0; u < t.down; u++)
			for (int64_t v = 0; v < t.across; v++)
				sum += from[u * t.row + v * t.column];
		y[i] = sum / plait__window_pixels(&w, p, q);
	}
}

/* Each pixel adds what the windows that it is in give, in their order. */
template <typename index>
static __global__ void backward(index n, struct plait__windows w, const float *dy, float *dx)
{
	index channels = (index)w.channels, height = (index)w.in[0], width = (index)w.in[1];

	PLAIT_FOR (index, i, n) {
		index pixel = i / channels, sample = pixel / width / height;
		struct plait__span p = plait__windows_of(&w, 0, pixel / width % height);
		struct plait__span q = plait__windows_of(&w, 1, pixel % width);
		const float *given =
			dy + sample * (w.out[0] * w.out[1] * w.channels) + i % channels;
		float sum = 0.0f;

		for (int64_t u = p.first; u < p.first + p.count; u++)
			for (int64_t v = q.first; v < q.first + q.count; v++)
				sum += given[(u * w.out[1] + v) * w.channels] /
				       plait__window_pixels(&w, u, v);
		dx[i] = sum;
	}
}

int plait__avgpool_cuda(const struct plait_call *call)
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

int plait__avgpool_bwd_cuda(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__windows w = plait__windows_of_node(dx, dx, dx->input[0], call->rows);
	int64_t n = plait__call_elements(call, dx);

	if (n > 0 && n < INT_MAX)
		PLAIT_LAUNCH(backward<uint32_t>, plait__blocks(n), PLAIT_THREADS, call->stream,
			     (uint32_t)n, w, plait__call_floats(call, 0), plait__call_out(call));
	else if (n > 0)
		PLAIT_LAUNCH(backward<int64_t>, plait__blocks(n), PLAIT_THREADS, call->stream, n, w,
			     plait__call_floats(call, 0), plait__call_out(call));
	return cudaGetLastError();
}
