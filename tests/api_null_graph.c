/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c for graphs and ops.  A builder keeps its error in the graph, so each row
 * has graphs of its own. */
#include "config.h"
#include "tests/api_null_graph.h"

#include <math.h>

static void source_rows(void)
{
	struct plait_graph *fresh = plait_graph_create();

	NO_NODE(0, plait_input(NULL, PLAIT_F32, 1, dim));
	NO_NODE(0, plait_labels(NULL));
	NO_NODE(0, plait_targets(NULL, 4));
	NO_NODE(PLAIT_ESHAPE, plait_targets(graph, -4));
	NO_NODE(0, plait_weights(NULL));

	GIVES_NULL(plait_input(fresh, PLAIT_F32, 1, NULL));
	REFUSES(PLAIT_EINVAL, plait_graph_status(fresh));
	plait_graph_destroy(fresh);
	fresh = plait_graph_create();
	GIVES_NULL(plait_input(fresh, PLAIT_F32, -1, dim));
	REFUSES(PLAIT_ESHAPE, plait_graph_status(fresh));
	plait_graph_destroy(fresh);
	fresh = plait_graph_create();
	GIVES_NULL(plait_input(fresh, (enum plait_dtype)0, 1, dim));
	REFUSES(PLAIT_EINVAL, plait_graph_status(fresh));
	plait_graph_destroy(fresh);
	fresh = plait_graph_create();
	GIVES_NULL(plait_targets(fresh, -1));
	REFUSES(PLAIT_ESHAPE, plait_graph_status(fresh));
	plait_graph_destroy(fresh);
	NO_NODE(0, plait_output(NULL));
	NO_NODE(0, plait_place(NULL, "cpu0"));
	NO_NODE(PLAIT_EINVAL, plait_place(x, NULL));
	fresh = plait_graph_create();
	REFUSES(PLAIT_EINVAL, plait_place_words(NULL, "0:cpu0"));
	REFUSES(PLAIT_EINVAL, plait_place_words(fresh, NULL));
	plait_graph_destroy(fresh);
}

