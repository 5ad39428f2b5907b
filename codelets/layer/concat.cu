/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/launch.h"

extern "C" {
#include "codelets/layer/concat.h"
}

/* Rows of so many elements, which are x_row and y_row apart. */
static __global__ void copy(int64_t n, int64_t width, const float *x, int64_t x_row, float *y,
			    int64_t y_row)
{
	PLAIT_FOR (int64_t, i, n)
		y[i / width * y_row + i % width] = x[i / width * x_row + i % width];
}

static int launch(const struct plait_call *call, const struct plait__strip *s, const float *x,
		  int64_t x_row, float *y, int64_t y_row)
{
	int64_t n = s->rows * s->width;

	if (n > 0)
		PLAIT_LAUNCH(copy, plait__blocks(n), PLAIT_THREADS, call->stream, n, s->width, x,
			     x_row, y, y_row);
	return cudaGetLastError();
}

/* A launch for each input: there is no bound on how many there are. */
int plait__concat_cuda(const struct plait_call *call)
{
	int error = 0;

	for (int i = 0; i < call->node->ninputs && error == 0; i++) {
		struct plait__strip s = plait__concat_strip(call, i);

		error = launch(call, &s, plait__call_floats(call, i), s.width,
			       plait__call_out(call) + s.first, s.all);
	}
	return error;
}

int plait__slice_cuda(const struct plait_call *call)
{
	struct plait__strip s = plait__slice_strip(call);

	return launch(call, &s, plait__call_floats(call, 0) + s.first, s.all, plait__call_out(call),
		      s.width);
}
