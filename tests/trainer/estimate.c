/* SPDX-License-Identifier: MIT
 * What a plan's costs say of ways to cut a batch: shards pay where a step has much work and not
 * where it has little, and no step is run to know it. */
#include "config.h"
#include "tests/nets.h"

/* Seconds of a step of a network of these layers, of 64 features and 10 classes. */
static double estimate(const char *words, int64_t batch, struct plait_trainer_options options)
{
	struct samples data = samples_make(256, 64, 10, 0, 1);
	struct plait_graph *net = net_make(64, words, false);
	struct plait_trainer *trainer = NULL;
	struct plait_fit_options fit = { .loader = { .batch_size = batch } };
	struct plait_tensor weight;
	double seconds = -1, again = -1;
	float first;

	options.optimizer = plait_sgd(0.1);
	if (plait_trainer_create(&trainer, net, &options) < 0 ||
	    plait_trainer_parameter(trainer, 0, &weight) < 0)
		tap_bail_out("%s", plait_error_message());
	first = *(const float *)weight.data;
	if (plait_trainer_estimate(trainer, data.set, &fit, &seconds) < 0 ||
	    plait_trainer_estimate(trainer, data.set, &fit, &again) < 0)
		tap_bail_out("%s", plait_error_message());
	ok(seconds > 0 && seconds < 1, "%s: a step takes time", words);
	is_near(again, seconds, 0, "%s: costs are no measurement", words);
	is_int(plait_trainer_steps(trainer), 0, "%s: no step was run", words);
	is_near(*(const float *)weight.data, first, 0, "%s: the weights are as they were", words);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	samples_free(&data);
	return seconds;
}

static struct plait_trainer_options shards(int count)
{
	return (struct plait_trainer_options){ .shards = count };
}

int main(void)
{
	static const char large[] = "linear:1024 relu linear:1024 relu linear:10",
			  small[] = "linear:8 relu linear:10";
	double one, two;

	if (plait_start(NULL) < 0)
		tap_bail_out("%s", plait_error_message());
	if (plait_cpu_workers() < 2 || plait_cuda_workers() > 0)
		tap_skip_all("it needs two CPU workers and no GPU");
	one = estimate(large, 256, shards(1));
	two = estimate(large, 256, shards(2));
	ok(two < one, "two shards of much work are faster");
	ok(two > one / 2, "but not more than twice as fast: updates are not cut");
	one = estimate(small, 16, shards(1));
	two = estimate(small, 16, shards(2));
	ok(two > one, "two shards of little work are slower: they are more tasks");
	one = estimate(small, 16,
		       (struct plait_trainer_options){ .granularity = PLAIT_GRANULARITY_STEP });
	two = estimate(small, 16,
		       (struct plait_trainer_options){ .granularity = PLAIT_GRANULARITY_OP });
	ok(two > one, "so does a task for each op");
	one = estimate(small, 16,
		       (struct plait_trainer_options){ .granularity = PLAIT_GRANULARITY_STEP });
	two = estimate(small, 16,
		       (struct plait_trainer_options){ .granularity = PLAIT_GRANULARITY_RUN,
						       .steps_per_task = 16 });
	ok(two < one, "a task of several steps costs each of them less");
	plait_stop();
	return tap_done();
}
