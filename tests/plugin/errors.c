/* SPDX-License-Identifier: MIT
 * What is refused of ops from outside, and what loading and registering promise. */
#include "config.h"
#include "tests/nets.h"

#include <pthread.h>

static void kernel(const struct plait_call *call)
{
	(void)call;
}

static struct plait_node *word(struct plait_node *x, const char *arguments);

#define OP(text) .abi = PLAIT_OP_ABI, .name = text, .word = word, .cpu = kernel

/* -- registering ---------------------------------------------------------------------------- */

static void test_records(void)
{
	static const struct plait_op other = { .name = "mine", .abi = PLAIT_OP_ABI + 1 },
				     no_name = { OP(NULL) }, blank = { OP("my op") },
				     digit = { OP("2nd") }, colon = { OP("op:2") },
				     longest = { OP("a23456789012345678901234567890123") },
				     no_cpu = { .abi = PLAIT_OP_ABI, .name = "mine", .word = word },
				     no_word = { .abi = PLAIT_OP_ABI,
						 .name = "mine",
						 .cpu = kernel },
				     updates = { OP("mine"), .updates = 1 }, taken = { OP("relu") },
				     no_layer = { OP("cross_entropy") };
	static const struct {
		const struct plait_op *op;
		const char *part;
	} bad[] = {
		{ &other, "\"mine\": its abi is 7, and PLAIT_OP_ABI is 6 here" },
		{ &no_name, "\"\": its name must be a letter" },
		{ &blank, "\"my op\": its name must be a letter" },
		{ &digit, "\"2nd\": its name must be a letter" },
		{ &colon, "\"op:2\": its name must be a letter" },
		{ &longest, "32 at most" },
		{ &no_cpu, "no kernel for CPUs" },
		{ &no_word, "its word is NULL" },
		{ &updates, "must be 0" },
		{ &taken, "Plait has one of this name" },
		{ &no_layer, "Plait has one of this name" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(plait_op_register(bad[i].op), PLAIT_EINVAL, bad[i].part, bad[i].part);
}

static bool is_word(const char *name)
{
	const char *names[256];
	int count = plait_model_words(names, 256);

	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static const struct plait_op first = { OP("first") }, second = { OP("first") };

static void *register_all(void *arg)
{
	const struct plait_op *op = arg;
	intptr_t status = 0;

	for (int i = 0; i < 40 && status == 0; i++)
		status = plait_op_register(&op[i]);
	return (void *)status;
}

static void test_register(void)
{
	static struct plait_op many[40];
	static char name[40][8];
	int words = plait_model_words(NULL, 0);
	pthread_t thread[4];

	ok(!is_word("first"), "a word is unknown before");
	is_int(plait_op_register(&first), 0, "an op is registered");
	is_int(plait_op_register(&first), 0, "and once more");
	is_int(plait_model_words(NULL, 0), words + 1, "which makes one word");
	ok(is_word("first"), "which is listed");
	refused(plait_op_register(&second), PLAIT_EINVAL, "registered already",
		"another of the same name");
	for (int i = 0; i < 40; i++) {
		snprintf(name[i], sizeof name[i], "op%d", i);
		many[i] = (struct plait_op){ OP(name[i]) };
	}
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, register_all, many);
	for (int i = 0; i < 4; i++) {
		void *status = NULL;

		pthread_join(thread[i], &status);
		ok(!status, "threads register the same ops");
	}
	is_int(plait_model_words(NULL, 0), words + 41, "each is one word");
}

/* -- loading -------------------------------------------------------------------------------- */

static void test_load(void)
{
	refused(plait_plugin_load("tests/plugin/missing.so"), PLAIT_EINVAL,
		"plug-in tests/plugin/missing.so cannot be loaded", "no such file");
	refused(plait_plugin_load("config.h"), PLAIT_EINVAL, "plug-in config.h cannot be loaded",
		"a text here");
	refused(plait_plugin_load("libm.so.6"), PLAIT_EINVAL,
		"libm.so.6 is no plug-in: it has no function int plait_plugin(void)",
		"another library");
	is_int(plait_plugin_load("tests/plugin/swish.so"), 0, "a plug-in is loaded");
	is_int(plait_plugin_load("./tests/plugin/swish.so"), 0, "and once more by another path");
	ok(is_word("swish") && is_word("gain"), "its words are known");
	contains(plait_error_message(), "libm.so.6", "what succeeds leaves the last message");
}

/* -- building ------------------------------------------------------------------------------- */

static struct plait_graph *graph;

static struct plait_node *input(void)
{
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	return plait_input(graph, PLAIT_F32, 1, (int64_t[]){ 4 });
}

/* Fails and says nothing. */
static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	(void)x;
	(void)arguments;
	return NULL;
}

static void append_fails(struct plait_node_spec spec, int status, const char *part)
{
	struct plait_node *x = input();

	spec.input = spec.ninputs == 1 ? &x : NULL;
	ok(!plait_node_append(graph, &spec), "no node: %s", part);
	refused(plait_graph_status(graph), status, part, part);
}

static void test_build(void)
{
	static const struct plait_op old = { .abi = 0, .name = "old", .cpu = kernel },
				     view = { .abi = PLAIT_OP_ABI, .name = "view", .view = true };
	const int64_t none[] = { 0 }, five[] = { 5 };

	append_fails((struct plait_node_spec){ .op = &old, .phase = PLAIT_FORWARD }, PLAIT_EINVAL,
		     "\"old\": its abi is 0");
	append_fails((struct plait_node_spec){ .op = &first, .ninputs = 1 }, PLAIT_EINVAL,
		     "must have a phase");
	append_fails((struct plait_node_spec){ .op = &first, .phase = PLAIT_FORWARD, .ninputs = 2 },
		     PLAIT_EINVAL, "a list of them is NULL");
	append_fails((struct plait_node_spec){ .op = &first, .phase = PLAIT_FORWARD, .nattr = 1 },
		     PLAIT_EINVAL, "a list of them is NULL");
	append_fails((struct plait_node_spec){ .op = &first,
					       .phase = PLAIT_FORWARD,
					       .ninputs = 1,
					       .ndim = 1,
					       .dim = none },
		     PLAIT_ESHAPE, "shape [0] holds no elements");
	append_fails(
		(struct plait_node_spec){
			.op = &view, .phase = PLAIT_FORWARD, .ninputs = 1, .ndim = 1, .dim = five },
		PLAIT_ESHAPE, "as many elements as its input");
	ok(!plait_model(input(), "relu first:3"), "a word that gives nothing");
	refused(plait_graph_status(graph), PLAIT_EINVAL, "model: first gives no layer",
		"is an error all the same");
	ok(!plait_model(input(), "swish"), "a word without its argument");
	refused(plait_graph_status(graph), PLAIT_EINVAL, "as in swish:1.5", "has the op's message");
	ok(!plait_model(input(), "nothing"), "a word that nobody has");
	refused(plait_graph_status(graph), PLAIT_EINVAL, "\"nothing\"", "is named");
	contains(plait_error_message(), "--plugin", "and where others come from");
}

/* -- gradients ------------------------------------------------------------------------------ */

static void square(const struct plait_call *call)
{
	const float *x = plait_call_floats(call, 0);

	for (int64_t i = 0; i < plait_call_elements(call, call->node); i++)
		plait_call_out(call)[i] = x[i] * x[i];
}

/* 1.99 x dy, which is wrong by half a percent. */
static void nearly(const struct plait_call *call)
{
	const float *x = plait_call_floats(call, 0), *dy = plait_call_floats(call, 1);

	for (int64_t i = 0; i < plait_call_elements(call, call->node); i++)
		plait_call_out(call)[i] = 1.99f * x[i] * dy[i];
}

static const struct plait_op op_nearly = { .abi = PLAIT_OP_ABI, .name = "nearly", .cpu = nearly };

static void wrong(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	struct plait_node *x = plait_node_input(y, 0);

	dx[0] = plait_op_gradient(y, x, &op_nearly, 2, (struct plait_node *[]){ x, dy });
}

static void forgotten(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)y;
	(void)dy;
	(void)dx;
}

