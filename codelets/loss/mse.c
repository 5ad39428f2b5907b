/* SPDX-License-Identifier: MIT
 * mse: loss = mean over all elements of the batch of w (x - t)^2.
 *      x: [N,...], targets t: [N,M] of as many elements, w: [N] or 1, loss: scalar.
 *      dx = 2 w dy (x - t) / (batch M), dy is 1 if this is the graph's loss. */
#include "config.h"
#include "codelets/loss/mse.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <string.h>

struct plait_node *plait_mse(struct plait_node *x, struct plait_node *targets)
{
	return plait__op_targeted(&plait__op_mse, x, targets)
		       ? plait__op_append_loss(x, targets, NULL, &plait__op_mse)
		       : NULL;
}

struct plait_node *plait_mse_weighted(struct plait_node *x, struct plait_node *targets,
				      struct plait_node *weights)
{
	if (!plait__op_targeted(&plait__op_mse, x, targets) ||
	    !plait__op_weighted(&plait__op_mse, weights))
		return NULL;
	return plait__op_append_loss(x, targets, weights, &plait__op_mse);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	if (y->input[0]->needs_gradient)
		dx[0] = plait__op_loss_gradient(y, dy, &plait__op_mse_bwd);
}

#define LANES 16
#define BLOCK 4096

/* Adds a block's (x - t)^2 to sum, or x itself where x holds finished terms. The block's own sum
 * runs in floats, in 16 lanes. */
static inline __attribute__((always_inline)) double add_block(double sum, bool terms, int64_t n,
							      const float *x, const float *targets)
{
	float lane[LANES] = { 0 };
	int64_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int l = 0; l < LANES; l++)
			lane[l] += terms ? x[i + l] : plait__square(x[i + l] - targets[i + l]);
	for (; i < n; i++)
		lane[i % LANES] += terms ? x[i] : plait__square(x[i] - targets[i]);
	for (int l = 0; l < LANES; l++)
		sum += (double)lane[l];
	return sum;
}

PLAIT__CLONES static void forward(int64_t n, double count, const float *x, const float *targets,
				  float *loss)
{
	double sum = 0.0;

	for (int64_t i = 0; i < n; i += BLOCK)
		sum = add_block(sum, false, n - i < BLOCK ? n - i : BLOCK, x + i, targets + i);
	*loss = (float)(sum / count);
}

/* The same sum with weights. Blocks and lanes count elements, as above, and not rows: so weights
 * of 1 change no bit. */
PLAIT__CLONES static void forward_weighted(int64_t n, int64_t width, double count, const float *x,
					   const float *targets, const float *weights, float *loss)
{
	float block[BLOCK];
	double sum = 0.0;

	for (int64_t begin = 0; begin < n; begin += BLOCK) {
		int64_t end = n - begin < BLOCK ? n : begin + BLOCK;

		for (int64_t i = begin, row = begin / width; i < end; row++) {
			int64_t stop = (row + 1) * width < end ? (row + 1) * width : end;
			float w = weights[row];

			for (; i < stop; i++)
				block[i - begin] =
					w == 0.0f ? 0.0f : w * plait__square(x[i] - targets[i]);
		}
		sum = add_block(sum, true, end - begin, block, NULL);
	}
	*loss = (float)(sum / count);
}

/* width: elements of a row, or n where weights is NULL. */
PLAIT__CLONES static void backward(int64_t n, int64_t width, float scale, const float *restrict x,
				   const float *restrict targets, const float *restrict weights,
				   float *restrict dx)
{

	for (int64_t begin = 0, row = 0; begin < n; begin += width, row++) {
		float s = weights ? scale * weights[row] : scale;

		if (s == 0.0f) /* a row of weight 0 may hold NaN */
			memset(dx + begin, 0, (size_t)width * sizeof *dx);
		else
			for (int64_t i = begin; i < begin + width; i++)
				dx[i] = s * (x[i] - targets[i]);
	}
}

static void mse_cpu(const struct plait_call *call)
{
	const struct plait_node *x = call->node->input[0];
	const float *weights = plait__call_weights(call);
	int64_t n = plait__call_elements(call, x);

	PLAIT__ASSERT(plait_node_elements(x) == plait_node_elements(call->node->input[1]),
		      "an mse has as many targets as elements");
	if (weights)
		forward_weighted(n, plait_node_elements(x),
				 plait__batch_elements(call, call->node->input[0]),
				 plait__call_floats(call, 0), plait__call_floats(call, 1), weights,
				 plait__call_out(call));
	else
		forward(n, plait__batch_elements(call, call->node->input[0]),
			plait__call_floats(call, 0), plait__call_floats(call, 1),
			plait__call_out(call));
}

static void mse_bwd_cpu(const struct plait_call *call)
{
	const float *weights = plait__call_weights(call), *dy = plait__call_dy(call);
	int64_t n = plait__call_elements(call, call->node);
	float scale = (float)(2.0 / plait__batch_elements(call, call->node));

	backward(n, weights ? plait_node_elements(call->node) : n, dy ? scale * *dy : scale,
		 plait__call_floats(call, 0), plait__call_floats(call, 1), weights,
		 plait__call_out(call));
}

static void mse_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 3, 2, cost);
}

static void mse_bwd_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 2, 3, cost);
}

const struct plait_op plait__op_mse = {
	.abi = PLAIT_OP_ABI,
	.name = "mse",
	.gradient = gradient,
	.cpu = mse_cpu,
	.cuda = PLAIT__CUDA(plait__mse_cuda),
	.cost = mse_cost,
};

const struct plait_op plait__op_mse_bwd = {
	.abi = PLAIT_OP_ABI,
	.name = "mse_bwd",
	.cpu = mse_bwd_cpu,
	.cuda = PLAIT__CUDA(plait__mse_bwd_cuda),
	.cost = mse_bwd_cost,
};
