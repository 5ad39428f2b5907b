/* SPDX-License-Identifier: MIT
 * The grammar of a model's words: residuals and their names, comments, presets, the form in which
 * words are saved, and messages that say what was expected and where. */
#include "config.h"
#include "codelets/model.h"
#include "tests/tap.h"

#include <plait/ops.h>

static struct plait_graph *graph;

static struct plait_node *vector(int64_t n)
{
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	return plait_input(graph, PLAIT_F32, 1, &n);
}

/* The names of all parameters and layers, in the order of nodes. */
static const char *names_of(const char *words)
{
	static char text[1024];

	*text = '\0';
	if (!plait_model(vector(8), words))
		return graph->message;
	for (int i = 0; i < graph->nodes; i++)
		if (graph->node[i]->name[0])
			sprintf(text + strlen(text), "%s%s", *text ? " " : "",
				graph->node[i]->name);
	return text;
}

static void test_names(void)
{
	is_string(names_of("linear:3 residual{ relu } linear:2"),
		  "0.weight 0.bias 0.linear 1.body.0.relu 1.add 2.weight 2.bias 2.linear",
		  "the shortcut is what goes in");
	is_string(names_of("residual{linear:8 relu|linear:8}tanh"),
		  "0.body.0.weight 0.body.0.bias 0.body.0.linear 0.body.1.relu "
		  "0.shortcut.0.weight 0.shortcut.0.bias 0.shortcut.0.linear 0.add 1.tanh",
		  "each side counts from 0, and blanks may be left out");
	is_string(names_of("residual\n{\trelu\n|\ntanh residual{relu tanh}gelu}"),
		  "0.body.0.relu 0.shortcut.0.tanh 0.shortcut.1.body.0.relu "
		  "0.shortcut.1.body.1.tanh 0.shortcut.1.add 0.shortcut.2.gelu 0.add",
		  "one in a shortcut, and counting goes on behind it");
	is_int(graph->sequence.next, 1, "there is one outermost layer");
	for (int i = 0; i < graph->layers; i++)
		ok(plait__layer_index(graph, i) == 0, "layer %d is in it", i);
}

/* What a residual computes is the sum; its layers read what stands before it. */
static void test_nodes(void)
{
	struct plait_node *x = vector(8), *y = plait_model(x, "residual{tanh relu|gelu}");

	ok(y && y->op == &plait__op_add && y->ndim == 1 && y->dim[0] == 8, "a sum of [8]");
	ok(y && y->input[0]->op == &plait__op_relu && y->input[1]->op == &plait__op_gelu,
	   "of body and shortcut");
	ok(y && y->input[0]->input[0]->input[0] == x && y->input[1]->input[0] == x,
	   "which both read the input");
	x = vector(8);
	y = plait_model(x, "residual{tanh}");
	ok(y && y->input[1] == x, "the shortcut is the input itself");
	y = plait_model(vector(6), "residual{ linear:6 tanh residual{ gelu | linear:6 } }");
	is_int(plait_graph_status(graph), 0, "a residual in a residual");
}

/* -- errors ------------------------------------------------------------------------------ */

static void fails(const char *words, int status, const char *part)
{
	struct plait_node *y = plait_model(vector(8), words);

	ok(!y && plait_graph_status(graph) == status, "\"%s\" fails", words);
	contains(plait_error_message(), part, "\"%s\": the message says so", words);
}

