/* SPDX-License-Identifier: MIT
 * How much each sample counts in the mean of a loss whose labels weigh differently:
 *   label_scale   s = sum of w / sum of w c(label), both over the whole batch; 0 if the latter is 0
 *   label_weight  u = s w c(label), so that u has the mean of w
 * labels: [N] int32, w: [N] or 1, c: [C] or 1, and 0 for an ignored label; s: scalar, u: [N].
 * No gradient. */
#include "config.h"
#include "codelets/loss/label_weight.h"
#include "codelets/shared/room.h"

struct plait_node *plait__label_weight(struct plait_node *labels, struct plait_node *weights,
				       struct plait_node *class_weights, bool by_class,
				       const int32_t *ignored)
{
	double attr[PLAIT__LABEL_ATTRIBUTES] = {
		[PLAIT__IGNORES] = ignored != NULL, [PLAIT__IGNORED] = ignored ? *ignored : 0
	};
	struct plait_node *input[4] = { labels };
	struct plait_node_spec spec = { .op = &plait__op_label_scale,
					.phase = PLAIT_LOSS,
					.ninputs = 1,
					.input = input,
					.nattr = PLAIT__LABEL_ATTRIBUTES,
					.attr = attr };
	struct plait_node *scale;

	if (weights)
		input[spec.ninputs++] = weights;
	if (class_weights)
		input[spec.ninputs++] = class_weights;
	scale = plait_node_append(labels->graph, &spec);
	if (class_weights && !by_class)
		spec.ninputs--;
	input[spec.ninputs++] = scale;
	spec.op = &plait__op_label_weight;
	spec.batched = true;
	return plait_node_append(labels->graph, &spec);
}

bool plait__ignores(const struct plait_node *loss, int32_t *label)
{
	const struct plait_node *weights = plait_node_input(loss, 2);

	if (!weights || weights->op != &plait__op_label_weight ||
	    weights->attr[PLAIT__IGNORES] == 0.0)
		return false;
	*label = (int32_t)weights->attr[PLAIT__IGNORED];
	return true;
}

struct plait__label_rule plait__label_rule_of(const struct plait_call *call)
{
	const struct plait_node *node = call->node;
	struct plait__label_rule rule = { .ignores = node->attr[PLAIT__IGNORES] != 0.0,
					  .ignored = (int32_t)node->attr[PLAIT__IGNORED] };

	rule.weights = plait__call_of_shape(call, 1, true, 0);
	rule.class_weights = plait__call_of_shape(call, 1, false, 1);
	for (int i = 1; i < node->ninputs; i++)
		if (node->input[i]->ndim == 1)
			rule.classes = (int32_t)node->input[i]->dim[0];
	return rule;
}

static void label_scale_cpu(const struct plait_call *call)
{
	struct plait__label_rule rule = plait__label_rule_of(call);
	const int32_t *labels = plait__call_labels(call, 0);
	double all = 0.0, counted = 0.0;

	for (int64_t i = 0; i < call->batch; i++) {
		float w = plait__sample_weight(&rule, i);

		all += (double)w;
		counted += (double)w * (double)plait__class_weight(&rule, labels[i]);
	}
	*plait__call_out(call) = plait__label_scale(all, counted);
}

static void label_weight_cpu(const struct plait_call *call)
{
	struct plait__label_rule rule = plait__label_rule_of(call);
	const int32_t *labels = plait__call_labels(call, 0);
	float scale = *plait__call_of_shape(call, 1, false, 0), *u = plait__call_out(call);

	for (int64_t i = 0; i < call->rows; i++)
		u[i] = scale * plait__sample_weight(&rule, i) *
		       plait__class_weight(&rule, labels[i]);
}

static void cost(const struct plait_node *node, int64_t rows, struct plait_cost *result)
{
	plait_op_cost(node->input[0], rows, 4, 2, result);
}

const struct plait_op plait__op_label_scale = {
	.abi = PLAIT_OP_ABI,
	.name = "label_scale",
	.whole = true,
	.cpu = label_scale_cpu,
	.cuda = PLAIT__CUDA(plait__label_scale_cuda),
	.cost = cost,
};

const struct plait_op plait__op_label_weight = {
	.abi = PLAIT_OP_ABI,
	.name = "label_weight",
	.cpu = label_weight_cpu,
	.cuda = PLAIT__CUDA(plait__label_weight_cuda),
	.cost = cost,
};
