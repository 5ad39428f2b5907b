/* SPDX-License-Identifier: MIT
 * 3. Training a classifier.
 *
 * 10,000 random samples of 10 features and 2 classes, a network 10-50-2, Adam, 5 epochs.
 * Labels are random too, so there is nothing to learn but the samples themselves: the loss
 * starts at log 2 = 0.6931 and hardly falls.  This program shows:
 *   - data in memory as a data set
 *   - plait_fit: loader, forward, backward and updates, all of them tasks, no loop of yours
 *   - hearing of it: a callback for events
 *
 * usage: 03_classify [SAMPLES [EPOCHS]] */
#include <plait.h>

#include <stdlib.h>

#define FEATURES 10
#define CLASSES 2

/* A fixed sequence of numbers in [0,1), the same on every machine. */
static float uniform(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (float)(*state >> 40) * 0x1p-24f;
}

/* Samples around 0, labels by lot.  The data set reads these arrays in place, so they stay. */
static int make_data(struct plait_dataset **data_p, float *x, int32_t *y, int64_t samples)
{
	uint64_t state = 1;

	for (int64_t i = 0; i < samples * FEATURES; i++)
		x[i] = 4 * uniform(&state) - 2;
	for (int64_t i = 0; i < samples; i++)
		y[i] = (int32_t)(CLASSES * uniform(&state));
	return plait_dataset_from_memory(
		data_p,
		&(struct plait_tensor){
			.dtype = PLAIT_F32, .ndim = 2, .dim = { samples, FEATURES }, .data = x },
		&(struct plait_tensor){
			.dtype = PLAIT_I32, .ndim = 1, .dim = { samples }, .data = y },
		CLASSES);
}

/* Called in this program's own thread, between tasks, never inside one. */
static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f\n", event->epoch, event->epochs,
		       plait_metrics_loss(event->train));
	return 0; /* anything else would stop the run */
}

static int train(struct plait_graph *net, struct plait_dataset *data, int epochs)
{
	struct plait_trainer *trainer = NULL;
	struct plait_node *x = plait_input(net, PLAIT_F32, 1, (int64_t[]){ FEATURES });

	x = plait_relu(plait_linear(x, 50));
	x = plait_linear(x, CLASSES);
	plait_cross_entropy(x, plait_labels(net)); /* softmax is inside */

	int status = plait_trainer_create(
		&trainer, net, &(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	if (status == 0)
		status = plait_fit(trainer, data,
				   &(struct plait_fit_options){ .epochs = epochs,
								.loader.batch_size = 32,
								.loader.shuffle = true,
								.loader.workers = 4,
								.on_event = print_epoch });
	plait_trainer_destroy(trainer);
	return status;
}

int main(int argc, char **argv)
{
	int64_t samples = argc > 1 ? atoll(argv[1]) : 10000;
	int epochs = argc > 2 ? atoi(argv[2]) : 5;
	float *x = calloc((size_t)samples * FEATURES, sizeof *x);
	int32_t *y = calloc((size_t)samples, sizeof *y);
	struct plait_graph *net = plait_graph_create();
	struct plait_dataset *data = NULL;
	int status = 0;

	if (!net || !x || !y) {
		fprintf(stderr, "no memory for %lld samples\n", (long long)samples);
		return 1;
	}
	status = plait_start(NULL);
	if (status == 0)
		status = make_data(&data, x, y, samples);
	if (status == 0)
		status = train(net, data, epochs);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_graph_destroy(net);
	plait_dataset_destroy(data);
	plait_stop();
	free(x);
	free(y);
	return status < 0;
}