static void test_errors(void)
{
	fails("residual{ relu", PLAIT_EINVAL,
	      "expected \"}\" of a residual, found the end behind \"residual{ relu\"");
	fails("residual{", PLAIT_EINVAL, "expected a layer, found the end behind \"residual{\"");
	fails("residual{ }", PLAIT_EINVAL, "expected a layer, found \"}\" behind \"residual{\"");
	fails("residual{ | relu }", PLAIT_EINVAL, "expected a layer, found \"|\"");
	fails("residual{ relu | }", PLAIT_EINVAL, "expected a layer, found \"}\"");
	fails("residual{ relu | relu | relu }", PLAIT_EINVAL,
	      "expected \"}\" of a residual, found \"|\" behind \"residual{ relu | relu\"");
	fails("relu | relu", PLAIT_EINVAL, "a layer or the end, found \"|\" behind \"relu\"");
	fails("relu }", PLAIT_EINVAL, "a layer or the end, found \"}\" behind \"relu\"");
	fails("relu{ relu }", PLAIT_EINVAL, "a layer or the end, found \"{\" behind \"relu\"");
	fails("} relu", PLAIT_EINVAL, "expected a layer, found \"}\"");
	fails("residual relu", PLAIT_EINVAL, "expected residual{ words }");
	fails("relu residual", PLAIT_EINVAL, "found the end behind \"relu residual\"");
	fails("residual:2{ relu }", PLAIT_EINVAL, "found \"residual:2\"");
	fails("residual{ rleu }", PLAIT_EINVAL, "unknown layer \"rleu\", did you mean \"relu\"?");
	fails("residul{ relu }", PLAIT_EINVAL, "did you mean \"residual\"?");
	fails("residual{ linear:4 }", PLAIT_ESHAPE,
	      "residual 0: its body gives [4], and its shortcut, which is its input, [8]: both "
	      "must "
	      "have one shape");
	fails("relu residual{ residual{ linear:4 | linear:5 } }", PLAIT_ESHAPE,
	      "residual 1.body.0: its body gives [4], and its shortcut [5]");
	fails("residual{ linear:99999999999999999999 }", PLAIT_EINVAL, "as in linear:50");
	ok(plait_model(vector(8), "relu # { nothing") != NULL, "in a comment nothing is wrong");
}

static void test_lines(void)
{
	fails("relu\nrleu", PLAIT_EINVAL, "line 2: model: unknown layer \"rleu\"");
	fails("# one\n# two\n\n  linear:x", PLAIT_EINVAL, "line 4: model: \"linear:x\"");
	fails("relu\nresidual{\nrelu\n", PLAIT_EINVAL, "line 2: model: expected \"}\"");
	fails("relu\nresidual{\nrelu\nlinear:3 }\n", PLAIT_ESHAPE, "line 2: model: residual 1: ");
	fails("residual{\nrelu\n}\n}", PLAIT_EINVAL, "line 4: model: expected a layer or the end");
	fails("\n\nmlp:x", PLAIT_EINVAL, "line 3: model: \"mlp:x\"");
}

/* Texts as long and as deep as they may be, and more. */
static void test_limits(void)
{
	static char text[PLAIT__MODEL_MOST + 2];
	int depth = PLAIT__MODEL_DEPTH;

	memset(text, ' ', PLAIT__MODEL_MOST);
	memcpy(text, "relu", 4);
	ok(plait_model(vector(8), text) != NULL, "%d bytes of words", PLAIT__MODEL_MOST);
	text[PLAIT__MODEL_MOST] = ' ';
	fails(text, PLAIT_EINVAL, "more than 65536 bytes");
	for (int more = 0; more < 2; more++) {
		*text = '\0';
		for (int i = 0; i < depth + more; i++)
			strcat(text, "relu residual{");
		strcat(text, "relu");
		for (int i = 0; i < depth + more; i++)
			strcat(text, "}");
		if (more)
			fails(text, PLAIT_EINVAL, "more than 8 residuals in each other");
		else
			ok(plait_model(vector(8), text) != NULL, "%d residuals in each other",
			   depth);
	}
}

/* -- presets and the form that is saved ----------------------------------------------------------
 */

static void is_text(const char *words, int64_t outputs, const char *expected)
{
	char *text = plait__model_text(words, outputs), *again;

	is_string(text ? text : plait_error_message(), expected, "\"%s\" as it is saved", words);
	again = text ? plait__model_text(text, 0) : NULL;
	ok(again && strcmp(again, text) == 0, "and that stays so");
	free(again);
	free(text);
}

