/* SPDX-License-Identifier: MIT
 * dropout: y = x m / (1 - p), where m is 0 with probability p, else 1.  x, y: [N,...].
 *          dx = dy m / (1 - p).
 *
 * m is not kept: it is a function of the trainer's seed, of the key that comes with each batch, of
 * which dropout of the graph this is, of the sample's place in the whole batch and of the element.
 * So the gradient is the same op of dy, and all parts, devices and grains of tasks agree on it.
 * Outside of training y is x, and nothing runs. */
#include "config.h"
#include "codelets/layer/dropout.h"
#include "codelets/shared/room.h"

#include <plait/ops.h>
#include <stdlib.h>
#include <string.h>

enum { P, LAYER, ATTRIBUTES };

static int count(const struct plait_graph *graph)
{
	int dropouts = 0;

	for (int i = 0; i < graph->nodes; i++)
		dropouts += graph->node[i]->op == &plait__op_dropout;
	return dropouts;
}

struct plait_node *plait_dropout(struct plait_node *x, float p)
{
	struct plait_node *input[2] = { x };
	double attr[ATTRIBUTES] = { [P] = (double)p };

	if (!plait_op_accepts(&plait__op_dropout, x))
		return NULL;
	if (!x->batched)
		return plait_graph_fail(x->graph, PLAIT_EINVAL,
					"dropout: its input is a parameter, must be a layer's");
	if (!(p >= 0 && p <= 1))
		return plait_graph_fail(x->graph, PLAIT_EINVAL, "dropout: p is %g, must be 0 to 1",
					(double)p);
	attr[LAYER] = count(x->graph);
	input[1] = plait__batch_key(x->graph);
	return input[1] ? plait__op_elementwise(&plait__op_dropout, 2, input, ATTRIBUTES, attr)
			: NULL;
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	char *end = NULL;
	float p;

	if (!x)
		return NULL;
	if (*arguments == '\0')
		return plait_dropout(x, 0.5f);
	p = strtof(arguments, &end);
	/* Only these characters: strtof also takes nan, infinity and 0x10. */
	if (end == arguments || *end != '\0' ||
	    arguments[strspn(arguments, "0123456789+-.eE")] != '\0')
		return plait_graph_fail(
			x->graph, PLAIT_EINVAL,
			"model: \"dropout:%s\": dropout takes the probability of 0, "
			"as in dropout:0.5",
			arguments);
	return plait_dropout(x, p);
}

static void gradient(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	dx[0] = plait_op_gradient(y, y->input[0], &plait__op_dropout, 2,
				  (struct plait_node *[]){ dy, y->input[1] });
}

struct plait__dropout_rule plait__dropout_rule_of(const struct plait_call *call)
{
	const double *attr = call->node->attr;

	PLAIT__ASSERT(attr[P] >= 0 && attr[P] <= 1, "a dropout drops a share of its elements");
	return (struct plait__dropout_rule){
		.key = plait__key(call->seed, (uint64_t)attr[LAYER]),
		.first = call->first,
		.least = attr[P] < 1 ? (uint32_t)(attr[P] * 0x1p32) : UINT32_MAX,
		.scale = attr[P] < 1 ? (float)(1 / (1 - attr[P])) : 0,
	};
}

PLAIT__CLONES static void forward(int64_t rows, int64_t n, struct plait__dropout_rule rule,
				  const int32_t *words, const float *restrict x, float *restrict y)
{
	for (int64_t row = 0; row < rows; row++, x += n, y += n) {
		uint64_t key = plait__dropout_key(&rule, words, row);

		for (int64_t i = 0; i < n; i++)
			y[i] = plait__dropout(x[i], key, i, rule.least, rule.scale);
	}
}

static void dropout_cpu(const struct plait_call *call)
{
	PLAIT__ASSERT(call->out != call->in[0], "a dropout is not computed in place");
	forward(call->rows, plait_node_elements(call->node), plait__dropout_rule_of(call),
		plait__call_labels(call, 1), plait__call_floats(call, 0), plait__call_out(call));
}

static void dropout_cost(const struct plait_node *node, int64_t rows, struct plait_cost *cost)
{
	plait_op_cost(node, rows, 12, 2, cost);
}

const struct plait_op plait__op_dropout = {
	.abi = PLAIT_OP_ABI,
	.name = "dropout",
	.layout = PLAIT_PRESERVE,
	.chunks = PLAIT_CHUNKS_ANY,
	.activation = true,
	.training_only = true,
	.gradient = gradient,
	.word = word,
	.cpu = dropout_cpu,
	.cuda = PLAIT__CUDA(plait__dropout_cuda),
	.cost = dropout_cost,
};
