/* SPDX-License-Identifier: MIT
 * What builders make of words and shapes: indices as in an nn.Sequential, messages that
 * name what is wrong, the first cause kept. */
#include "config.h"
#include "codelets/ops.h"
#include "tests/tap.h"

#include <plait/ops.h>

static struct plait_graph *graph;

static struct plait_node *input(int ndim, const int64_t *dim)
{
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	return plait_input(graph, PLAIT_F32, ndim, dim);
}

static struct plait_node *image(void)
{
	return input(3, (int64_t[]){ 1, 4, 5 });
}

static struct plait_node *vector(int64_t n)
{
	return input(1, &n);
}

static const struct plait_node *named(const char *name)
{
	for (int i = 0; i < graph->nodes; i++)
		if (strcmp(graph->node[i]->name, name) == 0)
			return graph->node[i];
	return NULL;
}

static void test_words(void)
{
	struct plait_node *y = plait_model(
		image(), "linear:50  relu gelu\ttanh sigmoid softmax scale:0.5\nlinear:2");
	int64_t dim[PLAIT_MAX_DIMS];
	const struct plait_node *w;

	is_int(plait_graph_status(graph), 0, "words make layers");
	is_int(plait_node_shape(y, dim), 1, "one dimension comes out");
	is_int(dim[0], 2, "of two numbers");
	is_int(y->layer, 7, "indices count words: the flatten before a linear is none");
	w = named("0.weight");
	ok(w && w->ndim == 2 && w->dim[0] == 50 && w->dim[1] == 20, "0.weight is [50,20]");
	is_near(w->attr[0], 1 / sqrt(20), 1e-8, "drawn from +-1/sqrt(20)");
	w = named("7.bias");
	ok(w && w->ndim == 1 && w->dim[0] == 2, "7.bias is [2]");
	ok(!named("1.weight"), "relu has no weight");
	y = plait_model(image(), "flatten linear:3");
	is_int(y->layer, 1, "a flatten that was written counts");
	y = plait_linear(image(), 7);
	is_int(plait_node_shape(y, dim), 3, "plait_linear keeps leading dimensions");
	is_int(dim[2], 7, "and replaces the last");
	y = plait_linear_no_bias(vector(3), 2);
	ok(y && y->ninputs == 2 && !named("0.bias"), "a linear without bias has none");
}

/* A word has - or _ where the name of its op has _. */
static void test_hyphens(void)
{
	struct plait_node *y = plait_model(vector(6), "leaky-relu:0.25 log-softmax leaky_relu");

	ok(y && y->op == &plait__op_leaky_relu, "leaky_relu is a word");
	is_near(y->attr[0], 0.01, 1e-8, "its slope is 0.01 where it says none");
	ok(y->input[0]->op == &plait__op_log_softmax, "log-softmax is a word");
	is_string(y->input[0]->name, "1.log_softmax", "and the layer has the op's name");
	y = y->input[0]->input[0];
	ok(y->op == &plait__op_leaky_relu && y->attr[0] == 0.25, "leaky-relu:0.25 is one");
}

static void fails(const char *words, int status, const char *part)
{
	struct plait_node *y = plait_model(image(), words);

	ok(!y && plait_graph_status(graph) == status, "\"%s\" fails", words);
	contains(plait_error_message(), part, "\"%s\": the message says so", words);
}

