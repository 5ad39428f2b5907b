/* SPDX-License-Identifier: MIT
 * sigmoid: y = 1 / (1 + e^-x).  x, y: [N,...].
 *          dx = dy y (1 - y). */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

#include <plait/ops.h>

struct plait_node *plait_sigmoid(struct plait_node *x)
{
	return plait__op_unary(x, &plait__op_sigmoid);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait__op_no_arguments(x, "sigmoid", arguments) ? plait_sigmoid(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait__op_gradient(y, y->input[0], &plait__op_sigmoid_bwd, 2,
				   (struct plait_node *[]){ y, dy });
}

PLAIT__CLONES static void forward(int64_t n, const float *restrict x, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__sigmoid(x[i]);
}

PLAIT__CLONES static void backward(int64_t n, const float *restrict y, const float *restrict dy,
				   float *restrict dx)
{
	for (int64_t i = 0; i < n; i++)
		dx[i] = plait__sigmoid_bwd(y[i], dy[i]);
}

static void sigmoid_cpu(const struct plait__call *call)
{
	forward(plait__call_elements(call, call->node), call->in[0], call->out);
}

static void sigmoid_bwd_cpu(const struct plait__call *call)
{
	backward(plait__call_elements(call, call->node), call->in[0], call->in[1], call->out);
}

static int sigmoid_cuda(const struct plait__call *call)
{
	return plait__sigmoid_cuda(plait__call_elements(call, call->node), call->in[0], call->out,
				   call->stream);
}

static int sigmoid_bwd_cuda(const struct plait__call *call)
{
	return plait__sigmoid_bwd_cuda(plait__call_elements(call, call->node), call->in[0],
				       call->in[1], call->out, call->stream);
}

/* An exponential counts as the 16 additions and multiplications in it. */
static void sigmoid_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 20, 2, cost);
}

static void sigmoid_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 3, 3, cost);
}

const struct plait__op plait__op_sigmoid = {
	.name = "sigmoid",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = sigmoid_cpu,
	.cuda = PLAIT__CUDA(sigmoid_cuda),
	.cost = sigmoid_cost,
};

const struct plait__op plait__op_sigmoid_bwd = {
	.name = "sigmoid_bwd",
	.activation = true,
	.cpu = sigmoid_bwd_cpu,
	.cuda = PLAIT__CUDA(sigmoid_bwd_cuda),
	.cost = sigmoid_bwd_cost,
};
