/* SPDX-License-Identifier: MIT
 * gelu: y = x Phi(x), Phi the normal distribution by erf.  x, y: [N,...].
 *       dx = dy (Phi(x) + x phi(x)). */
#include "config.h"
#include "codelets/cuda/cuda.h"
#include "codelets/formula.h"
#include "codelets/room.h"

#include <plait/ops.h>

struct plait_node *plait_gelu(struct plait_node *x)
{
	return plait__op_unary(x, &plait__op_gelu);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait__op_no_arguments(x, "gelu", arguments) ? plait_gelu(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait__op_gradient(y, y->input[0], &plait__op_gelu_bwd, 2,
				   (struct plait_node *[]){ y->input[0], dy });
}

PLAIT__CLONES static void forward(int64_t n, const float *restrict x, float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = plait__gelu(x[i]);
}

PLAIT__CLONES static void backward(int64_t n, const float *restrict x, const float *restrict dy,
				   float *restrict dx)
{
	for (int64_t i = 0; i < n; i++)
		dx[i] = plait__gelu_bwd(x[i], dy[i]);
}

static void gelu_cpu(const struct plait__call *call)
{
	forward(plait__call_elements(call, call->node), call->in[0], call->out);
}

static void gelu_bwd_cpu(const struct plait__call *call)
{
	backward(plait__call_elements(call, call->node), call->in[0], call->in[1], call->out);
}

static int gelu_cuda(const struct plait__call *call)
{
	return plait__gelu_cuda(plait__call_elements(call, call->node), call->in[0], call->out,
				call->stream);
}

static int gelu_bwd_cuda(const struct plait__call *call)
{
	return plait__gelu_bwd_cuda(plait__call_elements(call, call->node), call->in[0],
				    call->in[1], call->out, call->stream);
}

/* An exponential counts as the 16 additions and multiplications in it. */
static void gelu_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 44, 2, cost);
}

static void gelu_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 62, 3, cost);
}

const struct plait__op plait__op_gelu = {
	.name = "gelu",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = gelu_cpu,
	.cuda = PLAIT__CUDA(gelu_cuda),
	.cost = gelu_cost,
};

const struct plait__op plait__op_gelu_bwd = {
	.name = "gelu_bwd",
	.activation = true,
	.cpu = gelu_bwd_cpu,
	.cuda = PLAIT__CUDA(gelu_bwd_cuda),
	.cost = gelu_bwd_cost,
};
