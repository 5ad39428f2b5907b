/* SPDX-License-Identifier: MIT
 * Checks and nodes that the builders of several rooms need. */
#include "config.h"
#include "codelets/shared/room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameter, gradient and states. */
#define MOST_UPDATE_INPUTS 5

bool plait_op_accepts(const struct plait_op *op, struct plait_node *x)
{
	if (!x)
		return false;
	if (!op) {
		plait_graph_fail(x->graph, PLAIT_EINVAL, "a node's op is NULL");
		return false;
	}
	if (x->dtype != PLAIT_F32) {
		plait_graph_fail(x->graph, PLAIT_EINVAL, "%s: its input is %s, must be float32",
				 op->name, plait_dtype_name(x->dtype));
		return false;
	}
	if (x->source == PLAIT__SOURCE_WEIGHTS) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "%s: its input is plait_weights(), must be a layer's", op->name);
		return false;
	}
	if (x->partial) {
		plait_graph_fail(
			x->graph, PLAIT_EINVAL,
			"%s: its input is the result of %s, which is made of a whole "
			"batch: only add, sub, scale and loss take that, must be a layer's",
			op->name, x->op->name);
		return false;
	}
	if (x->phase != PLAIT_SOURCE && x->phase != PLAIT_FORWARD) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "%s: its input is the result of %s, must be a layer's", op->name,
				 x->op->name);
		return false;
	}
	return true;
}

bool plait__op_accepts_parts(const struct plait_op *op, struct plait_node *x)
{
	return (x && x->partial && x->dtype == PLAIT_F32) || plait_op_accepts(op, x);
}

bool plait__op_accepts_image(const struct plait_op *op, struct plait_node *x)
{
	char text[128];

	if (!plait_op_accepts(op, x))
		return false;
	if (x->batched && x->ndim == 3)
		return true;
	plait_graph_fail(x->graph, PLAIT_ESHAPE,
			 "%s: its input is %s%s, must be [C,H,W] of each sample", op->name,
			 plait_shape_text(x->ndim, x->dim, text, sizeof text),
			 x->batched ? "" : " of a parameter");
	return false;
}

bool plait__op_pair(const struct plait_op *op, const struct plait_node *a,
		    const struct plait_node *b)
{
	char as[128], bs[128];

	if (a->ndim != b->ndim || memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof *a->dim) != 0)
		plait_graph_fail(a->graph, PLAIT_ESHAPE, "%s: %s and %s, the shapes must be equal",
				 op->name, plait_shape_text(a->ndim, a->dim, as, sizeof as),
				 plait_shape_text(b->ndim, b->dim, bs, sizeof bs));
	else if (a->batched != b->batched || a->partial != b->partial)
		plait_graph_fail(a->graph, PLAIT_ESHAPE,
				 "%s: the results of %s and %s must both be values of each sample, "
				 "or both be made of a whole batch",
				 op->name, a->op->name, b->op->name);
	else
		return true;
	return false;
}

struct plait_node *plait__op_elementwise(const struct plait_op *op, int ninputs,
					 struct plait_node *const *input, int nattr,
					 const double *attr)
{
	bool parts = input[0]->partial;
	struct plait_node *y = plait_node_like(
		input[0], &(struct plait_node_spec){ .op = op,
						     .phase = parts ? PLAIT_LOSS : PLAIT_FORWARD,
						     .ninputs = ninputs,
						     .input = input,
						     .nattr = nattr,
						     .attr = attr });

	return parts ? y : plait_node_layer(y);
}

struct plait_node *plait_op_unary(struct plait_node *x, const struct plait_op *op)
{
	if (!plait_op_accepts(op, x))
		return NULL;
	return plait_node_layer(plait_node_like(
		x, &(struct plait_node_spec){
			   .op = op, .phase = PLAIT_FORWARD, .ninputs = 1, .input = &x }));
}

struct plait_node *plait__op_by_row(struct plait_node *x, const struct plait_op *op)
{
	if (x && x->ndim < 1)
		return plait_graph_fail(x->graph, PLAIT_ESHAPE,
					"%s: its input is a scalar, must be [...,C]", op->name);
	return plait_op_unary(x, op);
}

struct plait_node *plait_op_gradient(struct plait_node *y, struct plait_node *x,
				     const struct plait_op *op, int ninputs,
				     struct plait_node *const *inputs)
{
	struct plait_node *dx;

	if (!y)
		return NULL;
	dx = plait_node_like(x, &(struct plait_node_spec){ .op = op,
							   .phase = PLAIT_BACKWARD,
							   .ninputs = ninputs,
							   .input = inputs,
							   .nattr = y->nattr,
							   .attr = y->attr });
	if (!dx)
		return NULL;
	PLAIT__ASSERT(y->phase != PLAIT_BACKWARD,
		      "a gradient rule is asked for forward nodes only");
	dx->layer = y->layer;
	return dx;
}

bool plait_op_no_arguments(struct plait_node *x, const char *word, const char *arguments)
{
	if (!x)
		return false;
	word = word ? word : "";
	if (!arguments || *arguments == '\0')
		return true;
	plait_graph_fail(x->graph, PLAIT_EINVAL, "\"%s:%s\": %s takes no arguments", word,
			 arguments, word);
	return false;
}

