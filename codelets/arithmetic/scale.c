/* SPDX-License-Identifier: MIT
 * scale: y = alpha x.  x, y: one shape.
 *        dx = alpha dy. */
#include "config.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>

struct plait_node *plait_scale(struct plait_node *x, float alpha)
{
	if (!plait__op_accepts_parts(&plait__op_scale, x))
		return NULL;
	return plait__op_elementwise(&plait__op_scale, 1, &x, 1, &(double){ (double)alpha });
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	float alpha;

	if (!plait__op_number(x, "scale", arguments, "its factor, as in scale:0.5", &alpha))
		return NULL;
	return plait_scale(x, alpha);
}

/* The gradient has y's attributes, so the same factor. */
static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_scale, 1, &dy);
}

PLAIT__CLONES static void forward(int64_t n, float alpha, const float *restrict x,
				  float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		y[i] = alpha * x[i];
}

static void scale_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(call->out != call->in[0], "a scale is not computed in place");
	forward(plait__call_elements(call, call->node), (float)call->node->attr[0],
		plait__call_floats(call, 0), plait__call_out(call));
}

static void scale_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 1, 2, cost);
}

const struct plait_op plait__op_scale = {
	.abi = PLAIT_OP_ABI,
	.name = "scale",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = scale_cpu,
	.cuda = PLAIT__CUDA(plait__scale_cuda),
	.cost = scale_cost,
};
