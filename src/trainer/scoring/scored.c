/* SPDX-License-Identifier: MIT
 * What of each sample is scored, and as what. */
#include "config.h"
#include "codelets/ops.h"
#include "src/plan/plan.h"
#include "src/trainer/scoring/scoring.h"

#include <inttypes.h>
#include <stdlib.h>

/* Nodes are compared by what they show. */
static const struct plait_node *real(const struct plait_node *node)
{
	return plait__resolve(node, PLAIT__EVALUATE);
}

void plait__scored_mark_loss(const struct plait_graph *net, bool *of_loss)
{
	of_loss[net->loss->id] = true;
	for (int i = net->loss->id; i >= 0; i--)
		for (int j = 0; of_loss[i] && j < net->node[i]->ninputs; j++) {
			const struct plait_node *input = net->node[i]->input[j];

			of_loss[input->id] |= input->phase == PLAIT_LOSS;
		}
}

/* -- the node ---------------------------------------------------------------------------------- */

static bool can_be_gathered(const struct plait_node *node)
{
	return node->batched && !node->channels_last &&
	       plait_dtype_size(node->dtype) == sizeof(float);
}

/* Appends node to the n that are there, once. */
static int add(struct plait_node **input, int n, struct plait_node *node)
{
	for (int i = 0; i < n; i++)
		if (real(input[i]) == real(node))
			return n;
	input[n] = node;
	return n + 1;
}

/* What the node has of each sample; input has room for all nodes. */
static int find_inputs(const struct plait_graph *net, const bool *of_loss,
		       struct plait_node **input)
{
	int n = add(input, 0, net->output);

	n = add(input, n, net->class_loss ? net->labels : net->targets);
	if (net->weights)
		n = add(input, n, net->weights);
	for (int i = 0; i < net->nodes; i++)
		for (int j = 0; of_loss[i] && j < net->node[i]->ninputs; j++) {
			struct plait_node *read = net->node[i]->input[j];

			if (read->phase != PLAIT_LOSS && can_be_gathered(read))
				n = add(input, n, read);
		}
	return n;
}

int plait__scored_append(struct plait_graph *net)
{
	size_t nodes = (size_t)net->nodes;
	struct plait_node **input;
	bool *of_loss;
	int status = PLAIT_ENOMEM;

	if (!net->loss || !net->output || !(net->class_loss ? net->labels : net->targets) ||
	    !can_be_gathered(net->output))
		return 0;
	input = plait__calloc(nodes + 3, sizeof *input, "what is scored");
	of_loss = plait__calloc(nodes, sizeof *of_loss, "what is scored");
	if (input && of_loss) {
		plait__scored_mark_loss(net, of_loss);
		net->scored = plait__gather(find_inputs(net, of_loss, input), input);
		status = plait_graph_status(net);
	}
	free(input);
	free(of_loss);
	return status;
}

int64_t plait__scored_offset(const struct plait_graph *net, const struct plait_node *node)
{
	for (int i = 0; node && i < net->scored->ninputs; i++)
		if (real(net->scored->input[i]) == real(node))
			return plait__gather_offset(net->scored, i);
	return -1;
}

/* -- the kind -------------------------------------------------------------------------------- */

static bool is_binary(const struct plait_graph *net)
{
	for (int i = 0; i < net->nodes; i++)
		if (net->node[i]->op == &plait__op_bce_with_logits)
			return true;
	return false;
}

/* Whether the output is probabilities already, as predictions of it then are what it is. */
static bool gives_probabilities(const struct plait_graph *net)
{
	const struct plait_op *op = real(net->output)->op;

	return op == &plait__op_softmax || op == &plait__op_sigmoid;
}

int plait__scored_options(const struct plait_graph *net, struct plait_scores_options *options)
{
	int64_t compared;

	if (!net->scored)
		return plait__error(PLAIT_EINVAL,
				    "scores: the loss compares no output with labels or targets");
	compared = plait_node_elements(net->class_loss ? net->class_loss->input[0] : net->targets);
	*options = (struct plait_scores_options){ .outputs = plait_node_elements(net->output),
						  .probabilities = gives_probabilities(net) };
	options->kind = net->class_loss  ? PLAIT_SCORES_CLASSES
			: is_binary(net) ? PLAIT_SCORES_BINARY
					 : PLAIT_SCORES_NUMBERS;
	if (options->kind == PLAIT_SCORES_CLASSES)
		options->ignores = plait__ignores(net->class_loss, &options->ignored);
	if (options->kind == PLAIT_SCORES_NUMBERS)
		options->probabilities = false;
	if (options->outputs == compared)
		return 0;
	return plait__error(PLAIT_EINVAL,
			    "scores: the network's output has %" PRId64
			    " numbers, and the loss compares %" PRId64,
			    options->outputs, compared);
}
