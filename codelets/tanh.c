/* SPDX-License-Identifier: MIT
 * tanh: y = tanh(x).  x, y: [N,...].
 *       dx = dy (1 - y^2). */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

#include <plait/ops.h>

struct plait_node *plait_tanh(struct plait_node *x)
{
	return plait__op_unary(x, &plait__op_tanh);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait__op_no_arguments(x, "tanh", arguments) ? plait_tanh(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait__op_gradient(y, y->input[0], &plait__op_tanh_bwd, 2,
				   (struct plait_node *[]){ y, dy });
}

PLAIT__CLONES static void forward(int64_t n, const float *restrict x, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__tanh(x[i]);
}

PLAIT__CLONES static void backward(int64_t n, const float *restrict y, const float *restrict dy,
				   float *restrict dx)
{
	for (int64_t i = 0; i < n; i++)
		dx[i] = plait__tanh_bwd(y[i], dy[i]);
}

static void tanh_cpu(const struct plait__call *call)
{
	forward(plait__call_elements(call, call->node), call->in[0], call->out);
}

static void tanh_bwd_cpu(const struct plait__call *call)
{
	backward(plait__call_elements(call, call->node), call->in[0], call->in[1], call->out);
}

static int tanh_cuda(const struct plait__call *call)
{
	return plait__tanh_cuda(plait__call_elements(call, call->node), call->in[0], call->out,
				call->stream);
}

static int tanh_bwd_cuda(const struct plait__call *call)
{
	return plait__tanh_bwd_cuda(plait__call_elements(call, call->node), call->in[0],
				    call->in[1], call->out, call->stream);
}

/* An exponential counts as the 16 additions and multiplications in it. */
static void tanh_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 36, 2, cost);
}

static void tanh_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 3, 3, cost);
}

const struct plait__op plait__op_tanh = {
	.name = "tanh",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = tanh_cpu,
	.cuda = PLAIT__CUDA(tanh_cuda),
	.cost = tanh_cost,
};

const struct plait__op plait__op_tanh_bwd = {
	.name = "tanh_bwd",
	.activation = true,
	.cpu = tanh_bwd_cpu,
	.cuda = PLAIT__CUDA(tanh_bwd_cuda),
	.cost = tanh_bwd_cost,
};
