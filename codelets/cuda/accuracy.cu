/* SPDX-License-Identifier: MIT
 * Each warp takes its own rows. */
#include "codelets/cuda/reduce.h"
#include "codelets/shared/rows.h"

static __global__ void forward(int64_t rows, int64_t c, const float *x, const int32_t *labels,
			       float *correct, struct plait__workspace *workspace)
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
	if (plait__grid_sum(&count, workspace))
		*correct = (float)count;
}

int plait__accuracy_cuda(const struct plait__call *call)
{
	int64_t c = call->node->input[0]->dim[0];
	struct plait__grid grid = plait__sum_grid(call->rows, plait__warp_loads(c));

	PLAIT_LAUNCH(forward, grid.blocks, grid.threads, call->stream, call->rows, c,
		     plait__call_floats(call, 0), plait__call_labels(call, 1),
		     plait__call_out(call), plait__workspace_of(call));
	return cudaGetLastError();
}