static void test_text(void)
{
	is_text(" linear:3\t relu\n", 0, "linear:3 relu");
	is_text("residual{linear:3 relu|linear:3}tanh", 0,
		"residual{ linear:3 relu | linear:3 } tanh");
	is_text("a # remark }\nresidual # b\n{ residual{c} }#", 0, "a residual{ residual{ c } }");
	is_text("log_softmax leaky-relu:0.2 a_b:c_d", 0, "log-softmax leaky-relu:0.2 a-b:c_d");
	is_text("mlp", 0, "linear:512 relu linear:512 relu linear:10");
	is_text("# mine\n mlp # this\n", 7, "linear:512 relu linear:512 relu linear:7");
	is_text("mlp:3", 7, "linear:512 relu linear:512 relu linear:3");
	ok(!plait__model_text("mlp:0", 0), "a preset without outputs has no text");
}

/* Every row of the table builds, on an image that is large enough for any, and says what it is. */
static void test_presets(void)
{
	const char *names[64], *about[64], *layers[128];
	int count = plait_model_presets(names, about, 64), words = plait_model_words(layers, 128);
	int64_t image[] = { 3, 224, 224 };

	ok(count > 0 && count <= 64, "there are %d presets", count);
	is_int(plait_model_presets(NULL, NULL, 64), count, "they are counted");
	for (int i = 0; i < count; i++) {
		char word[64];
		struct plait_node *y;

		vector(1);
		snprintf(word, sizeof word, "%s:7", names[i]);
		y = plait_model(plait_input(graph, PLAIT_F32, 3, image), word);
		is_int(plait_graph_status(graph), 0, "%s is a network", word);
		ok(y && y->ndim == 1 && y->dim[0] == 7, "of seven outputs");
		y = plait_model(plait_input(graph, PLAIT_F32, 3, image), names[i]);
		ok(y && y->dim[0] == 10, "and of ten where nobody says how many");
		ok(strlen(about[i]) > 0 && strlen(about[i]) < 60, "%s: %s", names[i], about[i]);
		for (int j = 0; j < words; j++)
			ok(strcmp(layers[j], names[i]) != 0, "%s is no layer", names[i]);
	}
	fails("mpl", PLAIT_EINVAL, "did you mean \"mlp\"?");
	fails("mlp:", PLAIT_EINVAL, "as in mlp:10");
	fails("mlp:-1", PLAIT_EINVAL, "as in mlp:10");
	fails("mlp:1x", PLAIT_EINVAL, "as in mlp:10");
	fails("mlp:99999999999999999999", PLAIT_EINVAL, "as in mlp:10");
	fails("mlp relu", PLAIT_EINVAL,
	      "expected nothing behind a whole network, found \"relu\" behind \"mlp\"");
	fails("relu mlp:3", PLAIT_EINVAL,
	      "as a whole network stands alone, found \"mlp:3\" behind \"relu\"");
	fails("residual{ mlp }", PLAIT_EINVAL, "stands alone, found \"mlp\"");
}

static struct plait_node *word(struct plait_node *x, const char *arguments)
{
	(void)arguments;
	return x;
}

static void kernel(const struct plait_call *call)
{
	(void)call;
}

/* A plug-in cannot take a word that the grammar has. */
static void test_taken(void)
{
	static const char *const names[] = { "residual", "mlp", "relu" };

	for (int i = 0; i < 3; i++) {
		struct plait_op op = {
			.abi = PLAIT_OP_ABI, .name = names[i], .word = word, .cpu = kernel
		};

		is_int(plait_op_register(&op), PLAIT_EINVAL, "no op is called %s", names[i]);
		contains(plait_error_message(), "Plait has one of this name", "and it says why");
	}
}

int main(void)
{
	test_names();
	test_nodes();
	test_errors();
	test_lines();
	test_limits();
	test_text();
	test_presets();
	test_taken();
	plait_graph_destroy(graph);
	return tap_done();
}
