/* SPDX-License-Identifier: MIT
 * What planning costs: chains of linear and relu layers of growing length, at granularity op,
 * with 1 shard and with 4.  The time should grow as the number of nodes does.
 *
 * usage: plan     prints "<nodes>_nodes_<shards>_shards SECONDS s" for each, and
 *                 "<nodes>_nodes_trainer SECONDS s" for what comes before the plan */
#include "config.h"
#include "src/loader/feed.h"
#include "src/trainer/trainer.h"
#include "tests/bench/job.h"

#include <stdio.h>

enum { WIDTH = 4, BATCH = 8, NODES_PER_LAYER = 14 };

static struct plait_graph *chain(int layers)
{
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ WIDTH });

	for (int i = 0; i < layers; i++)
		x = plait_relu(plait_linear(x, WIDTH));
	plait_cross_entropy(x, plait_labels(net));
	bench_check(plait_graph_status(net), "a chain of layers");
	return net;
}

static double seconds_to_plan(const struct plait_trainer *trainer, int shards)
{
	struct plait__slot_layout slot = { .bytes = 4096 };
	struct plait__plan_options options = { .mode = PLAIT__TRAIN,
					       .granularity = PLAIT_GRANULARITY_OP,
					       .split.shards = shards,
					       .batch_size = BATCH,
					       .slot = &slot };
	struct plait__plan *plan = NULL;
	double start = bench_now(), seconds;

	bench_check(plait__plan_create(&plan, trainer->graph, &trainer->store, &options), "a plan");
	seconds = bench_now() - start;
	plait__plan_destroy(plan);
	return seconds;
}

static void measure(int nodes)
{
	struct plait_trainer_options options = { .optimizer = plait_adam(0.001) };
	struct plait_graph *net = chain(nodes / NODES_PER_LAYER);
	struct plait_trainer *trainer = NULL;
	double start = bench_now();

	bench_check(plait_trainer_create(&trainer, net, &options), "a trainer");
	printf("%d_nodes_trainer %.6f s\n", nodes, bench_now() - start);
	for (int shards = 1; shards <= 4; shards += 3)
		printf("%d_nodes_%d_shards %.6f s\n", nodes, shards,
		       seconds_to_plan(trainer, shards));
	fflush(stdout);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
}

int main(void)
{
	bench_check(plait_start(NULL), "StarPU");
	measure(1000);
	measure(5000);
	measure(20000);
	plait_stop();
	return 0;
}
