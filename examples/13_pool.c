/* SPDX-License-Identifier: MIT
 * 13. A pool: several copies of a network at once.
 *
 * Four copies of a linear layer 10-10, each from parameters of its own, are trained at once on the
 * same 100 samples (mean squared error, SGD), which are loaded once for all of them.  New here:
 *   - plait_pool_fit, in place of a process for each copy
 *   - plait_pool_forward: outputs and losses of all copies
 *   - plait_pool_backward: losses and gradients, which stay to be read; nothing is updated
 *
 * usage: 13_pool [EPOCHS] */
#include <plait.h>

#include <stdlib.h>

enum { COPIES = 4, SAMPLES = 100, WIDTH = 10 };

static float x[SAMPLES * WIDTH], y[SAMPLES * WIDTH], outputs[COPIES][SAMPLES * WIDTH];

static float uniform(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (float)(state >> 40) * 0x1p-24f;
}

static double average(const double *losses)
{
	double sum = 0;

	for (int i = 0; i < COPIES; i++)
		sum += losses[i];
	return sum / COPIES;
}

static int work(struct plait_trainer *const *copies, struct plait_dataset *data, int epochs)
{
	const struct plait_fit_options training = { .epochs = epochs,
						    .loader.batch_size = 10,
						    .quiet = true };
	float *where[COPIES] = { outputs[0], outputs[1], outputs[2], outputs[3] };
	struct plait_tensor gradient;
	double losses[COPIES];
	int status = plait_pool_fit(copies, COPIES, data, &training, losses);

	if (status == 0)
		printf("trained:  average loss %.4f\n", average(losses));
	if (status == 0)
		status = plait_pool_forward(copies, COPIES, data, NULL, where, losses);
	if (status == 0)
		printf("forward:  average loss %.4f, first output of copy 1 %.4f\n",
		       average(losses), outputs[0][0]);
	if (status == 0)
		status = plait_pool_backward(copies, COPIES, data, NULL, losses);
	if (status == 0)
		status = plait_trainer_gradient(copies[0], 0, &gradient);
	if (status == 0)
		printf("backward: average loss %.4f, first gradient of copy 1 %.4f\n",
		       average(losses), *(float *)gradient.data);
	return status;
}

int main(int argc, char **argv)
{
	struct plait_tensor inputs = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, WIDTH }, .data = x
	};
	struct plait_tensor targets = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { SAMPLES, WIDTH }, .data = y
	};
	struct plait_graph *net[COPIES] = { NULL };
	struct plait_trainer *copies[COPIES] = { NULL };
	struct plait_dataset *data = NULL;
	int status = plait_start(NULL);

	for (int i = 0; i < SAMPLES * WIDTH; i++) {
		x[i] = uniform();
		y[i] = uniform();
	}
	if (status == 0)
		status = plait_dataset_from_memory(&data, &inputs, &targets, 0);
	for (int i = 0; i < COPIES && status == 0; i++) {
		struct plait_trainer_options how = { .optimizer = plait_sgd(0.01), .seed = i };

		net[i] = plait_graph_create();
		plait_mse(plait_linear(plait_input(net[i], PLAIT_F32, 1, (int64_t[]){ WIDTH }),
				       WIDTH),
			  plait_targets(net[i], WIDTH));
		status = plait_trainer_create(&copies[i], net[i], &how);
	}
	if (status == 0)
		status = work(copies, data, argc > 1 ? atoi(argv[1]) : 10);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	for (int i = 0; i < COPIES; i++) {
		plait_trainer_destroy(copies[i]);
		plait_graph_destroy(net[i]);
	}
	plait_dataset_destroy(data);
	plait_stop();
	return status < 0;
}
