/* SPDX-License-Identifier: MIT
 * 4. Fitting numbers instead of classes.
 *
 * A linear layer 10-10 under the mean squared error, 100 samples, plain SGD.  The targets
 * are random, so the best such a layer can do is the ordinary least squares fit, which the
 * loss comes down to.  New here:
 *   - target vectors in place of labels, and another loss
 *   - looking at the parameters afterwards
 *   - using the network: plait_predict
 *
 * usage: 04_regress [SAMPLES [EPOCHS]] */
#include <plait.h>

#include <stdlib.h>

#define FEATURES 10
#define OUTPUTS 10

static float uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (float)(*state >> 40) * 0x1p-24f;
}

static float *random_matrix(int64_t rows, int64_t columns, uint64_t *state)
{
	float *p = calloc((size_t)(rows * columns), sizeof *p);

	for (int64_t i = 0; p && i < rows * columns; i++)
		p[i] = 4 * uniform(state) - 2;
	return p;
}

static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f\n", event->epoch, event->epochs,
		       plait_metrics_loss(event->train));
	return 0;
}

/* A parameter is a tensor in the trainer's memory, named as in a PyTorch state_dict. */
static void print_parameters(struct plait_trainer *trainer)
{
	struct plait_tensor t;
	char shape[64];

	for (int i = 0; i < plait_trainer_parameters(trainer); i++)
		if (plait_trainer_parameter(trainer, i, &t) == 0)
			printf("%s %s, first value %.4f\n", t.name,
			       plait_shape_text(t.ndim, t.dim, shape, sizeof shape),
			       *(float *)t.data);
}

static int train(struct plait_graph *net, struct plait_dataset *data, int epochs, float *out)
{
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ FEATURES });

	x = plait_linear(x, OUTPUTS);
	plait_mse(x, plait_targets(net, OUTPUTS));

	int status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_sgd(0.01) });
	if (status == 0)
		status = plait_fit(trainer, data,
				   &(struct plait_fit_options){ .epochs = epochs,
								.loader.batch_size = 10,
								.on_event = print_epoch });
	if (status == 0)
		status = plait_predict(trainer, data, NULL, out);
	if (status == 0)
		print_parameters(trainer);
	plait_trainer_destroy(trainer);
	return status;
}

int main(int argc, char **argv)
{
	int64_t samples = argc > 1 ? atoll(argv[1]) : 100;
	int epochs = argc > 2 ? atoi(argv[2]) : 20;
	uint64_t state = 2;
	float *x = random_matrix(samples, FEATURES, &state),
	      *y = random_matrix(samples, OUTPUTS, &state);
	float *out = random_matrix(samples, OUTPUTS, &state);
	struct plait_tensor inputs = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { samples, FEATURES }, .data = x
	};
	struct plait_tensor targets = {
		.dtype = PLAIT_F32, .ndim = 2, .dim = { samples, OUTPUTS }, .data = y
	};
	struct plait_graph *net = plait_graph_create();
	struct plait_dataset *data = NULL;
	int status = 0;

	if (!net || !x || !y || !out) {
		fprintf(stderr, "no memory for %lld samples\n", (long long)samples);
		return 1;
	}
	status = plait_start(NULL);
	if (status == 0)
		status = plait_dataset_from_memory(&data, &inputs, &targets, 0);
	if (status == 0)
		status = train(net, data, epochs, out);
	if (status == 0)
		printf("sample 0, output 0: target %.4f, prediction %.4f\n", y[0], out[0]);
	else
		fprintf(stderr, "%s\n", plait_error_message());
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	free(x);
	free(y);
	free(out);
	return status < 0;
}