static void test_bad_words(void)
{
	fails("linear:5 rleu", PLAIT_EINVAL, "unknown layer \"rleu\", did you mean \"relu\"?");
	fails("convolution:3", PLAIT_EINVAL,
	      "the layers are avgpool, batchnorm, conv, dropout, flatten, gelu, global-avgpool, "
	      "groupnorm, hardswish, layernorm, leaky-relu, linear, log-softmax, maxpool, relu, "
	      "reshape, scale, sigmoid, silu, softmax, tanh, transpose");
	fails("log-sftmx", PLAIT_EINVAL, "\"log-sftmx\", did you mean \"log-softmax\"?");
	fails("log_sftmx", PLAIT_EINVAL, "\"log_sftmx\", did you mean \"log-softmax\"?");
	fails("log-softmax-", PLAIT_EINVAL, "unknown layer");
	fails("log-", PLAIT_EINVAL, "unknown layer");
	fails("log-softmax:2", PLAIT_EINVAL, "log-softmax takes no arguments");
	fails("leaky-relu:x", PLAIT_EINVAL, "leaky-relu takes its slope below 0");
	fails("leaky-relu:nan", PLAIT_EINVAL, "as in leaky-relu:0.2");
	fails("linear_bwd_dx", PLAIT_EINVAL, "unknown layer");
	fails("cross_entropy", PLAIT_EINVAL, "unknown layer");
	fails("linear", PLAIT_EINVAL, "as in linear:50");
	fails("linear:", PLAIT_EINVAL, "as in linear:50");
	fails("linear:0", PLAIT_EINVAL, "\"linear:0\"");
	fails("linear:-3", PLAIT_EINVAL, "\"linear:-3\"");
	fails("linear:5x", PLAIT_EINVAL, "\"linear:5x\"");
	fails("linear:99999999999999999999", PLAIT_EINVAL, "as in linear:50");
	fails("linear:9000000000000000000", PLAIT_ESHAPE, "too many");
	fails("relu:3", PLAIT_EINVAL, "relu takes no arguments");
	fails("scale", PLAIT_EINVAL, "scale takes its factor");
	fails("dropout:x", PLAIT_EINVAL, "dropout takes the probability of 0");
	fails("dropout:0x1", PLAIT_EINVAL, "dropout takes the probability of 0");
	fails("dropout:1.5", PLAIT_EINVAL, "p is 1.5, must be 0 to 1");
	fails("dropout:-0.1", PLAIT_EINVAL, "p is -0.1, must be 0 to 1");
	fails("scale:x", PLAIT_EINVAL, "scale takes its factor");
	fails("scale:nan", PLAIT_EINVAL, "scale takes its factor");
	fails("scale:-inf", PLAIT_EINVAL, "scale takes its factor");
	fails("scale:1e39", PLAIT_EINVAL, "scale takes its factor");
	fails("scale:0x10", PLAIT_EINVAL, "scale takes its factor");
	fails("", PLAIT_EINVAL, "no layers");
	fails("  ", PLAIT_EINVAL, "no layers");
	fails("nonsense linear:x", PLAIT_EINVAL, "nonsense"); /* the first cause */
	ok(!plait_model(vector(3), NULL), "no words at all fail");
	contains(graph->message, "NULL", "and the message says so");
}

static void test_bad_shapes(void)
{
	struct plait_node *x = image();

	ok(!plait_cross_entropy(x, plait_labels(graph)), "cross-entropy of an image fails");
	contains(graph->message, "[1,4,5]", "the message shows the shape");
	x = vector(3);
	ok(!plait_nll(x, plait_targets(graph, 3)), "targets are no labels of nll");
	contains(graph->message, "nll: the labels are float32", "the message says what they are");
	x = vector(3);
	ok(!plait_cross_entropy(x, plait_targets(graph, 3)), "targets are no labels");
	contains(graph->message, "plait_labels()", "the message says what is");
	x = vector(3);
	ok(!plait_mse(x, plait_targets(graph, 4)), "mse of 3 and 4 fails");
	contains(graph->message, "[3]", "the message shows one shape");
	contains(graph->message, "[4]", "and the other");
	x = vector(3);
	ok(!plait_add(x, plait_linear(x, 4)), "adding [3] and [4] fails");
	contains(graph->message, "add: [3] and [4]", "the message shows both");
	x = vector(3);
	ok(!plait_relu(plait_labels(graph)), "relu of labels fails");
	contains(graph->message, "relu: its input is int32", "the message says why");
	x = vector(3);
	ok(!plait_relu(plait_cross_entropy(x, plait_labels(graph))), "relu of a loss fails");
	contains(graph->message, "result of cross_entropy", "the message says why");
	x = vector(3);
	ok(!plait_linear(plait_weights(graph), 2), "a linear of weights fails");
	contains(graph->message, "plait_weights(), must be a layer's", "the message says why");
	x = vector(3);
	ok(!plait_cross_entropy_weighted(x, plait_labels(graph), x), "a layer is no weights");
	contains(graph->message, "must be plait_weights()", "the message says what is");
	x = vector(3);
	ok(!plait_mse_weighted(x, plait_targets(graph, 3), NULL) && !graph->loss,
	   "NULL weights give no loss");
	ok(plait_mse_weighted(x, plait_targets(graph, 3), plait_weights(graph)) &&
		   plait_weights(graph) == plait_weights(graph),
	   "weights are one node");
	ok(!plait_linear(vector(3), 0), "a linear without outputs fails");
}

static void test_loss_options(void)
{
	const float weights[] = { 1, -1, 0.5f }, few[] = { 1, 2 };
	struct plait_cross_entropy_options o = { .label_smoothing = 1.5f };
	struct plait_node *x = vector(3), *loss;

	ok(!plait_cross_entropy_with(x, plait_labels(graph), &o), "a smoothing of 1.5 fails");
	contains(graph->message, "1.5, must be 0 to 1", "the message shows it");
	o = (struct plait_cross_entropy_options){ .class_weights = few, .classes = 2 };
	x = vector(3);
	ok(!plait_cross_entropy_with(x, plait_labels(graph), &o), "2 weights of 3 classes fail");
	contains(graph->message, "2 weights of classes, and its input is [3]", "both are shown");
	o = (struct plait_cross_entropy_options){ .class_weights = weights, .classes = 3 };
	x = vector(3);
	ok(!plait_cross_entropy_with(x, plait_labels(graph), &o), "a negative weight fails");
	contains(graph->message, "weight of class 1 is -1", "the message says which");
	x = vector(3);
	o = (struct plait_cross_entropy_options){ .weights = x };
	ok(!plait_cross_entropy_with(x, plait_labels(graph), &o), "a layer is no weights");
	x = vector(3);
	loss = plait_cross_entropy_with(x, plait_labels(graph), NULL);
	ok(loss && graph->loss == loss && graph->class_loss == loss && loss->ninputs == 2,
	   "without options it is plait_cross_entropy()");
	x = vector(3);
	ok(!plait_huber(x, plait_targets(graph, 3), -1), "a negative delta fails");
	contains(graph->message, "delta is -1", "the message shows it");
	x = vector(3);
	loss = plait_huber(x, plait_targets(graph, 3), 2);
	ok(loss && plait_loss(loss) == loss, "plait_loss() adds no node to a loss");
}

