/* SPDX-License-Identifier: MIT
 * 15. A sweep: one network with several learning rates at once.
 *
 * All members of a pool read the same batches, so these are loaded once.  New here:
 *   - plait_pool_run: members that differ, each with its name, its status and its metrics
 *
 * usage: 15_sweep [SAMPLES] */
#include <plait.h>

#include <stdlib.h>

enum { RATES = 4 };

static const double rates[RATES] = { 0.1, 0.01, 0.001, 0.0001 };

static void print_best(const struct plait_pool_member *member)
{
	int best = 0;

	for (int i = 0; i < RATES; i++) {
		double loss = plait_metrics_loss(&member[i].metrics);

		printf("%-10s %s %.4f\n", member[i].name,
		       member[i].status < 0 ? member[i].message : "loss", loss);
		if (loss < plait_metrics_loss(&member[best].metrics))
			best = i;
	}
	printf("best: %s\n", member[best].name);
}

int main(int argc, char **argv)
{
	struct plait_fit_options fit = { .epochs = 3,
					 .loader = { .batch_size = 64, .shuffle = true },
					 .quiet = true };
	struct plait_pool_member member[RATES] = { 0 };
	struct plait_graph *net[RATES] = { NULL };
	struct plait_dataset *data = NULL;
	char spec[64], name[RATES][32];
	int status = plait_start(NULL);

	snprintf(spec, sizeof spec, "synthetic:%d,16,4", argc > 1 ? atoi(argv[1]) : 6400);
	if (status == 0)
		status = plait_dataset_open(&data, spec);
	for (int i = 0; i < RATES && status == 0; i++) {
		struct plait_trainer_options how = { .optimizer = plait_sgd(rates[i]) };

		net[i] = plait_graph_create();
		plait_cross_entropy(
			plait_model(plait_input(net[i], PLAIT_F32, 1, (int64_t[]){ 16 }),
				    "linear:64 relu linear:4"),
			plait_labels(net[i]));
		snprintf(name[i], sizeof name[i], "lr=%g", rates[i]);
		member[i] = (struct plait_pool_member){ .dataset = data,
							.options = &fit,
							.name = name[i] };
		status = plait_trainer_create(&member[i].trainer, net[i], &how);
	}
	if (status == 0)
		status = plait_pool_run(member, RATES);
	if (status == 0)
		print_best(member);
	else
		fprintf(stderr, "%s\n", plait_error_message());
	for (int i = 0; i < RATES; i++) {
		plait_trainer_destroy(member[i].trainer);
		plait_graph_destroy(net[i]);
	}
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
