/* SPDX-License-Identifier: MIT
 * A network with residuals from words: it is, bit for bit, the one that builders make, however it
 * is cut into tasks, into parts of a batch and into stages, and its values have names. */
#include "config.h"
#include "src/graph/graph.h"
#include "tests/trainer/split.h"

#define WORDS \
	"linear:12 relu residual{linear:12 gelu linear:12} relu " \
	"residual{linear:9 residual{tanh linear:9}|linear:9} linear:4"

static struct plait_graph *built_net(void)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 }), *y, *z;

	x = plait_relu(plait_linear(x, 12));
	x = plait_relu(plait_add(plait_linear(plait_gelu(plait_linear(x, 12)), 12), x));
	y = plait_linear(x, 9);
	y = plait_add(plait_linear(plait_tanh(y), 9), y);
	z = plait_linear(x, 9);
	plait_cross_entropy(plait_linear(plait_add(y, z), 4), plait_labels(net));
	return net;
}

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  bool built, struct trained *r)
{
	struct plait_graph *net = built ? built_net() : net_make(6, WORDS, false);

	if (split->placed && plait_place_words(net, "0-2:cpu0 3:cpu1 4-:cpu0") < 0)
		tap_bail_out("%s", plait_error_message());
	trained_run(s, net, split_trainer(net, split, grain), split_batch(split), r);
}

static void test_bits(const struct samples *s)
{
	static const struct split splits[] = {
		{ .name = "2 shards", .shards = 2 },
		{ .name = "2 microbatches in stages",
		  .shards = 1,
		  .microbatches = 2,
		  .placed = true },
		{ .name = "2 replicas", .replicas = 2 },
		{ .name = "2 batches of an update", .shards = 1, .accumulate = 2 },
	};
	static struct trained whole, first, other;

	if (plait_start(&(struct plait_start_options){ .policy = "prio", .cpu_workers = 2 }) < 0)
		tap_bail_out("%s", plait_error_message());
	train(s, &(struct split){ .shards = 1 }, PLAIT_GRANULARITY_LAYER, true, &whole);
	ok(whole.losses.count > 0, "the network of builders trains");
	for (int g = 0; g < grains_of(2); g++) {
		train(s, &(struct split){ .shards = 1 }, grains[g], false, &other);
		ok(trained_equal(&whole, &other), "whole batches, %s: the bits of builders",
		   grain_name[g]);
	}
	train(s, &splits[0], PLAIT_GRANULARITY_LAYER, true, &first);
	for (size_t i = 0; i < sizeof splits / sizeof *splits; i++)
		for (int g = 0; g < grains_of(2); g++) {
			train(s, &splits[i], grains[g], false, &other);
			ok(trained_equal(&first, &other), "%s, %s: the bits of builders in shards",
			   splits[i].name, grain_name[g]);
		}
	plait_stop();
}

/* -- names ------------------------------------------------------------------------------- */

static const float *value(struct plait_run *run, const char *name, int64_t rows, int64_t columns)
{
	struct plait_tensor t = { 0 };

	is_int(plait_run_value(run, name, &t), 0, "%s has a value", name);
	ok(t.ndim == 2 && t.dim[0] == rows && t.dim[1] == columns, "%s is [%d,%d]", name, (int)rows,
	   (int)columns);
	return t.data;
}

static void test_values(const struct samples *s)
{
	static const char *const keep[] = { "1.relu",
					    "2.body.2.linear",
					    "2.add",
					    "2.add.grad",
					    "2.body.2.linear.grad",
					    "4.body.1.body.1.weight.grad",
					    "4.shortcut.0.linear",
					    NULL };
	struct plait_graph *net = net_make(6, WORDS, false);
	struct plait_trainer *trainer;
	struct plait_run *run = NULL;
	const float *x, *body, *sum;
	int wrong = 0;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	trainer = trainer_make(net, plait_sgd(0.1), PLAIT_GRANULARITY_LAYER, 1);
	if (plait_run_open(
		    &run, trainer, s->set,
		    &(struct plait_run_options){ .loader.batch_size = BATCH, .keep = keep }) < 0)
		tap_bail_out("%s", plait_error_message());
	is_int(plait_run_step(run), 0, "a step");
	x = value(run, "1.relu", BATCH, 12);
	body = value(run, "2.body.2.linear", BATCH, 12);
	sum = value(run, "2.add", BATCH, 12);
	for (int i = 0; i < BATCH * 12; i++)
		wrong += sum[i] != body[i] + x[i];
	is_int(wrong, 0, "a residual is the sum of its body and what it reads");
	ok(memcmp(value(run, "2.add.grad", BATCH, 12),
		  value(run, "2.body.2.linear.grad", BATCH, 12), BATCH * 12 * sizeof(float)) == 0,
	   "the body's gradient is that of the sum");
	value(run, "4.body.1.body.1.weight.grad", 9, 9);
	value(run, "4.shortcut.0.linear", BATCH, 9);
	plait_run_close(run);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_stop();
}

static void test_places(void)
{
	struct plait_graph *net = net_make(6, WORDS, false);

	is_int(plait_place_words(net, "0:cpu0 2:cpu1 5:cpu0"), 0, "places by the outermost layers");
	for (int i = 0; i < net->nodes; i++) {
		const struct plait_node *node = net->node[i];
		bool second = strncmp(node->name, "2.", 2) == 0;

		if (node->phase == PLAIT_FORWARD && second)
			ok(node->device.kind == PLAIT__CPU && node->device.index == 1,
			   "%s is where its residual is", node->name);
	}
	refused(plait_place_words(net, "6:cpu0"), PLAIT_EINVAL, "it has 0 to 5", "a seventh layer");
	refused(plait_place_words(net, "2:cpu0 2:cpu1"), PLAIT_EINVAL, "layer 2 is placed twice",
		"a residual in two places");
	plait_graph_destroy(net);
}

int main(void)
{
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 1);

	test_bits(&s);
	test_values(&s);
	test_places();
	samples_free(&s);
	return tap_done();
}
