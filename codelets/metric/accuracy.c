/* SPDX-License-Identifier: MIT
 * accuracy: the number of samples whose label is the first maximum of x. As in torch.argmax,
 *           NaN is the largest of all.
 *           x: [N,C], labels: [N] int32, correct: scalar (a float: exact up to 2^24 samples).
 *           No gradient. */
#include "config.h"
#include "codelets/shared/room.h"
#include "codelets/shared/rows.h"

struct plait_node *plait__accuracy(struct plait_node *x, struct plait_node *labels)
{
	if (!plait__op_labelled(&plait__op_accuracy, x, labels))
		return NULL;
	return plait_node_append(x->graph, &(struct plait_node_spec){
						   .op = &plait__op_accuracy,
						   .phase = PLAIT_LOSS,
						   .ninputs = 2,
						   .input = (struct plait_node *[]){ x, labels } });
}

PLAIT__CLONES static void forward(int64_t rows, int64_t c, const float *x, const int32_t *labels,
				  float *correct)
{
	int64_t count = 0;

	for (int64_t i = 0; i < rows; i++)
		count += plait__row_first_max(c, x + i * c, labels[i]);
	*correct = (float)count;
}

static void accuracy_cpu(const struct plait_call *call)
{
	forward(call->rows, call->node->input[0]->dim[0], plait__call_floats(call, 0),
		plait__call_labels(call, 1), plait__call_out(call));
}

static void accuracy_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node->input[0], rows, 1, 1, cost);
}

const struct plait_op plait__op_accuracy = {
	.abi = PLAIT_OP_ABI,
	.name = "accuracy",
	.cpu = accuracy_cpu,
	.cuda = PLAIT__CUDA(plait__accuracy_cuda),
	.cost = accuracy_cost,
};
