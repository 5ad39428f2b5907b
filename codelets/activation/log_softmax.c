/* SPDX-License-Identifier: MIT
 * log_softmax: y = x - m - log sum exp(x - m) over the last dimension, m its maximum.
 *              x, y: [N,...,C].
 *              dx = dy - exp(y) sum dy. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

#include <plait/ops.h>

struct plait_node *plait_log_softmax(struct plait_node *x)
{
	return plait__op_by_row(x, &plait__op_log_softmax);
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	return plait_op_no_arguments(x, "log-softmax", arguments) ? plait_log_softmax(x) : NULL;
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_log_softmax_bwd, 2,
				  (struct plait_node *[]){ y, dy });
}

/* One block of rows. */
static inline __attribute__((always_inline)) void
block_forward(int64_t rows, int64_t c, const float *restrict x, float *restrict y)
{
	float max[PLAIT__BLOCK], s[PLAIT__BLOCK];

	plait__rows_exp_sums(rows, c, x, max, s);
	for (int64_t i = 0; i < rows; i++)
		s[i] = plait__log(s[i]);
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = i * c; j < (i + 1) * c; j++)
			y[j] = x[j] - max[i] - s[i];
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, const float *restrict x,
				  float *restrict y)
{
	int64_t step = plait__block_rows(c);

	for (int64_t i = 0; i < rows; i += step)
		block_forward(rows - i < step ? rows - i : step, c, x + i * c, y + i * c);
}

PLAIT__CLONES static void backward(int64_t rows, int64_t c, const float *restrict y,
				   const float *restrict dy, float *restrict dx)
{
	int64_t step = plait__block_rows(c);

	for (int64_t begin = 0; begin < rows; begin += step) {
		int64_t end = rows - begin < step ? rows : begin + step;

		for (int64_t j = begin * c; j < end * c; j++)
			dx[j] = plait__exp(y[j]);
		for (int64_t i = begin * c; i < end * c; i += c) {
			float sum = plait__row_sum(c, dy + i);

			for (int64_t j = i; j < i + c; j++)
				dx[j] = dy[j] - dx[j] * sum;
		}
	}
}

static void log_softmax_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(plait__columns(call->node) > 0, "a row of a log_softmax has elements");
	forward(plait__call_rows(call, call->node), plait__columns(call->node),
		plait__call_floats(call, 0), plait__call_out(call));
}

static void log_softmax_bwd_cpu(const struct plait_call *call)
{
	backward(plait__call_rows(call, call->node), plait__columns(call->node),
		 plait__call_floats(call, 0), plait__call_floats(call, 1), plait__call_out(call));
}

/* An exponential counts as the 16 additions and multiplications in it. */
static void log_softmax_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 21, 2, cost);
}

static void log_softmax_bwd_cost(const struct plait_node *node, int64_t rows,
				 struct plait_cost *cost)
{
	plait_op_cost(node, rows, 19, 3, cost);
}

const struct plait_op plait__op_log_softmax = {
	.abi = PLAIT_OP_ABI,
	.name = "log_softmax",
	.activation = true,
	.gradient = gradient,
	.word = word,
	.cpu = log_softmax_cpu,
	.cuda = PLAIT__CUDA(plait__log_softmax_cuda),
	.cost = log_softmax_cost,
};

const struct plait_op plait__op_log_softmax_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "log_softmax_bwd",
	.activation = true,
	.cpu = log_softmax_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__log_softmax_bwd_cuda),
	.cost = log_softmax_bwd_cost,
};
