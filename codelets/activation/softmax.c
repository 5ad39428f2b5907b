/* SPDX-License-Identifier: MIT
 * softmax: y = exp(x - m) / sum exp(x - m) over the last dimension, m its maximum.
 *          x, y: [N,...,C].
 *          dx = y (dy - sum y dy). */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

#include <plait/ops.h>

struct plait_node *plait_softmax(struct plait_node *x)
{
	return plait__op_by_row(x, &plait__op_softmax);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait_op_no_arguments(x, "softmax", arguments) ? plait_softmax(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_softmax_bwd, 2,
				  (struct plait_node *[]){ y, dy });
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, const float *restrict x,
				  float *restrict y)
{
	int64_t step = plait__block_rows(c);

	for (int64_t begin = 0; begin < rows; begin += step) {
		int64_t end = rows - begin < step ? rows : begin + step;

		plait__rows_exp(end - begin, c, x + begin * c, y + begin * c);
		for (int64_t i = begin; i < end; i++) {
			float sum = plait__row_sum(c, y + i * c);

			for (int64_t j = 0; j < c; j++)
				y[i * c + j] /= sum;
		}
	}
}

PLAIT__CLONES static void backward(int64_t rows, int64_t c, const float *restrict y,
				   const float *restrict dy, float *restrict dx)
{
	for (int64_t i = 0; i < rows * c; i += c) {
		float dot = plait__row_dot(c, y + i, dy + i);

		for (int64_t j = i; j < i + c; j++)
			dx[j] = y[j] * (dy[j] - dot);
	}
}

static void softmax_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(plait__columns(call->node) > 0, "a row of a softmax has elements");
	forward(plait__call_rows(call, call->node), plait__columns(call->node),
		plait__call_floats(call, 0), plait__call_out(call));
}

static void softmax_bwd_cpu(const struct plait_call *call)
{
	backward(plait__call_rows(call, call->node), plait__columns(call->node),
		 plait__call_floats(call, 0), plait__call_floats(call, 1), plait__call_out(call));
}

/* An exponential counts as the 16 additions and multiplications in it. */
static void softmax_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 20, 2, cost);
}

static void softmax_bwd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 4, 3, cost);
}

const struct plait_op plait__op_softmax = {
	.abi = PLAIT_OP_ABI,
	.name = "softmax",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = softmax_cpu,
	.cuda = PLAIT__CUDA(plait__softmax_cuda),
	.cost = softmax_cost,
};

const struct plait_op plait__op_softmax_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "softmax_bwd",
	.activation = true,
	.cpu = softmax_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__softmax_bwd_cuda),
	.cost = softmax_bwd_cost,
};
