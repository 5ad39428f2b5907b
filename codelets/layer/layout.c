/* SPDX-License-Identifier: MIT
 * channels_last, contiguous: y = x in another layout.  x, y: [N,C,H,W]; a sample of the one lies as
 *                            [C,H,W], of the other as [H,W,C].
 *                            dx = dy in x's layout.
 * No program asks for them: src/graph/layout.c inserts them. */
#include "config.h"
#include "src/base/base.h"
#include "codelets/layer/transpose.h"
#include "codelets/shared/room.h"

static void last_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_contiguous, 1, &dy);
}

static void contiguous_gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_channels_last, 1, &dy);
}

void plait__layout_copy(const struct plait_node *node, bool to_channels_last, int64_t rows,
			const float *x, float *y)
{
	int64_t channels = node->dim[0], pixels = node->dim[1] * node->dim[2];
	int64_t m = to_channels_last ? channels : pixels, n = to_channels_last ? pixels : channels;

	PLAIT__ASSERT(node->ndim == 3, "an image has channels, height and width");
	for (int64_t i = 0; i < rows; i++)
		plait__transpose(m, n, x + i * m * n, n, y + i * m * n, m);
}

static void last_cpu(const struct plait_call *call)
{
	plait__layout_copy(call->node, true, call->rows, plait__call_floats(call, 0),
			   plait__call_out(call));
}

static void contiguous_cpu(const struct plait_call *call)
{
	plait__layout_copy(call->node, false, call->rows, plait__call_floats(call, 0),
			   plait__call_out(call));
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node, rows, 0, 2, result);
}

const struct plait_op plait__op_channels_last = {
	.abi = PLAIT_OP_ABI,
	.name = "channels_last",
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = last_gradient,
	.cpu = last_cpu,
	.cuda = PLAIT__CUDA(plait__channels_last_cuda),
	.cost = cost,
};

const struct plait_op plait__op_contiguous = {
	.abi = PLAIT_OP_ABI,
	.name = "contiguous",
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = contiguous_gradient,
	.cpu = contiguous_cpu,
	.cuda = PLAIT__CUDA(plait__contiguous_cuda),
	.cost = cost,
};