static void misshapen(struct plait_node *y, struct plait_node *dy, struct plait_node **dx)
{
	(void)y;
	dx[0] = plait_node_append(
		plait_node_graph(dy),
		&(struct plait_node_spec){ .op = &op_nearly,
					   .phase = PLAIT_BACKWARD,
					   .ninputs = 2,
					   .input = (struct plait_node *[]){ dy, dy } });
}

static void training_fails(const struct plait_op *op, int status, const char *part)
{
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = input();

	plait_mse(plait_op_unary(plait_linear(x, 4), op), plait_targets(graph, 4));
	refused(plait_trainer_create(&trainer, graph,
				     &(struct plait_trainer_options){ .optimizer = plait_sgd(1) }),
		status, part, op->name);
}

static void test_gradient(void)
{
	static const struct plait_op none = { .abi = PLAIT_OP_ABI, .name = "none", .cpu = square },
				     bad = { .abi = PLAIT_OP_ABI,
					     .name = "bad",
					     .cpu = square,
					     .gradient = wrong },
				     lost = { .abi = PLAIT_OP_ABI,
					      .name = "lost",
					      .cpu = square,
					      .gradient = forgotten },
				     bent = { .abi = PLAIT_OP_ABI,
					      .name = "bent",
					      .cpu = square,
					      .gradient = misshapen };
	double worst = -1;
	struct plait_node *x = input();

	is_int(plait_gradient_check(plait_model(x, "swish:1.5"), 5, &worst), 0, "swish is right");
	ok(worst > 0 && worst < 1e-4, "to %g", worst);
	is_int(plait_gradient_check(plait_model(x, "gain"), 5, &worst), 0, "gain is right");
	is_int(plait_gradient_check(plait_model(x, "linear:3"), 5, NULL), 0, "linear is right");
	is_int(plait_gradient_check(plait_add(x, x), 5, NULL), 0, "x + x is right");
	is_int(plait_gradient_check(plait_relu(x), 5, NULL), 0, "relu is right");
	is_int(plait_gradient_check(plait_flatten(x), 5, NULL), 0, "a view is right");
	is_int(plait_gradient_check(plait_dropout(x, 0.4f), 5, NULL), 0, "dropout is right");
	worst = -1;
	refused(plait_gradient_check(plait_op_unary(x, &bad), 5, &worst), PLAIT_EINVAL,
		"bad: the gradient by input 0 is", "a gradient that is wrong by half a percent");
	ok(worst == -1, "and no result then");
	refused(plait_gradient_check(plait_op_unary(x, &none), 5, NULL), PLAIT_EINVAL,
		"only a float32 layer with a gradient", "an op without one");
	refused(plait_gradient_check(plait_op_unary(x, &lost), 5, NULL), PLAIT_EINVAL,
		"by input 0 is missing", "a gradient that was forgotten");
	refused(plait_gradient_check(plait_op_unary(x, &bent), 5, NULL), PLAIT_EINVAL,
		"not of the input's shape", "a gradient of another shape");
	refused(plait_gradient_check(plait_relu(plait_relu(x)), 5, NULL), PLAIT_EINVAL,
		"its input 0 is the result of relu", "an input that is computed");
	refused(plait_gradient_check(x, 5, NULL), PLAIT_EINVAL, "only a float32 layer", "an input");
	is_int(plait_graph_status(graph), 0, "the graph is as it was");
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	training_fails(&lost, PLAIT_EINVAL, "its gradient function gives none by input 0");
	training_fails(&bent, PLAIT_ESHAPE, "the gradient by input 0 is not of the input's shape");
	training_fails(&none, PLAIT_EINVAL, "this op has no gradient");
	plait_stop();
}

int main(void)
{
	test_records();
	test_register();
	test_load();
	test_build();
	test_gradient();
	plait_graph_destroy(graph);
	return tap_done();
}