static void test_losses(void)
{
	struct plait_node *x = vector(3), *loss, *other;

	loss = plait_mse(x, plait_targets(graph, 3));
	other = plait_cross_entropy(plait_linear(x, 2), plait_labels(graph));
	ok(loss && other && graph->loss == loss, "of two losses the first is the graph's");
	ok(graph->output == x, "the output is what the first loss reads");
	ok(plait_loss(other) == other && graph->loss == other, "plait_loss chooses the other");
	ok(!plait_loss(loss), "it chooses once");
	contains(graph->message, "chosen one already, cross_entropy", "the message names which");
	x = vector(3);
	loss = plait_nll(plait_log_softmax(x), plait_labels(graph));
	other = plait_cross_entropy(x, plait_labels(graph));
	ok(loss && other && graph->class_loss == loss, "right answers are those of the first");
	ok(plait_loss(loss) == loss, "nll is a loss by itself");
	x = vector(3);
	ok(!plait_loss(x), "a value of each sample is no loss");
	contains(graph->message, "one number made of a whole batch", "the message says why");
	x = vector(3);
	ok(!plait_mul(plait_mean(x), plait_mean(x)), "a product of means fails");
	contains(graph->message, "only add, sub, scale and loss take that", "the message says why");
	x = vector(3);
	ok(!plait_sum(plait_sum(x)), "a sum of a sum fails");
	contains(graph->message, "sum: its input is the result of sum", "the message says why");
	x = vector(3);
	ok(!plait_output(plait_mean(x)) && !graph->output, "a mean is no output");
	contains(graph->message, "output: the result of mean", "the message says why");
	x = vector(1);
	ok(!plait_add(x, plait_mean(x)), "a number of each sample and a mean cannot be added");
	contains(graph->message, "add: [1] and []", "the message shows both");
	x = vector(3);
	ok(!plait_mean(plait_parameter(graph, "w", 1, (int64_t[]){ 2 }, 1)),
	   "the mean of a parameter fails");
	contains(graph->message, "mean: its input is no value of each sample",
		 "the message says why");
}

static void test_dropout(void)
{
	struct plait_node *y = plait_model(vector(3), "dropout relu dropout:0.25");
	const struct plait_node *first = named("0.dropout");

	ok(first && plait_node_attribute(first, 0) == 0.5, "a dropout drops half unless told");
	ok(y && plait_node_attribute(y, 0) == 0.25 && y->layer == 2, "or as much as its word says");
	ok(first && y && plait_node_attribute(first, 1) == 0 && plait_node_attribute(y, 1) == 1,
	   "they are counted");
	ok(first && y && first->input[1] == y->input[1], "both read the key of the batch");
	ok(plait_dropout(vector(3), 0) && plait_dropout(vector(3), 1), "0 and 1 are probabilities");
	vector(3);
	ok(!plait_dropout(plait_parameter(graph, "w", 1, (int64_t[]){ 2 }, 1), 0.5f),
	   "the dropout of a parameter fails");
	contains(graph->message, "must be a layer's", "the message says what it takes");
}

int main(void)
{
	test_words();
	test_hyphens();
	test_dropout();
	test_bad_words();
	test_bad_shapes();
	test_losses();
	test_loss_options();
	ok(!plait_relu(NULL) && !plait_linear(NULL, 3) && !plait_add(NULL, NULL) &&
		   !plait_softmax(NULL) && !plait_log_softmax(NULL) && !plait_leaky_relu(NULL, 1) &&
		   !plait_nll(NULL, NULL) && !plait_cross_entropy(NULL, NULL) &&
		   !plait_mse(NULL, NULL) && !plait_flatten(NULL) && !plait_scale(NULL, 1) &&
		   !plait_sub(NULL, NULL) && !plait_mul(NULL, NULL) && !plait_mean(NULL) &&
		   !plait_sum(NULL) && !plait_loss(NULL) && !plait_model(NULL, "relu"),
	   "NULL in gives NULL out");
	plait_graph_destroy(graph);
	return tap_done();
}
