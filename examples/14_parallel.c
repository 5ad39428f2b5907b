/* SPDX-License-Identifier: MIT
 * 14. Ways to use many workers on one network.
 *
 * The same network is trained three times from the same parameters: a batch in two shards, by two
 * replicas, and in a pipeline of two stages with two microbatches.  What is cut in the same places
 * has the same bits, so all three print the same loss.  New here:
 *   - struct plait_trainer_options: shards, replicas, microbatches
 *   - plait_place: where a layer is computed
 *
 * usage: 14_parallel [SAMPLES] */
#include <plait.h>

#include <stdlib.h>

/* Trains the network once; place: whether its layers are on two workers. */
static int train(struct plait_dataset *data, const char *what,
		 const struct plait_trainer_options *options, bool place)
{
	const int64_t features = plait_dataset_info(data)->dim[0];
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, &features);
	struct plait_trainer *trainer = NULL;
	struct plait_metrics metrics;
	struct plait_fit_options fit = { .epochs = 3,
					 .loader = { .batch_size = 64, .shuffle = true },
					 .quiet = true,
					 .metrics = &metrics };
	int status;

	x = plait_relu(plait_linear(x, 64));
	if (place)
		x = plait_place(x, "cpu0");
	x = plait_linear(x, 4);
	if (place) /* where the machine has one core only, both stages are there */
		x = plait_place(x, plait_cpu_workers() > 1 ? "cpu1" : "cpu0");
	plait_cross_entropy(x, plait_labels(net));
	status = plait_trainer_create(&trainer, net, options);
	if (status == 0)
		status = plait_fit(trainer, data, &fit);
	if (status == 0)
		printf("%-22s loss %.8f\n", what, plait_metrics_loss(&metrics));
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	return status;
}

int main(int argc, char **argv)
{
	struct plait_trainer_options shards = { .optimizer = plait_adam(0.01), .shards = 2 };
	struct plait_trainer_options replicas = { .optimizer = plait_adam(0.01), .replicas = 2 };
	struct plait_trainer_options stages = { .optimizer = plait_adam(0.01), .microbatches = 2 };
	struct plait_dataset *data = NULL;
	char spec[64];
	int status = plait_start(NULL);

	snprintf(spec, sizeof spec, "synthetic:%d,16,4", argc > 1 ? atoi(argv[1]) : 6400);
	if (status == 0)
		status = plait_dataset_open(&data, spec);
	if (status == 0)
		status = train(data, "two shards:", &shards, false);
	if (status == 0)
		status = train(data, "two replicas:", &replicas, false);
	if (status == 0)
		status = train(data, "two stages:", &stages, true);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
