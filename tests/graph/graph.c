/* SPDX-License-Identifier: MIT
 * Graphs: what autodiff appends and leaves, nodes of two graphs, the first error, junk. */
#include "config.h"
#include "codelets/ops.h"
#include "src/gradient/autodiff.h"
#include "tests/nets.h"

enum { FEATURES = 6 };

/* -- what autodiff leaves ------------------------------------------------------------ */

/* Layers that the loss does not depend on have no gradient, and cost none. */
static void test_unused(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
	struct plait_node *h = plait_linear(x, 4), *side = plait_relu(plait_linear(h, 3));
	struct plait_node *gradient[64];
	int with = 0, before;

	plait_cross_entropy(h, plait_labels(graph));
	before = graph->nodes;
	is_int(plait__autodiff(graph, gradient, NULL), 0,
	       "a side branch that the loss does not read");
	for (int i = 0; i < before; i++)
		with += gradient[i] != NULL;
	is_int(with, 2, "only the two parameters before it have gradients");
	is_int(graph->nodes - before, 3,
	       "three nodes were appended: of the loss, the weight and the bias");
	ok(!gradient[side->id] && !gradient[h->id], "values keep none");
	plait_graph_destroy(graph);
}

static void test_layers(void)
{
	struct plait_graph *graph = branching_net(FEATURES, 3);
	struct plait_node *gradient[128];
	int before = graph->nodes, wrong = 0, loss = 0;

	is_int(plait__autodiff(graph, gradient, NULL), 0, "branches differentiate");
	for (int i = 0; i < before; i++)
		if (gradient[i])
			wrong += gradient[i]->layer != graph->node[i]->layer ||
				 !gradient[i]->partial || gradient[i]->batched;
	is_int(wrong, 0, "a parameter's gradient is of its layer, and a sum over samples");
	for (int i = before; i < graph->nodes; i++)
		loss += graph->node[i]->phase == PLAIT_LOSS;
	is_int(loss, 1, "the first gradient belongs to the loss");
	plait_graph_destroy(graph);
}

static void test_no_loss(void)
{
	struct plait_graph *graph = plait_graph_create();

	plait_linear(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);
	is_int(plait__autodiff(graph, NULL, NULL), PLAIT_EINVAL,
	       "without a loss there are no gradients");
	contains(plait_error_message(), "no loss", "and the message says so");
	plait_graph_destroy(graph);
}

/* -- two graphs, wrong and first ----------------------------------------------------- */

static void test_mixed_graphs(void)
{
	struct plait_graph *a = plait_graph_create(), *b = plait_graph_create();
	struct plait_node *x = plait_linear(plait_input(a, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);
	struct plait_node *y = plait_linear(plait_input(b, PLAIT_F32, 1, (int64_t[]){ 3 }), 2);

	ok(!plait_add(x, y), "adding nodes of two graphs fails");
	is_int(plait_graph_status(a), PLAIT_EINVAL, "the first one's graph keeps it");
	contains(plait_error_message(), "another graph", "and says why");
	is_int(plait_graph_status(b), 0, "the other's is as it was");
	ok(!plait_cross_entropy(y, plait_labels(a)), "labels of another graph fail");
	is_int(plait_graph_status(b), PLAIT_EINVAL, "now it has failed too");
	plait_graph_destroy(a);
	plait_graph_destroy(b);
}

static void test_sticky(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), *y;

	y = plait_linear(x, -4);
	ok(!y, "a bad layer is NULL");
	ok(!plait_relu(y) && !plait_add(x, y) && !plait_model(y, "linear:3") &&
		   !plait_scale(y, 2) && !plait_cross_entropy(y, plait_labels(graph)) &&
		   !plait_mse(y, plait_targets(graph, 2)),
	   "and so is all that is built on it");
	plait_model(x, "rellu");
	is_int(plait_graph_status(graph), PLAIT_EINVAL, "the graph has failed");
	contains(plait_error_message(), "linear: -4 outputs",
		 "by the first cause, whatever came later");
	plait_graph_destroy(graph);
	ok(!plait_input(NULL, PLAIT_F32, 1, (int64_t[]){ 3 }) && !plait_labels(NULL) &&
		   !plait_targets(NULL, 3) && !plait_weights(NULL),
	   "no graph, no sources");
	is_int(plait_graph_status(NULL), PLAIT_EINVAL, "and no status");
	plait_graph_destroy(NULL);
}

