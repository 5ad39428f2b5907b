/* SPDX-License-Identifier: MIT
 * global_avgpool: y[c] = the mean of x[c] over all pixels, as torch.nn.AdaptiveAvgPool2d(1).
 *                 x: [N,C,H,W], y: [N,C,1,1].
 *                 dx[c,h,w] = dy[c] / (H W).
 * Images are channels_last: a sample of x is a matrix, and y has the means of its columns. */
#include "config.h"
#include "codelets/shared/columns.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_global_avgpool(struct plait_node *x)
{
	if (!plait__op_accepts_image(&plait__op_global_avgpool, x))
		return NULL;
	return plait_node_layer(plait_node_append(
		x->graph, &(struct plait_node_spec){ .op = &plait__op_global_avgpool,
						     .phase = PLAIT_FORWARD,
						     .batched = true,
						     .ndim = 3,
						     .dim = (int64_t[]){ x->dim[0], 1, 1 },
						     .ninputs = 1,
						     .input = &x }));
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait_op_no_arguments(x, "global-avgpool", arguments)
		       ? plait_global_avgpool(plait__image(x))
		       : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_global_avgpool_bwd, 1, &dy);
}

PLAIT__CLONES static void divide(int64_t n, const float *x, float by, float *y)
{
#pragma GCC ivdep
	for (int64_t i = 0; i < n; i++)
		y[i] = x[i] / by;
}

static void global_avgpool_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	int64_t channels = x->dim[0], pixels = x->dim[1] * x->dim[2];
	float *y = plait__call_out(call);

	for (int64_t i = 0; i < call->rows; i++)
		plait__column_sums(pixels, channels,
				   plait__call_floats(call, 0) + i * pixels * channels, false,
				   y + i * channels);
	divide(call->rows * channels, y, (float)pixels, y);
}

/* Pixels are all alike: those that are there are copied behind themselves. */
static void repeat(int64_t channels, int64_t pixels, float *x)
{
	for (int64_t some, done = 1; done < pixels; done += some) {
		some = pixels - done < done ? pixels - done : done;
		memcpy(x + done * channels, x, (size_t)(some * channels) * sizeof *x);
	}
}

static void global_avgpool_bwd_cpu(const struct plait_call *call)
{
	const struct plait_node *node = call->node;
	int64_t channels = node->dim[0], pixels = node->dim[1] * node->dim[2];
	const float *dy = plait__call_floats(call, 0);
	float *dx = plait__call_out(call);

	for (int64_t i = 0; i < call->rows; i++, dx += pixels * channels) {
		divide(channels, dy + i * channels, (float)pixels, dx);
		repeat(channels, pixels, dx);
	}
}

static void global_avgpool_cost(const struct plait_node *y, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(y->input[0], rows, 1, 1, cost);
}

static void global_avgpool_bwd_cost(const struct plait_node *dx, int64_t rows,
				    struct plait_cost *cost)
{
	plait_op_cost(dx, rows, 0, 1, cost);
}

const struct plait_op plait__op_global_avgpool = {
	.abi = PLAIT_OP_ABI,
	.name = "global_avgpool",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.gradient = gradient,
	.word = word,
	.cpu = global_avgpool_cpu,
	.cuda = PLAIT__CUDA(plait__global_avgpool_cuda),
	.cost = global_avgpool_cost,
};

const struct plait_op plait__op_global_avgpool_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "global_avgpool_bwd",
	.layout = PLAIT_CHANNELS_LAST,
	.chunks = PLAIT_CHUNKS_ANY,
	.cpu = global_avgpool_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__global_avgpool_bwd_cuda),
	.cost = global_avgpool_bwd_cost,
};
