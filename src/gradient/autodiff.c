/* SPDX-License-Identifier: MIT
 * One walk from the loss to the first node.  A value used more than once gets the sum of
 * its gradients, added in the order of the walk, so that the sum's order is fixed. */
#include "config.h"
#include "src/gradient/autodiff.h"
#include "codelets/ops.h"

#include <stdlib.h>

/* gradient[x] += dx, for the graph that is being extended. */
static void accumulate(struct plait_node **sum, struct plait_node *dx)
{
	if (*sum)
		dx = plait_node_like(dx, &(struct plait_node_spec){
						 .op = &plait__op_add,
						 .phase = PLAIT_BACKWARD,
						 .ninputs = 2,
						 .input = (struct plait_node *[]){ *sum, dx } });
	*sum = dx;
}

/* An op from outside may have forgotten one, or given one of another shape. */
static void check_gradient(const struct plait_node *y, int i, const struct plait_node *dx)
{
	const struct plait_node *x = y->input[i];

	if (!dx)
		plait_graph_fail(y->graph, PLAIT_EINVAL,
				 "%s (%s): its gradient function gives none by input %d",
				 y->op->name, y->name, i);
	else if (dx->graph != y->graph || dx->batched != x->batched ||
		 plait_node_elements(dx) != plait_node_elements(x))
		plait_graph_fail(y->graph, PLAIT_ESHAPE,
				 "%s (%s): the gradient by input %d is not of the input's shape",
				 y->op->name, y->name, i);
	else if (dx->channels_last != x->channels_last)
		plait_graph_fail(y->graph, PLAIT_ESHAPE,
				 "%s (%s): the gradient by input %d has another layout than the "
				 "input",
				 y->op->name, y->name, i);
}

/* The gradients of y's inputs from y's own, added to theirs. */
static int step_back(struct plait_node *y, struct plait_node **sum)
{
	struct plait_graph *graph = y->graph;
	struct plait_node **dx;
	int before = graph->nodes, sums;

	if (!y->op->gradient)
		return plait__error(
			PLAIT_EINVAL,
			"%s (%s): this op has no gradient, so nothing below it can be trained",
			y->op->name, y->name);
	dx = plait__calloc((size_t)y->ninputs, sizeof(struct plait_node *), "gradients");
	if (!dx)
		return PLAIT_ENOMEM;
	y->op->gradient(y, sum[y->id], dx);
	sums = graph->nodes; /* the first one */
	for (int i = 0; i < y->ninputs && graph->status == 0; i++) {
		if (!y->input[i]->needs_gradient)
			continue;
		check_gradient(y, i, dx[i]);
		accumulate(&sum[y->input[i]->id], dx[i]);
	}
	free(dx);
	if (graph->status < 0)
		return plait_graph_status(graph);
	PLAIT__ASSERT(graph->nodes >= before, "a gradient rule only appends");
	/* What was appended belongs to the layer it differentiates, whatever it reads; but a sum to
	 * the first of the layers that it adds gradients of, whose backward comes last: a term of
	 * the loss is differentiated before later layers are.  The first gradient belongs to the
	 * loss: so no update can overtake the look at the loss. */
	for (int i = before; i < graph->nodes; i++) {
		struct plait_node *node = graph->node[i];

		node->layer = y->layer;
		if (i >= sums && node->input[0]->layer < y->layer)
			node->layer = node->input[0]->layer;
		if (y == graph->loss)
			node->phase = PLAIT_LOSS;
	}
	return plait_graph_status(graph);
}

/* What reads the copy may be summed over parts in its place, where the loss of each part stays. */
static struct plait_node *copy(struct plait_node *loss)
{
	return plait_node_like(loss, &(struct plait_node_spec){ .op = &plait__op_scale,
								.phase = PLAIT_LOSS,
								.ninputs = 1,
								.input = &loss,
								.nattr = 1,
								.attr = &(double){ 1 } });
}

int plait__autodiff(struct plait_graph *graph, struct plait_node **gradient,
		    struct plait_node **loss_copy)
{
	int nodes = graph->nodes;

	if (!graph->loss)
		return plait__error(
			PLAIT_EINVAL,
			"the graph has no loss: end it with plait_cross_entropy, plait_mse or "
			"plait_loss");
	for (int i = 0; i < nodes; i++)
		gradient[i] = NULL;
	for (int i = graph->loss->id; i >= 0; i--) {
		struct plait_node *y = graph->node[i];
		bool used = y == graph->loss || gradient[i];
		int status = 0;

		y->gradient = gradient[i]; /* all that read y are done, so this is the sum */
		if (used && y->ninputs > 0 && y->needs_gradient)
			status = step_back(y, gradient);
		if (status < 0)
			return status;
		if (y == graph->loss && loss_copy)
			*loss_copy = copy(y);
		if (y->ninputs > 0)
			gradient[i] = NULL; /* only parameters keep theirs */
	}
	return 0;
}
