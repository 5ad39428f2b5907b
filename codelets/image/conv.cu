/* SPDX-License-Identifier: MIT
 * Which kernels compute a convolution, and how much memory they want for it: those of its own where
 * each output reads one channel, cuDNN's where there are some, else products of columns. */
#include "codelets/cuda/columns.h"
#include "codelets/cuda/depthwise.h"

static int compute(const struct plait_call *call, const struct plait__convolution *c,
		   enum plait__direction direction)
{
	int refusal, status = plait__conv_by_cudnn(call, c, direction, &refusal);

	return refusal ? plait__conv_by_columns(call, c, direction) : status;
}

int plait__conv_cuda(const struct plait_call *call)
{
	const struct plait_node *y = call->node;
	struct plait__convolution c = plait__conv_sizes(y, y->input[0], y, call->rows);

	if (c.rows == 0)
		return cudaSuccess;
	if (plait__conv_is_depthwise(&c))
		return plait__depthwise(call, &c, plait__call_floats(call, 0),
					plait__call_floats(call, 1),
					y->ninputs == 3 ? plait__call_floats(call, 2) : NULL,
					plait__call_out(call));
	return compute(call, &c, PLAIT__FORWARD);
}

int plait__conv_bwd_dx_cuda(const struct plait_call *call)
{
	const struct plait_node *dx = call->node;
	struct plait__convolution c = plait__conv_sizes(dx, dx, dx->input[0], call->rows);

	if (c.rows == 0)
		return cudaSuccess;
	if (plait__conv_is_depthwise(&c))
		return plait__depthwise_dx(call, &c, plait__call_floats(call, 0),
					   plait__call_floats(call, 1), plait__call_out(call));
	return compute(call, &c, PLAIT__BY_DATA);
}

int plait__conv_bwd_dw_cuda(const struct plait_call *call)
{
	const struct plait_node *dw = call->node, *dy = dw->input[0], *x = dw->input[1];
	struct plait__convolution c = plait__conv_sizes(dw, x, dy, call->rows);

	if (c.rows == 0)
		return cudaMemsetAsync(plait__call_out(call), 0,
				       (size_t)plait_node_elements(dw) * sizeof(float),
				       (cudaStream_t)call->stream);
	if (plait__conv_is_depthwise(&c))
		return plait__depthwise_dw(call, &c, plait__call_floats(call, 1),
					   plait__call_floats(call, 0), plait__call_out(call));
	return compute(call, &c, PLAIT__BY_WEIGHTS);
}

int plait__conv_bwd_db_cuda(const struct plait_call *call)
{
	const struct plait_node *dy = call->node->input[0];

	return plait__sum_columns(call, call->rows * dy->dim[1] * dy->dim[2], dy->dim[0],
				  plait__call_floats(call, 0), plait__call_out(call));
}

/* -- memory ------------------------------------------------------------------------------------ */

/* Whichever computes it: that is known when it runs. */
static size_t scratch(const struct plait__convolution *c, enum plait__direction direction)
{
	size_t bytes = plait__conv_cudnn_scratch(c, direction);

	return bytes > 0 ? bytes : plait__conv_product_bytes(c, direction);
}

size_t plait__conv_scratch(const struct plait_node *y, int64_t rows)
{
	struct plait__convolution c = plait__conv_sizes(y, y->input[0], y, rows);

	return scratch(&c, PLAIT__FORWARD);
}

size_t plait__conv_bwd_dx_scratch(const struct plait_node *dx, int64_t rows)
{
	struct plait__convolution c = plait__conv_sizes(dx, dx, dx->input[0], rows);

	return scratch(&c, PLAIT__BY_DATA);
}

size_t plait__conv_bwd_dw_scratch(const struct plait_node *dw, int64_t rows)
{
	struct plait__convolution c = plait__conv_sizes(dw, dw->input[1], dw->input[0], rows);

	return scratch(&c, PLAIT__BY_WEIGHTS);
}
