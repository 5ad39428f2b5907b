/* SPDX-License-Identifier: MIT
 * relu: y = max(x, 0).  x, y: [N,...].
 *       dx = dy where y > 0, else 0. */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

#include <plait/ops.h>

struct plait_node *plait_relu(struct plait_node *x)
{
	return plait__op_unary(x, &plait__op_relu);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait__op_no_arguments(x, "relu", arguments) ? plait_relu(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait__op_gradient(y, y->input[0], &plait__op_relu_bwd, 2,
				   (struct plait_node *[]){ y, dy });
}

PLAIT__CLONES static void forward(int64_t n, const float *restrict x, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__relu(x[i]);
}

PLAIT__CLONES static void backward(int64_t n, const float *restrict y, const float *restrict dy,
				   float *restrict dx)
{
	for (int64_t i = 0; i < n; i++)
		dx[i] = plait__relu_bwd(y[i], dy[i]);
}

static void relu_cpu(const struct plait__call *call)
{
	forward(plait__call_elements(call, call->node), call->in[0], call->out);
}

static void relu_bwd_cpu(const struct plait__call *call)
{
	backward(plait__call_elements(call, call->node), call->in[0], call->in[1], call->out);
}

static int relu_cuda(const struct plait__call *call)
{
	return plait__relu_cuda(plait__call_elements(call, call->node), call->in[0], call->out,
				call->stream);
}

static int relu_bwd_cuda(const struct plait__call *call)
{
	return plait__relu_bwd_cuda(plait__call_elements(call, call->node), call->in[0],
				    call->in[1], call->out, call->stream);
}

static void relu_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 1, 2, cost);
}

static void relu_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 1, 3, cost);
}

const struct plait__op plait__op_relu = {
	.name = "relu",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = relu_cpu,
	.cuda = PLAIT__CUDA(relu_cuda),
	.cost = relu_cost,
};

const struct plait__op plait__op_relu_bwd = {
	.name = "relu_bwd",
	.activation = true,
	.cpu = relu_bwd_cpu,
	.cuda = PLAIT__CUDA(relu_bwd_cuda),
	.cost = relu_bwd_cost,
};
