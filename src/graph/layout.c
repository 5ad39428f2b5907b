/* SPDX-License-Identifier: MIT
 * How images lie in memory.  Each op says what it wants, and a node that gets another layout reads
 * a conversion instead, which is a node too.  So kernels find what they were written for, a chain
 * of convolutions converts its input once, and gradients lie as the values do that they belong to.
 */
#include "config.h"
#include "src/graph/op.h"

static bool is_conversion(const struct plait_op *op)
{
	return op == &plait__op_channels_last || op == &plait__op_contiguous;
}

/* Whether the layouts of a value differ. */
static bool is_image(const struct plait_node *node)
{
	return node->batched && node->dtype == PLAIT_F32 && node->ndim == 3 && node->dim[0] > 1 &&
	       node->dim[1] * node->dim[2] > 1;
}

/* Whether an op that preserves the layout reads channels_last: converting back is saved so. */
static bool reads_channels_last(const struct plait_node *node)
{
	bool any = node->op->layout == PLAIT_CHANNELS_LAST;

	for (int i = 0; i < node->ninputs && node->op->layout == PLAIT_PRESERVE; i++)
		any |= node->input[i]->channels_last;
	return any;
}

bool plait__layout_output(const struct plait_node *node)
{
	bool last = is_conversion(node->op) ? node->op == &plait__op_channels_last
					    : reads_channels_last(node);

	return last && node->ninputs > 0 && is_image(node);
}

/* Of x, by op.  One that is there already is read again, and what was converted is read itself. */
static struct plait_node *convert(struct plait_node *x, const struct plait_op *op, int layer)
{
	struct plait_graph *graph = x->graph;
	struct plait_node *y;

	if (is_conversion(x->op))
		return x->input[0];
	for (int i = x->id + 1; i < graph->nodes; i++)
		if (graph->node[i]->op == op && graph->node[i]->input[0] == x)
			return graph->node[i];
	y = plait_node_like(x,
			    &(struct plait_node_spec){
				    .op = op, .phase = PLAIT_FORWARD, .ninputs = 1, .input = &x });
	if (y)
		y->layer = layer;
	return y;
}

/* The layer that a conversion for node belongs to: the one that is built next, or for a loss the
 * last one. */
static int layer_of(const struct plait_node *node)
{
	const struct plait_graph *graph = node->graph;

	return node->phase == PLAIT_FORWARD ? graph->layers : graph->layers - 1;
}

bool plait__layout_inputs(struct plait_node *node)
{
	bool last = reads_channels_last(node);

	for (int i = 0; i < node->ninputs && !is_conversion(node->op); i++) {
		struct plait_node **input = &node->input[i];

		if (!is_image(*input) || (*input)->channels_last == last)
			continue;
		PLAIT__ASSERT(node->phase == PLAIT_FORWARD || node->phase == PLAIT_LOSS,
			      "a gradient reads what the value reads, and lies as that does");
		*input = convert(*input, last ? &plait__op_channels_last : &plait__op_contiguous,
				 layer_of(node));
		if (!*input)
			return false;
	}
	return true;
}

struct plait_node *plait__layout_contiguous(struct plait_node *x)
{
	return x && x->channels_last ? convert(x, &plait__op_contiguous, x->graph->layers - 1) : x;
}
