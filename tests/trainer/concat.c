/* SPDX-License-Identifier: MIT
 * A layer that joins twenty: it trains to the same bits however it is cut into tasks and into parts
 * of a batch. */
#include "config.h"
#include "tests/trainer/split.h"

enum { PARTS = 20 };

static struct plait_graph *net_of_parts(void)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 6 }), *part[PARTS];

	for (int i = 0; i < PARTS; i++)
		part[i] = plait_linear(x, 1 + i % 3);
	x = plait_relu(plait_concat(PARTS, part, 0));
	plait_cross_entropy(plait_linear(x, 4), plait_labels(net));
	return net;
}

static void train(const struct samples *s, const struct split *split, enum plait_granularity grain,
		  struct trained *r)
{
	struct plait_graph *net = net_of_parts();

	trained_run(s, net, split_trainer(net, split, grain), split_batch(split), r);
}

int main(void)
{
	static const struct split splits[] = {
		{ .name = "whole batches", .shards = 1 },
		{ .name = "2 shards", .shards = 2 },
		{ .name = "2 replicas", .replicas = 2 },
	};
	static struct trained first[2], other;
	struct samples s = samples_make(SAMPLES, 6, 4, 0, 3);

	if (plait_start(&(struct plait_start_options){ .cpu_workers = 2 }) < 0)
		tap_bail_out("%s", plait_error_message());
	train(&s, &splits[0], PLAIT_GRANULARITY_LAYER, &first[0]);
	train(&s, &splits[1], PLAIT_GRANULARITY_LAYER, &first[1]);
	ok(first[0].losses.count > 0, "a network with a layer of %d inputs trains", PARTS);
	for (int i = 0; i < 3; i++)
		for (int g = 0; g < grains_of(2); g++) {
			train(&s, &splits[i], grains[g], &other);
			ok(trained_equal(&first[i > 0], &other), "%s, %s: the same bits",
			   splits[i].name, grain_name[g]);
		}
	plait_stop();
	samples_free(&s);
	return tap_done();
}
