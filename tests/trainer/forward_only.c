/* SPDX-License-Identifier: MIT
 * A trainer that only evaluates and predicts: it has no optimizer state, and needs no loss to
 * predict. */
#include "config.h"
#include "src/trainer/trainer.h"
#include "tests/files.h"
#include "tests/nets.h"

#include <unistd.h>

#define WORDS "linear:16 relu linear:4"

static struct plait_trainer *forward_trainer(struct plait_graph *net)
{
	struct plait_trainer_options options = { .optimizer = plait_adam(1e-2),
						 .forward_only = true };
	struct plait_trainer *trainer = NULL;

	if (plait_trainer_create(&trainer, net, &options) < 0)
		tap_bail_out("%s", plait_error_message());
	return trainer;
}

static void test_same(void)
{
	struct samples s = samples_make(100, 6, 4, 0, 1);
	struct plait_graph *net = net_make(6, WORDS, false), *again = net_make(6, WORDS, false);
	struct plait_trainer *trained =
		trainer_make(net, plait_adam(1e-2), PLAIT_GRANULARITY_AUTO, 0);
	struct plait_trainer *forward = forward_trainer(again);
	struct plait_fit_options options = { .quiet = true };
	const char *path = files_path("forward.safetensors");
	struct plait_metrics a, b;
	float x[100 * 4], y[100 * 4];

	plait_fit(trained, s.set, &options);
	plait_trainer_save(trained, path);
	is_int(plait_trainer_load(forward, path), 0, "weights are loaded");
	ok(trained->store.state_bytes > 0 && forward->store.state_bytes == 0,
	   "there is no optimizer state");
	plait_evaluate(trained, s.set, NULL, &a);
	is_int(plait_evaluate(forward, s.set, NULL, &b), 0, "it evaluates");
	ok(a.loss_sum == b.loss_sum && a.correct == b.correct && b.has_accuracy,
	   "loss and accuracy are those of the one that was trained");
	plait_predict(trained, s.set, NULL, x);
	is_int(plait_predict(forward, s.set, NULL, y), 0, "it predicts");
	ok(memcmp(x, y, sizeof x) == 0, "the outputs too");
	refused(plait_fit(forward, s.set, &options), PLAIT_ESTATE, "forward_only", "plait_fit");
	plait_trainer_destroy(trained);
	plait_trainer_destroy(forward);
	plait_graph_destroy(net);
	plait_graph_destroy(again);
	samples_free(&s);
	unlink(path);
}

static void test_without_loss(void)
{
	struct samples s = samples_make(100, 6, 4, 0, 1);
	struct plait_graph *net = plait_graph_create(), *empty = plait_graph_create();
	struct plait_graph *plain = plait_graph_create();
	int64_t features = 6;
	struct plait_node *h =
		plait_model(plait_input(net, PLAIT_F32, 1, &features), "linear:16 relu");
	struct plait_node *logits = plait_linear(h, 4);
	struct plait_trainer *trainer = NULL;
	struct plait_trainer_options options = { .forward_only = true };
	struct plait_metrics metrics;
	float x[100 * 16], p[100 * 4];
	double sum = 0;

	plait_softmax(logits);
	trainer = forward_trainer(net);
	is_int(plait_predict(trainer, s.set, NULL, p), 0, "a graph without a loss predicts");
	for (int c = 0; c < 4; c++)
		sum += (double)p[99 * 4 + c];
	is_near(sum, 1, 1e-6, "its output is the last node: a softmax"); /* four roundings */
	refused(plait_evaluate(trainer, s.set, NULL, &metrics), PLAIT_EINVAL, "no loss",
		"it does not evaluate");
	plait_trainer_destroy(trainer);
	plait_output(h);
	trainer = forward_trainer(net);
	is_int(plait_predict(trainer, s.set, NULL, x), 0, "or the node that plait_output names");
	ok(x[99 * 16 + 3] >= 0, "of a relu");
	plait_trainer_destroy(trainer);
	refused(plait_trainer_create(&trainer, empty, &options), PLAIT_EINVAL, "computes nothing",
		"an empty graph");
	plait_relu(plait_input(plain, PLAIT_F32, 1, &features));
	trainer = forward_trainer(plain);
	is_int(plait_predict(trainer, s.set, NULL, x), 0, "a graph without parameters predicts");
	is_near(x[0], s.x[0] > 0 ? s.x[0] : 0, 0, "relu of the first number");
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_graph_destroy(empty);
	plait_graph_destroy(plain);
	samples_free(&s);
}

int main(void)
{
	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	test_same();
	test_without_loss();
	plait_stop();
	return tap_done();
}
