/* SPDX-License-Identifier: MIT
 * batchnorm_running: y = [mean, var] of a part of a batch, times its share of the samples; var
 *                    divides by the rows less 1.  y: [2,C].
 * batchnorm_update: running = (1 - momentum) running + momentum y, and num_batches_tracked counts.
 * Parts are added up, so the batch's mean and variance are the means over its parts: with one part
 * they are PyTorch's.  A part of one row has variance 0. */
#include "config.h"
#include "codelets/norm/batchnorm.h"
#include "codelets/shared/room.h"
#include "codelets/clip/update.h"

/* What a call of batchnorm_running multiplies the part's mean and variance by. */
struct plait__shares plait__batchnorm_shares(const struct plait_call *call)
{
	const struct plait_node *stats = call->node->input[0];
	int64_t rows = plait__channel_rows(call, stats->input[0]);
	float part = (float)call->rows / (float)call->batch;

	return (struct plait__shares){ .mean = part,
				       .var = rows > 1 ? part * ((float)rows / (float)(rows - 1))
						       : part };
}

static void batchnorm_running_cpu(const struct plait_call *call)
{
	struct plait__shares share = plait__batchnorm_shares(call);
	const float *stats = plait__call_floats(call, 0);
	int64_t m = call->node->dim[1];
	float *y = plait__call_out(call);

	for (int64_t j = 0; j < m; j++) {
		y[j] = share.mean * stats[j];
		y[m + j] = share.var * stats[m + j];
	}
}

struct plait_node *plait__batchnorm_update(struct plait_node *batchnorm)
{
	struct plait_node *stats = batchnorm->input[1], *running = NULL;

	for (int i = batchnorm->id + 1; i < batchnorm->graph->nodes && !running; i++)
		if (batchnorm->graph->node[i]->op == &plait__op_batchnorm_running &&
		    batchnorm->graph->node[i]->input[0] == stats)
			running = batchnorm->graph->node[i];
	PLAIT__ASSERT(running, "who takes a batchnorm's gradient appends what its update reads");
	return plait__op_update(&(struct plait_node_spec){
		.op = &plait__op_batchnorm_update,
		.ninputs = PLAIT__UPDATE_INPUTS,
		.input = (struct plait_node *[]){ stats->input[PLAIT__RUNNING_MEAN], running,
						  stats->input[PLAIT__RUNNING_VAR],
						  stats->input[PLAIT__NUM_BATCHES_TRACKED] },
		.nattr = batchnorm->nattr,
		.attr = batchnorm->attr });
}

static void batchnorm_update_cpu(const struct plait_call *call)
{
	const float *now = plait__call_floats(call, 1);
	float *mean = plait__call_updated(call, 0), *var = plait__call_updated(call, 2);
	float momentum = (float)call->node->attr[PLAIT__BATCHNORM_MOMENTUM];
	int64_t m = plait_node_elements(call->node->input[0]);

	if (plait__update_skipped(call))
		return;
	for (int64_t j = 0; j < m; j++) {
		mean[j] = plait__batchnorm_running(mean[j], momentum, now[j]);
		var[j] = plait__batchnorm_running(var[j], momentum, now[m + j]);
	}
	++*plait__batchnorm_counter(call);
}

static void batchnorm_update_cost(const struct plait_node *node, int64_t rows,
				  struct plait_cost *cost)
{
	plait_op_cost(node->input[1], rows, 3, 3, cost);
}

const struct plait_op plait__op_batchnorm_running = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_running",
	.cpu = batchnorm_running_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_running_cuda),
};

const struct plait_op plait__op_batchnorm_update = {
	.abi = PLAIT_OP_ABI,
	.name = "batchnorm_update",
	.updates = 1u << 0 | 1u << 2 | 1u << 3,
	.cpu = batchnorm_update_cpu,
	.cuda = PLAIT__CUDA(plait__batchnorm_update_cuda),
	.cost = batchnorm_update_cost,
};
