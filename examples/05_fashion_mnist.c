/* SPDX-License-Identifier: MIT
 * 5. Real data.
 *
 * Fashion-MNIST: 60,000 small grey images of clothes in 10 classes, 10,000 more to test on
 * (Debian: apt-get install dataset-fashion-mnist; elsewhere PLAIT_DATA names the folder of
 * its four files).  New here:
 *   - a data set by its specification; images become numbers in [0,1] and are normalised
 *   - validation after every epoch, by tasks that follow the epoch's last update
 *   - Ctrl-C: the run ends after the steps in flight, and the weights are saved all the same
 *   - the weights in a safetensors file, which PyTorch reads
 *
 * usage: 05_fashion_mnist [EPOCHS [FILE]] */
#include <plait.h>

#include <signal.h>
#include <stdlib.h>

static volatile int interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int print_epoch(void *user, const struct plait_event *event)
{
	(void)user;
	if (event->kind == PLAIT_EVENT_EPOCH)
		printf("Epoch %d/%d, Loss: %.4f, Accuracy: %.4f, Validation accuracy: %.4f, %.0f "
		       "samples/s\n",
		       event->epoch, event->epochs, plait_metrics_loss(event->train),
		       plait_metrics_accuracy(event->train),
		       plait_metrics_accuracy(event->validation), event->samples_per_second);
	fflush(stdout);
	return 0;
}

/* The image is flattened into 784 numbers on its way into the first layer. */
static void build(struct plait_graph *net)
{
	struct plait_node *x = plait_input(net, PLAIT_F32, 2, (int64_t[]){ 28, 28 });

	x = plait_model(x, "flatten linear:256 relu linear:128 relu linear:10");
	plait_cross_entropy(x, plait_labels(net));
}

static int train(struct plait_trainer *trainer, struct plait_dataset *train_set,
		 struct plait_dataset *test_set, int epochs, const char *path)
{
	int status = plait_fit(
		trainer, train_set,
		&(struct plait_fit_options){ .epochs = epochs,
					     .loader.batch_size = 64,
					     .loader.shuffle = true,
					     .validation = test_set,
					     /* mean and standard deviation of all its pixels */
					     .loader.normalize = { .channels = 1,
								   .mean = { 0.2860f },
								   .std = { 0.3530f } },
					     .on_event = print_epoch,
					     .stop = &interrupted });
	int saved = status == 0 || status == PLAIT_EINTERRUPTED ? plait_trainer_save(trainer, path)
								: status;

	if (saved == 0)
		printf("weights are in %s\n", path);
	return saved < 0 ? saved : status;
}

int main(int argc, char **argv)
{
	int epochs = argc > 1 ? atoi(argv[1]) : 5;
	const char *path = argc > 2 ? argv[2] : "fashion-mnist.safetensors";
	struct plait_dataset *train_set = NULL, *test_set = NULL;
	struct plait_trainer *trainer = NULL;
	struct plait_graph *net = plait_graph_create();
	int status = plait_start(NULL);

	signal(SIGINT, interrupt);
	build(net);
	if (status == 0)
		status = plait_dataset_open(&train_set, "fashion-mnist:train");
	if (status == 0)
		status = plait_dataset_open(&test_set, "fashion-mnist:test");
	if (status == 0)
		status = plait_trainer_create(
			&trainer, net,
			&(struct plait_trainer_options){ .optimizer = plait_adam(0.001) });
	if (status == 0)
		status = train(trainer, train_set, test_set, epochs, path);
	if (status < 0)
		fprintf(stderr, "%s\n", plait_error_message());
	plait_trainer_destroy(trainer);
	plait_graph_destroy(net);
	plait_dataset_destroy(test_set);
	plait_dataset_destroy(train_set);
	plait_stop();
	return status < 0;
}