bool plait__op_number(struct plait_node *x, const char *word, const char *arguments,
		      const char *what, float *number)
{
	char *end = NULL;

	if (!x)
		return false;
	*number = strtof(arguments, &end);
	/* Only these characters: strtof also takes nan, infinity and 0x10. */
	if (end != arguments && *end == '\0' && isfinite(*number) &&
	    arguments[strspn(arguments, "0123456789+-.eE")] == '\0')
		return true;
	plait_graph_fail(x->graph, PLAIT_EINVAL, "model: \"%s%s%s\": %s takes %s", word,
			 *arguments ? ":" : "", arguments, word, what);
	return false;
}

void plait_op_cost(const struct plait_node *node, int64_t rows, double flops, double arrays,
		   struct plait_cost *cost)
{
	double elements;

	if (!node || !cost)
		return;
	PLAIT__ASSERT(rows >= 0, "a cost is of no negative number of samples");
	elements = (double)plait_node_elements(node) * (double)(node->batched ? rows : 1);
	cost->flops = flops * elements;
	cost->bytes = arrays * elements * (double)plait_dtype_size(node->dtype);
}

bool plait__op_labelled(const struct plait_op *op, struct plait_node *x, struct plait_node *labels)
{
	char text[128];

	if (!labels || !plait_op_accepts(op, x))
		return false;
	if (labels->dtype != PLAIT_I32) {
		plait_graph_fail(x->graph, PLAIT_EINVAL,
				 "%s: the labels are %s, must be plait_labels()", op->name,
				 plait_dtype_name(labels->dtype));
		return false;
	}
	if (x->ndim != 1) {
		plait_graph_fail(x->graph, PLAIT_ESHAPE,
				 "%s: its input is %s, must be [C], a number for each class",
				 op->name, plait_shape_text(x->ndim, x->dim, text, sizeof text));
		return false;
	}
	return true;
}

bool plait__op_targeted(const struct plait_op *op, struct plait_node *x, struct plait_node *targets)
{
	char xs[128], ts[128];

	if (!targets || !plait_op_accepts(op, x) || !plait_op_accepts(op, targets))
		return false;
	if (plait_node_elements(x) == plait_node_elements(targets))
		return true;
	plait_graph_fail(
		x->graph, PLAIT_ESHAPE,
		"%s: its input is %s, the targets %s: the number of elements must be the same",
		op->name, plait_shape_text(x->ndim, x->dim, xs, sizeof xs),
		plait_shape_text(targets->ndim, targets->dim, ts, sizeof ts));
	return false;
}

bool plait__op_weighted(const struct plait_op *op, struct plait_node *weights)
{
	if (!weights)
		return false;
	if (weights->source == PLAIT__SOURCE_WEIGHTS)
		return true;
	plait_graph_fail(weights->graph, PLAIT_EINVAL,
			 "%s: the weights are the result of %s, must be plait_weights()", op->name,
			 weights->op->name);
	return false;
}

struct plait_node *plait__op_append_loss(struct plait_node_spec *spec)
{
	struct plait_graph *graph = spec->input[0]->graph;
	struct plait_node *loss;

	spec->phase = PLAIT_LOSS;
	loss = plait_node_append(graph, spec);
	if (!loss)
		return NULL;
	if (!graph->output)
		graph->output = loss->input[0];
	if (!graph->loss)
		graph->loss = loss;
	else if (!graph->second_loss)
		graph->second_loss = loss;
	if (!graph->class_loss && loss->input[1]->dtype == PLAIT_I32)
		graph->class_loss = loss;
	return loss;
}

struct plait_node *plait__op_loss_gradient(struct plait_node *y, struct plait_node *dy,
					   const struct plait_op *op)
{
	struct plait_node *input[5];
	int inputs = 0;

	PLAIT__ASSERT(y->ninputs <= 4, "a loss reads a value, what is wanted, and weights");
	for (; inputs < y->ninputs; inputs++)
		input[inputs] = y->input[inputs];
	if (dy)
		input[inputs++] = dy;
	return plait_op_gradient(y, y->input[0], op, inputs, input);
}

struct plait_node *plait__op_whole(struct plait_node_spec *spec)
{
	struct plait_node *node = plait_node_append(spec->input[0]->graph, spec);

	if (node)
		node->partial = false;
	return node;
}

struct plait_node *plait__op_update(struct plait_node_spec *spec)
{
	struct plait_node *input[MOST_UPDATE_INPUTS + 1], *clip = spec->input[0]->graph->clip;

	PLAIT__ASSERT(spec->op->updates & 1, "an update changes its parameter, which is input 0");
	PLAIT__ASSERT(spec->ninputs <= MOST_UPDATE_INPUTS, "the inputs of an update fit");
	spec->phase = PLAIT_UPDATE;
	if (clip) {
		memcpy(input, spec->input, (size_t)spec->ninputs * sizeof(struct plait_node *));
		input[spec->ninputs++] = clip;
		spec->input = input;
	}
	return plait__op_whole(spec);
}