static void loss_rows(void)
{
	const struct plait_cross_entropy_options wrong = { .label_smoothing = -1 };

	NO_NODE(0, plait_cross_entropy(NULL, labels));
	NO_NODE(0, plait_cross_entropy(x, NULL));
	NO_NODE(0, plait_nll(NULL, labels));
	NO_NODE(0, plait_nll(x, NULL));
	NO_NODE(0, plait_mse(NULL, targets));
	NO_NODE(0, plait_mse(x, NULL));
	NO_NODE(0, plait_cross_entropy_weighted(NULL, labels, weights));
	NO_NODE(0, plait_cross_entropy_weighted(x, NULL, weights));
	NO_NODE(0, plait_cross_entropy_weighted(x, labels, NULL));
	NO_NODE(0, plait_nll_weighted(NULL, labels, weights));
	NO_NODE(0, plait_nll_weighted(x, NULL, weights));
	NO_NODE(0, plait_nll_weighted(x, labels, NULL));
	NO_NODE(0, plait_mse_weighted(NULL, targets, weights));
	NO_NODE(0, plait_mse_weighted(x, NULL, weights));
	NO_NODE(0, plait_mse_weighted(x, targets, NULL));
	NO_NODE(0, plait_l1(NULL, targets));
	NO_NODE(0, plait_l1(x, NULL));
	NO_NODE(0, plait_l1_weighted(NULL, targets, weights));
	NO_NODE(0, plait_l1_weighted(x, NULL, weights));
	NO_NODE(0, plait_l1_weighted(x, targets, NULL));
	NO_NODE(0, plait_huber(NULL, targets, 1));
	NO_NODE(0, plait_huber(x, NULL, 1));
	NO_NODE(PLAIT_EINVAL, plait_huber(x, targets, 0));
	NO_NODE(0, plait_huber_weighted(NULL, targets, weights, 1));
	NO_NODE(0, plait_huber_weighted(x, NULL, weights, 1));
	NO_NODE(0, plait_huber_weighted(x, targets, NULL, 1));
	NO_NODE(0, plait_bce_with_logits(NULL, targets));
	NO_NODE(0, plait_bce_with_logits(x, NULL));
	NO_NODE(0, plait_bce_with_logits_weighted(NULL, targets, weights));
	NO_NODE(0, plait_bce_with_logits_weighted(x, NULL, weights));
	NO_NODE(0, plait_bce_with_logits_weighted(x, targets, NULL));
	NO_NODE(0, plait_cross_entropy_with(NULL, labels, &wrong));
	NO_NODE(0, plait_cross_entropy_with(x, NULL, &wrong));
	NO_NODE(PLAIT_EINVAL, plait_cross_entropy_with(x, labels, &wrong));
	NO_NODE(PLAIT_EINVAL,
		plait_cross_entropy_with(
			x, labels, &(struct plait_cross_entropy_options){ .focal_gamma = NAN }));
	NO_NODE(PLAIT_EINVAL,
		plait_cross_entropy_with(x, labels,
					 &(struct plait_cross_entropy_options){
						 .focal_gamma = 2, .label_smoothing = 0.1f }));
	NO_NODE(PLAIT_EINVAL, plait_cross_entropy_with(x, targets, NULL));
	NO_NODE(0, plait_mean(NULL));
	NO_NODE(0, plait_sum(NULL));
	NO_NODE(0, plait_loss(NULL));
	NO_NODE(PLAIT_EINVAL, plait_loss(x));
	NO_NODE(0, plait_metric(NULL, "name"));
	NO_NODE(PLAIT_EINVAL, plait_metric(plait_mean(x), NULL));
	NO_NODE(PLAIT_EINVAL, plait_metric(plait_mean(x), ""));
	NO_NODE(PLAIT_EINVAL, plait_metric(x, "name"));
	NO_NODE(0, plait_metric_word(NULL, labels, weights, "topk:1"));
	NO_NODE(0, plait_metric_word(x, NULL, weights, "topk:1"));
	NO_NODE(PLAIT_EINVAL, plait_metric_word(x, labels, weights, NULL));
	NO_NODE(PLAIT_EINVAL, plait_metric_word(x, labels, NULL, ""));
	NO_NODE(PLAIT_EINVAL, plait_metric_word(x, labels, labels, "topk:1"));
	NO_NODE(PLAIT_EINVAL, plait_metric_word(x, labels, NULL, "topk:-1"));
	GIVES(plait_metric_words((const char *[]){ "" }, -1), plait_metric_words(NULL, 99));
}

static void kernel(const struct plait_call *call)
{
	(void)call;
}

static struct plait_node *word(struct plait_node *node, const char *arguments)
{
	(void)arguments;
	return node;
}

/* What ops from outside build with. */
static void op_rows(void)
{
	static const struct plait_op op = {
		.abi = PLAIT_OP_ABI, .name = "of_api_null", .word = word, .cpu = kernel
	};
	static const struct plait_node_spec spec = { .op = &op, .phase = PLAIT_FORWARD };

	NO_NODE(0, plait_node_append(NULL, &spec));
	NO_NODE(0, plait_node_append(graph, NULL));
	NO_NODE(PLAIT_EINVAL, plait_node_append(graph, &(struct plait_node_spec){ .op = NULL }));
	NO_NODE(0, plait_node_like(NULL, &spec));
	NO_NODE(0, plait_node_like(x, NULL));
	NO_NODE(0, plait_node_layer(NULL));
	NO_NODE(0, plait_parameter(NULL, "weight", 1, dim, 1));
	NO_NODE(PLAIT_EINVAL, plait_parameter(graph, NULL, 1, dim, 1));
	NO_NODE(PLAIT_ESHAPE, plait_parameter(graph, "weight", 1, NULL, 1));
	NO_NODE(PLAIT_ESHAPE, plait_parameter(graph, "weight", -1, dim, 1));
	NO_NODE(0, plait_op_unary(NULL, &op));
	NO_NODE(PLAIT_EINVAL, plait_op_unary(x, NULL));
	NO_NODE(0, plait_op_gradient(NULL, x, &op, 1, &x));
	NO_NODE(0, plait_op_gradient(x, NULL, &op, 1, &x));
	NO_NODE(PLAIT_EINVAL, plait_op_gradient(x, x, NULL, 1, &x));
	NO_NODE(PLAIT_EINVAL, plait_op_gradient(x, x, &op, 1, NULL));
	NO_NODE(PLAIT_EINVAL, plait_op_gradient(x, x, &op, -1, &x));
	NO_NODE(0, plait_graph_fail(NULL, PLAIT_EINVAL, "%s", "text"));
	NO_NODE(PLAIT_EINVAL, plait_graph_fail(graph, PLAIT_EINVAL, NULL));
	REFUSES(PLAIT_EINVAL, plait_op_register(NULL));
	REFUSES(PLAIT_EINVAL, plait_plugin_load(NULL));
	REFUSES(PLAIT_EINVAL, plait_plugin_load(""));
}

