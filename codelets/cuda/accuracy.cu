/* SPDX-License-Identifier: MIT
 * The result is one number, so one block computes it. Each warp takes its own rows. */
#include "codelets/cuda/reduce.h"
#include "codelets/shared/rows.h"

static __global__ void forward(int64_t rows, int64_t c, const float *x, const int32_t *labels,
			       float *correct)
{
	double count = 0.0;

	for (int64_t i = plait__warp_row(); i < rows; i += plait__warp_rows()) {
		const float *xi = x + i * c;
		int32_t label = labels[i];
		int beaten = label < 0 || label >= c;

		if (!beaten)
			for (int64_t j = threadIdx.x % PLAIT_WARP; j < c; j += PLAIT_WARP)
				beaten |= j < label ? plait__beats_before(xi[j], xi[label])
						    : plait__beats_after(xi[j], xi[label]);
		beaten = plait__warp_or(beaten);
		if (threadIdx.x % PLAIT_WARP == 0)
			count += !beaten;
	}
	count = plait__block_sum(count);
	if (threadIdx.x == 0)
		*correct = (float)count;
}

int plait__accuracy_cuda(const struct plait__call *call)
{
	PLAIT_LAUNCH(forward, 1, plait__block_threads(call->rows), call->stream, call->rows,
		     call->node->input[0]->dim[0], plait__call_floats(call, 0),
		     plait__call_labels(call, 1), plait__call_out(call));
	return cudaGetLastError();
}
