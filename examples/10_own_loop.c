/* SPDX-License-Identifier: MIT
 * 10. A training loop of your own.
 *
 * A run submits steps and does not wait for them: loads run ahead, and a window of steps is in
 * flight while your loop goes on.  The loop waits only where it asks for something.  New here:
 *   - plait_run_step, which submits a step, and tells the end of an epoch
 *   - a learning rate that falls from step to step, as a schedule says
 *   - a loss that is read every ten steps, ten steps late, so that nobody waits for it
 *   - evaluating between two steps
 *
 * usage: 10_own_loop [EPOCHS] */
#include <plait.h>

#include <stdlib.h>

#define LR 0.005
#define EPOCH 63 /* steps: 2000 samples in batches of 32 */

static int train(struct plait_run *run, int64_t steps)
{
	const struct plait_schedule linear = plait_linear_lr(1, 0);
	const struct plait_schedule_run all = { .lr = LR,
						.epoch_steps = EPOCH,
						.total_steps = steps };
	int status = 0;
	float loss;

	for (int64_t step = 0; status >= 0 && step < steps; step = plait_run_submitted(run)) {
		plait_run_set_lr(run, plait_schedule_lr(&linear, &all, step));
		status = plait_run_step(run);
		/* There is no such step at first. */
		if (status == 0 && step % 10 == 0 && plait_run_loss(run, step - 10, &loss) == 0)
			printf("step %ld  loss %.4f\n", step - 10, loss);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct plait_trainer_options training = { .optimizer = plait_adam(LR) };
	struct plait_run_options batches = { .loader = { .batch_size = 32, .shuffle = true } };
	struct plait_graph *net = plait_graph_create();
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ 8 });
	struct plait_dataset *data = NULL;
	struct plait_trainer *trainer = NULL;
	struct plait_run *run = NULL;
	struct plait_metrics metrics;

	plait_cross_entropy(plait_model(x, "linear:32 relu linear:4"), plait_labels(net));
	/* The first that fails ends this, and keeps the message. */
	bool failed = plait_start(NULL) < 0 ||
		      plait_dataset_open(&data, "synthetic:2000,8,4") < 0 ||
		      plait_trainer_create(&trainer, net, &training) < 0 ||
		      plait_run_open(&run, trainer, data, &batches) < 0 ||
		      train(run, EPOCH * (argc > 1 ? atoi(argv[1]) : 2)) < 0 ||
		      plait_evaluate(trainer, data, NULL, &metrics) < 0;
	if (failed)
		fprintf(stderr, "%s\n", plait_error_message());
	else
		printf("after training: loss %.4f\n", plait_metrics_loss(&metrics));
	plait_run_close(run);
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	return failed;
}