/* What there is of nodes and calls. */
static void node_rows(void)
{
	struct plait_cost cost = { .flops = 7 };
	struct plait_call call = { .rows = 1, .batch = 1 };
	static const struct plait_op op = {
		.abi = PLAIT_OP_ABI, .name = "of_api_null", .word = word, .cpu = kernel
	};
	double worst = 7;

	make_graphs();
	call.node = x;
	GIVES(0, plait_call_elements(NULL, x));
	GIVES(0, plait_call_elements(&call, NULL));
	GIVES(0, plait_call_rows(NULL, x));
	GIVES(0, plait_call_rows(&call, NULL));
	GIVES(0, plait_node_columns(NULL));
	GIVES_NULL(plait_call_floats(NULL, 0));
	GIVES_NULL(plait_call_floats(&call, 0));
	GIVES_NULL(plait_call_floats(&call, -1));
	GIVES_NULL(plait_call_out(NULL));
	GIVES_NULL(plait_call_labels(NULL, 0));
	GIVES_NULL(plait_call_labels(&call, 0));
	GIVES_NULL(plait_call_labels(&call, -1));
	GIVES(0, plait_op_accepts(&op, NULL));
	GIVES(0, plait_op_accepts(NULL, x));
	GIVES(0, plait_op_no_arguments(NULL, "relu", ""));
	GIVES(1, plait_op_no_arguments(x, NULL, ""));
	GIVES(1, plait_op_no_arguments(x, "relu", NULL));
	IGNORES(plait_op_cost(NULL, 1, 1, 1, &cost));
	IGNORES(plait_op_cost(x, 1, 1, 1, NULL));
	GIVES_NULL(plait_node_graph(NULL));
	GIVES(0, plait_node_dtype(NULL));
	GIVES(0, plait_node_inputs(NULL));
	GIVES_NULL(plait_node_input(NULL, 0));
	GIVES_NULL(plait_node_input(x, -1));
	GIVES_NULL(plait_node_input(x, 99));
	GIVES(0, plait_node_attribute(NULL, 0));
	GIVES(0, plait_node_attribute(x, -1));
	GIVES(0, plait_node_attribute(x, 99));
	GIVES(0, plait_node_needs_gradient(NULL));
	GIVES(0, plait_node_elements(NULL));
	free_graphs();
	make_graphs();
	REFUSES(PLAIT_EINVAL, plait_gradient_check(NULL, 3, &worst));
	REFUSES(PLAIT_EINVAL, plait_gradient_check(plait_relu(x), 0, &worst));
	GIVES(0, plait_gradient_check(plait_relu(x), 3, NULL));
	free_graphs();
}

static void graph_rows(void)
{
	int64_t shape[PLAIT_MAX_DIMS];

	make_graphs();
	GIVES(0, plait_node_shape(NULL, shape));
	GIVES(1, plait_node_shape(x, NULL));
	REFUSES(PLAIT_EINVAL, plait_graph_status(NULL));
	free_graphs();
	api_begin("plait_graph_create()");
	graph = plait_graph_create();
	api_holds(graph != NULL, "takes nothing");
	plait_graph_destroy(graph);
	IGNORES(plait_graph_destroy(NULL));
}

void api_graph_rows(void)
{
	source_rows();
	loss_rows();
	op_rows();
	node_rows();
	graph_rows();
}
