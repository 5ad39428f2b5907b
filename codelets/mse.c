/* SPDX-License-Identifier: MIT
 * mse: loss = mean over all elements of the batch of (x - t)^2.
 *      x: [N,...], targets t: [N,M] of as many elements, loss: scalar.
 *      dx = 2 (x - t) / (batch M). */
#include "config.h"
#include "codelets/cuda.h"
#include "codelets/formula.h"
#include "codelets/op.h"

#include <plait/ops.h>

struct plait_node *plait_mse(struct plait_node *x, struct plait_node *targets)
{
	char xs[128], ts[128];

	if (!targets || !plait__op_accepts(&plait__op_mse, x) ||
	    !plait__op_accepts(&plait__op_mse, targets))
		return NULL;
	if (plait__node_elements(x) != plait__node_elements(targets))
		return plait__graph_fail(
			x->graph, PLAIT_ESHAPE,
			"mse: its input is %s, the targets %s: the number of elements must be the "
			"same",
			plait_shape_text(x->ndim, x->dim, xs, sizeof xs),
			plait_shape_text(targets->ndim, targets->dim, ts, sizeof ts));
	return plait__op_loss(x, targets, &plait__op_mse);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)dy;
	if (y->input[0]->needs_gradient)
		dx[0] = plait__op_gradient(y, y->input[0], &plait__op_mse_bwd, 2, y->input);
}

#define LANES 16
#define BLOCK 4096

/* Floats in 16 lanes within a block, blocks in double. */
PLAIT__CLONES static void forward(int64_t n, double count, const float *x, const float *targets,
				  float *loss)
{
	double sum = 0.0;

	for (int64_t begin = 0; begin < n; begin += BLOCK) {
		int64_t end = n - begin < BLOCK ? n : begin + BLOCK, i = begin;
		float lane[LANES] = { 0 };

		for (; i + LANES <= end; i += LANES)
			for (int l = 0; l < LANES; l++)
				lane[l] += plait__square(x[i + l] - targets[i + l]);
		for (; i < end; i++)
			lane[i % LANES] += plait__square(x[i] - targets[i]);
		for (int l = 0; l < LANES; l++)
			sum += (double)lane[l];
	}
	*loss = (float)(sum / count);
}

PLAIT__CLONES static void backward(int64_t n, double count, const float *restrict x,
				   const float *restrict targets, float *restrict dx)
{
	float scale = (float)(2.0 / count);

	for (int64_t i = 0; i < n; i++)
		dx[i] = scale * (x[i] - targets[i]);
}

/* Elements of the whole batch: what the mean divides by. */
static double batch_elements(const struct plait__call *call)
{
	return (double)call->batch * (double)plait__node_elements(call->node->input[0]);
}

static void mse_cpu(const struct plait__call *call)
{
	forward(plait__call_elements(call, call->node->input[0]), batch_elements(call), call->in[0],
		call->in[1], call->out);
}

static void mse_bwd_cpu(const struct plait__call *call)
{
	backward(plait__call_elements(call, call->node), batch_elements(call), call->in[0],
		 call->in[1], call->out);
}

static int mse_cuda(const struct plait__call *call)
{
	return plait__mse_cuda(plait__call_elements(call, call->node->input[0]),
			       batch_elements(call), call->in[0], call->in[1], call->out,
			       call->stream);
}

static int mse_bwd_cuda(const struct plait__call *call)
{
	return plait__mse_bwd_cuda(plait__call_elements(call, call->node), batch_elements(call),
				   call->in[0], call->in[1], call->out, call->stream);
}

static void mse_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node->input[0], rows, 3, 2, cost);
}

static void mse_bwd_cost(const struct plait_node *node, int64_t rows, struct plait__cost *cost)
{
	plait__op_cost(node, rows, 2, 3, cost);
}

const struct plait__op plait__op_mse = {
	.name = "mse",
	.gradient = gradient,
	.cpu = mse_cpu,
	.cuda = PLAIT__CUDA(mse_cuda),
	.cost = mse_cost,
};

const struct plait__op plait__op_mse_bwd = {
	.name = "mse_bwd",
	.cpu = mse_bwd_cpu,
	.cuda = PLAIT__CUDA(mse_bwd_cuda),
	.cost = mse_bwd_cost,
};
