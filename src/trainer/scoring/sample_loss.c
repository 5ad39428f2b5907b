/* SPDX-License-Identifier: MIT
 * The loss of one sample is that of a batch that has no other: the kernels for CPUs compute it, so
 * it is that of any loss there is. */
#include "config.h"
#include "src/plan/plan.h"
#include "src/trainer/scoring/scoring.h"

#include <stdlib.h>

/* -- opening ----------------------------------------------------------------------------------- */

static int add_input(struct plait__sample_loss *loss, const struct plait_node *node,
		     const struct plait_node *input)
{
	static const float one = 1;
	struct plait__sample_input *at = &loss->input[loss->inputs++];

	/* A sample that counts weighs 1 in a batch of its own. */
	if (input->source == PLAIT__SOURCE_WEIGHTS)
		at->memory = &one;
	else if (input->phase == PLAIT_LOSS)
		at->memory = loss->value[input->id];
	else
		at->offset = plait__scored_offset(loss->graph, input);
	if (at->memory || at->offset >= 0)
		return 0;
	return plait__error(PLAIT_EINVAL,
			    "scores: %s of the loss reads what is not of each sample, so no sample "
			    "has a loss of its own: leave worst 0",
			    node->op->name);
}

/* Inputs come before what reads them. */
static int add_node(struct plait__sample_loss *loss, const struct plait_node *node)
{
	int status = 0;

	loss->node[loss->nodes++] = node;
	loss->value[node->id] = plait__calloc(1, plait__node_bytes(node, 1), "a loss");
	if (!loss->value[node->id])
		return PLAIT_ENOMEM;
	for (int j = 0; j < node->ninputs && status == 0; j++)
		status = add_input(loss, node, node->input[j]);
	return status;
}

static int allocate(struct plait__sample_loss *loss, const struct plait_graph *net)
{
	size_t nodes = (size_t)net->nodes, inputs = 1;

	for (int i = 0; i < net->nodes; i++)
		inputs += (size_t)net->node[i]->ninputs;
	loss->node = plait__calloc(nodes, sizeof *loss->node, "a loss");
	loss->value = plait__calloc(nodes, sizeof *loss->value, "a loss");
	loss->input = plait__calloc(inputs, sizeof *loss->input, "a loss");
	loss->in = plait__calloc(inputs, sizeof *loss->in, "a loss");
	return loss->node && loss->value && loss->input && loss->in ? 0 : PLAIT_ENOMEM;
}

int plait__sample_loss_open(struct plait__sample_loss *loss, const struct plait_graph *net)
{
	bool *of_loss = plait__calloc((size_t)net->nodes, sizeof *of_loss, "marks");
	int status;

	*loss = (struct plait__sample_loss){ .graph = net };
	status = of_loss ? allocate(loss, net) : PLAIT_ENOMEM;
	if (status == 0)
		plait__scored_mark_loss(net, of_loss);
	for (int i = 0; i < net->nodes && status == 0; i++)
		if (of_loss[i])
			status = add_node(loss, net->node[i]);
	free(of_loss);
	return status;
}

void plait__sample_loss_close(struct plait__sample_loss *loss)
{
	for (int i = 0; loss->value && i < loss->nodes; i++)
		free(loss->value[loss->node[i]->id]);
	free(loss->node);
	free(loss->value);
	free(loss->input);
	free(loss->in);
}

/* -- computing --------------------------------------------------------------------------------- */

double plait__sample_loss(const struct plait__sample_loss *loss, const float *row)
{
	const struct plait__sample_input *input = loss->input;
	const struct plait_node *node = NULL;

	for (int i = 0; i < loss->nodes; i++) {
		node = loss->node[i];

		struct plait_call call = { .node = node,
					   .rows = 1,
					   .batch = 1,
					   .in = loss->in,
					   .out = loss->value[node->id] };

		for (int j = 0; j < node->ninputs; j++, input++)
			loss->in[j] = input->memory ? input->memory : row + input->offset;
		plait__call_check(&call, node->op);
		node->op->cpu(&call);
	}
	return (double)*(const float *)(const void *)loss->value[node->id];
}
