/* SPDX-License-Identifier: MIT */
#include "codelets/cuda/transpose.h"

int plait__channels_last_cuda(const struct plait_call *call)
{
	const int64_t *dim = call->node->dim;

	return plait__transpose_matrices(call, call->rows, dim[0], dim[1] * dim[2],
					 plait__call_floats(call, 0), plait__call_out(call));
}

int plait__contiguous_cuda(const struct plait_call *call)
{
	const int64_t *dim = call->node->dim;

	return plait__transpose_matrices(call, call->rows, dim[1] * dim[2], dim[0],
					 plait__call_floats(call, 0), plait__call_out(call));
}
