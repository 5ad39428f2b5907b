/* SPDX-License-Identifier: MIT
 * What is refused as a metric: names, nodes, words. */
#include "config.h"
#include "tests/nets.h"

enum { FEATURES = 6, OUTPUTS = 4 };

static struct plait_node *input(struct plait_graph *graph)
{
	return plait_input(graph, PLAIT_F32, 1, (int64_t[]){ FEATURES });
}

static struct plait_node *mean_of(struct plait_graph *graph)
{
	return plait_mean(plait_linear(input(graph), OUTPUTS));
}

static void fails(struct plait_graph *graph, struct plait_node *got, const char *part)
{
	ok(!got, "no metric: %s", part);
	refused(plait_graph_status(graph), PLAIT_EINVAL, part, part);
	plait_graph_destroy(graph);
}

static void test_names(void)
{
	static const char *const bad[] = {
		"", "a b", "a,b", "a\"b", "a/b", "\xc3\xa9", "a2345678901234567890123456789012"
	};
	static const char *const taken[] = { "loss", "accuracy", "once" };
	struct plait_graph *graph;
	struct plait_node *x;
	char name[PLAIT_METRIC_NAME];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		graph = plait_graph_create();
		fails(graph, plait_metric(mean_of(graph), bad[i]), "is no name");
	}
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		graph = plait_graph_create();
		x = mean_of(graph);
		ok(plait_metric(x, "once") == x, "a metric is the node that it was given");
		fails(graph, plait_metric(x, taken[i]), taken[i]);
	}
	graph = plait_graph_create();
	x = mean_of(graph);
	for (int i = 0; i < PLAIT_MAX_METRICS; i++) {
		snprintf(name, sizeof name, "A-z_0.9:%022d", i);
		ok(plait_metric(x, name) == x, "%s of %zu letters", name, strlen(name));
	}
	fails(graph, plait_metric(x, "more"), "8 are possible");
}

static void test_nodes(void)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_linear(input(graph), 1);
	struct plait_trainer *trainer;

	fails(graph, plait_metric(x, "layer"), "one number made of a whole batch");
	graph = plait_graph_create();
	x = plait_linear(input(graph), OUTPUTS);
	fails(graph, plait_metric(plait_labels(graph), "labels"), "result of source");
	graph = plait_graph_create();
	x = plait_linear(input(graph), OUTPUTS);
	plait_cross_entropy(x, plait_labels(graph));
	plait_metric(plait_mse(x, plait_targets(graph, OUTPUTS)), "mse");
	refused(plait_trainer_create(&trainer, graph, NULL), PLAIT_EINVAL, "plait_loss()",
		"a metric that is a loss too");
	plait_graph_destroy(graph);
	graph = plait_graph_create();
	x = plait_cross_entropy(plait_linear(input(graph), OUTPUTS), plait_labels(graph));
	trainer = trainer_make(graph, plait_sgd(0.1), PLAIT_GRANULARITY_AUTO, 1);
	ok(!plait_metric(x, "late"), "no metric once there is a trainer");
	refused(plait_graph_status(graph), PLAIT_EINVAL, "the graph has a trainer",
		"which is said");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(graph);
}

static void word_fails(const char *word, bool targets, const char *part)
{
	struct plait_graph *graph = plait_graph_create();
	struct plait_node *x = plait_linear(input(graph), OUTPUTS);
	struct plait_node *answers = targets ? plait_targets(graph, OUTPUTS) : plait_labels(graph);

	fails(graph, plait_metric_word(x, answers, NULL, word), part);
}

static void test_words(void)
{
	const char *names[8] = { "" };

	word_fails("topk", false, "as in topk:5");
	word_fails("topk:", false, "as in topk:5");
	word_fails("topk:0", false, "as in topk:5");
	word_fails("topk:+2", false, "as in topk:5");
	word_fails("topk:2x", false, "as in topk:5");
	word_fails("topk:5", false, "1 to 4 here");
	word_fails("topk:99999999999999999999", false, "1 to 4 here");
	word_fails("topk:1", true, "must be plait_labels()");
	word_fails("mae", false, "it needs targets");
	word_fails("mae:2", true, "mae takes no arguments");
	word_fails("maee", true, "did you mean \"mae\"?");
	word_fails("relu", true, "the metrics are mae, topk");
	word_fails("a234567890123456789012345678901234567890", true, "too long");
	is_int(plait_metric_words(names, 8), 2, "there are two words");
	ok(strcmp(names[0], "mae") == 0 && strcmp(names[1], "topk") == 0, "mae and topk");
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_names();
	test_nodes();
	test_words();
	plait_stop();
	return tap_done();
}
