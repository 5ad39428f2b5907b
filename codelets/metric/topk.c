/* SPDX-License-Identifier: MIT
 * topk: share = 1/batch sum over samples of w, where the label is among the first k of x in the
 *       order from the largest. Equal ones stand by their number there.
 *       x: [N,C], labels: [N] int32, w: [N] or 1, share: scalar. No gradient. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

#include <inttypes.h>
#include <stdlib.h>

static struct plait_node *metric(struct plait_node *x, struct plait_node *labels,
				 struct plait_node *weights, const char *arguments)
{
	char *end = NULL;
	long k = strtol(arguments, &end, 10);

	if (!plait__op_labelled(&plait__op_topk, x, labels) ||
	    (weights && !plait__op_weighted(&plait__op_topk, weights)))
		return NULL;
	if (arguments[0] < '1' || arguments[0] > '9' || *end != '\0' || k > x->dim[0])
		return plait_graph_fail(
			x->graph, PLAIT_EINVAL,
			"metric: \"topk%s%s\": topk takes a number of classes, 1 to "
			"%" PRId64 " here, as in topk:5",
			*arguments ? ":" : "", arguments, x->dim[0]);
	return plait_node_append(
		x->graph,
		&(struct plait_node_spec){ .op = &plait__op_topk,
					   .phase = PLAIT_LOSS,
					   .ninputs = weights ? 3 : 2,
					   .input = (struct plait_node *[]){ x, labels, weights },
					   .nattr = 1,
					   .attr = &(double){ (double)k } });
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, int64_t k, int64_t batch, const float *x,
				  const int32_t *labels, const float *weights, float *share)
{
	double sum = 0.0;

	for (int64_t i = 0; i < rows; i++)
		if (plait__row_rank(c, x + i * c, labels[i]) < k)
			sum += weights ? (double)weights[i] : 1.0;
	*share = (float)(sum / (double)batch);
}

static void topk_cpu(const struct plait_call *call)
{
	forward(call->rows, call->node->input[0]->dim[0], (int64_t)call->node->attr[0], call->batch,
		plait__call_floats(call, 0), plait__call_labels(call, 1), plait__call_weights(call),
		plait__call_out(call));
}

static void topk_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 1, 1, cost);
}

const struct plait_op plait__op_topk = {
	.abi = PLAIT_OP_ABI,
	.name = "topk",
	.metric = metric,
	.cpu = topk_cpu,
	.cuda = PLAIT__CUDA(plait__topk_cuda),
	.cost = topk_cost,
};