/* Builds it of an input of [2,3] and one channel's pairs unless told otherwise. */
static int normalize_status(enum plait_dtype dtype, int channels, float scale)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, dtype, 2, (int64_t[]){ 2, 3 }), *y;
	float scales[20], shifts[20] = { 0 };
	int status;

	for (int c = 0; c < 20; c++)
		scales[c] = scale;
	y = plait_normalize(x, channels, scales, shifts);
	status = plait_graph_status(graph);
	if (!y != (status < 0))
		status = 99; /* an error and no error */
	plait_graph_destroy(graph);
	return status;
}

static void test_normalize(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_input(graph, PLAIT_U8, 2, (int64_t[]){ 2, 3 }), *y;
	const float one[2] = { 0.5f, 0.5f }, zero[2] = { 0, 0 }, other[2] = { 0.5f, 0.25f };
	int64_t dim[PLAIT_MAX_DIMS];

	is_int(normalize_status(PLAIT_U8, 1, 2), 0, "normalize: one pair");
	is_int(normalize_status(PLAIT_U8, 2, 2), 0, "normalize: a pair for each channel");
	is_int(normalize_status(PLAIT_U8, 3, 2), PLAIT_ESHAPE, "normalize: 3 channels of [2,3]");
	contains(plait_error_message(), "3 channels for a sample of shape [2,3]", "says so");
	is_int(normalize_status(PLAIT_U8, 0, 2), PLAIT_EINVAL, "normalize: no channel");
	is_int(normalize_status(PLAIT_U8, 17, 2), PLAIT_EINVAL, "normalize: too many");
	contains(plait_error_message(), "must be 1 to 16", "says how many there may be");
	is_int(normalize_status(PLAIT_U8, 1, INFINITY), PLAIT_EINVAL, "normalize: infinity");
	is_int(normalize_status(PLAIT_F32, 1, 2), PLAIT_EINVAL, "normalize: floats");
	contains(plait_error_message(), "its input is float32, must be uint8",
		 "says what is wrong");
	is_int(normalize_status(PLAIT_I32, 1, 2), PLAIT_EINVAL, "an input of int32");
	contains(plait_error_message(), "must be float32 or uint8", "is none");
	y = plait_normalize(x, 1, one, zero);
	ok(plait_node_shape(y, dim) == 2 && dim[0] == 2 && dim[1] == 3, "it keeps the shape");
	ok(plait__normalize_is(y, 1, one, zero) && plait__normalize_is(y, 2, one, zero),
	   "one pair is as good as two equal ones");
	ok(!plait__normalize_is(y, 2, other, zero) && !plait__normalize_is(y, 1, zero, zero) &&
		   !plait__normalize_is(y, 1, one, one) && !plait__normalize_is(x, 1, one, zero),
	   "others are others");
	ok(!plait_relu(x), "no layer takes bytes");
	contains(graph->message, "relu: its input is uint8", "and it says so");
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	x = plait_input(graph, PLAIT_U8, 2, (int64_t[]){ 2, 3 });
	y = plait_model(plait_normalize(x, 1, one, zero), "relu linear:2");
	is_int(plait_graph_status(graph), 0, "a network of it");
	ok(y && strcmp(y->name, "1.linear") == 0, "whose layers are counted from 0");
	plait_graph_destroy(graph);
}

/* Words of junk: none crashes, and each gives a node or a reason. */
static void test_junk(void)
{
	static const char *const piece[] = {
		"linear",   "relu", ":",      "8",          "-", "scale",
		" ",        "0.5",  "1e9",    "\t",         "x", "99999999999999999999",
		"softmax",  "::",   "%s%n",   "\xff",       "{", "}",
		"|",        "#",    "\n",     "residual{",  "}", " relu ",
		"residual", "mlp",  " tanh ", " | tanh } ",
	};
	enum { PIECES = sizeof piece / sizeof *piece };
	int lost = 0, good = 0;

	for (uint64_t i = 0; i < 3000; i++) {
		struct plait_graph *graph = plait_graph_create();
		char words[256] = "";
		struct plait_node *y;
		bool reason;

		for (uint64_t j = 0; j < 1 + i % 9; j++)
			strcat(words, piece[plait__random(i, j) % PIECES]);
		y = plait_model(plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 3 }), words);
		reason = plait_graph_status(graph) < 0 && strlen(plait_error_message()) > 0;
		good += y != NULL;
		lost += (y != NULL) == reason;
		plait_graph_destroy(graph);
	}
	is_int(lost, 0, "3000 texts of junk: a node or a reason, never both");
	ok(good > 30, "%d of them were words after all", good);
}

int main(void)
{
	test_unused();
	test_layers();
	test_no_loss();
	test_mixed_graphs();
	test_sticky();
	test_normalize();
	test_junk();
	return tap_done();
}
